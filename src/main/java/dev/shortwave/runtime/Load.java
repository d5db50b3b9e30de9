package dev.shortwave.runtime;

/**
 * The load of verticle instances.
 *
 * @param connections open connections of clients
 * @param requests requests without a response yet
 */
public record Load(int connections, int requests) {

    static final Load NONE = new Load(0, 0);

    Load plus(Load other) {
        return new Load(connections + other.connections, requests + other.requests);
    }
}
