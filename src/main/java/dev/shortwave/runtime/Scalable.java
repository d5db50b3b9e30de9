package dev.shortwave.runtime;

import io.vertx.core.Future;

/** A verticle whose instances can be drained and undeployed one by one. */
public interface Scalable {

    /**
     * Stops accepting work. Called once, on the verticle's event loop.
     *
     * @return completes when all work of this instance has ended; then it is undeployed
     */
    Future<Void> drain();

    /** The current load. For any thread. */
    Load load();
}
