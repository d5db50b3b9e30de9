package dev.shortwave.verticle;

/**
 * What a verticle instance has in hand.
 *
 * @param connections open connections of clients
 * @param requests requests that are not answered yet
 */
public record Workload(int connections, int requests) {

    static final Workload NONE = new Workload(0, 0);

    Workload plus(Workload other) {
        return new Workload(connections + other.connections, requests + other.requests);
    }
}
