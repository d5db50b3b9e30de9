package dev.shortwave.runtime;

/**
 * What a verticle instance has in hand.
 *
 * @param connections open connections of clients
 * @param requests requests that are not answered yet
 */
public record Load(int connections, int requests) {

    static final Load NONE = new Load(0, 0);

    Load plus(Load other) {
        return new Load(connections + other.connections, requests + other.requests);
    }
}
