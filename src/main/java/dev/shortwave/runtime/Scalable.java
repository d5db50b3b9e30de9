package dev.shortwave.runtime;

import io.vertx.core.Future;

/** A verticle of which single instances can go while the others serve on. */
public interface Scalable {

    /**
     * Takes no new work from now on. Called once, on the verticle's event loop.
     *
     * @return completes when all that this instance had in hand is done; then it is undeployed
     */
    Future<Void> drain();

    /** What it has in hand now. For any thread. */
    Load load();
}
