package dev.shortwave.click;

import io.vertx.core.Future;

/** Where redirects leave their clicks. Called on any event loop; futures complete on the caller's. */
public interface ClickLog {

    /**
     * Takes a click. Completes when the redirect may be answered: then the click is in PostgreSQL, or, while that is
     * away, kept until it is back.
     */
    Future<Void> append(Click click);

    /** Completes when every click taken before has been booked or counted as lost. */
    Future<Void> flush();
}
