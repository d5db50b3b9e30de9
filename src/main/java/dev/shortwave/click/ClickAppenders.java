package dev.shortwave.click;

import dev.shortwave.link.LinkTarget;
import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/** Where redirects leave their clicks. */
public interface ClickAppenders {

    /** Opens an appender for the calling verticle, to be used on its event loop. */
    Future<ClickAppender> open();

    /** Appends the clicks of one event loop. */
    interface ClickAppender {

        /**
         * Appends a click, before its redirect is answered. Never waits: when this returns, the click outlives the process
         * or, if there was no room for it, is counted as dropped.
         *
         * @param target what the redirect leads to
         * @param atMilliseconds when, since 1970
         * @param referrer the header as it came, or null
         * @param userAgent likewise
         */
        void append(LinkTarget target, long atMilliseconds, @Nullable String referrer, @Nullable String userAgent);

        /** Ends the stream; what was appended will be booked. */
        void close();
    }

    /**
     * Completes on the caller's event loop when every click taken before, by any event loop of this process, is in
     * PostgreSQL; at once while PostgreSQL is unavailable.
     */
    Future<Void> flush();
}
