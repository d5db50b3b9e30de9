package dev.shortwave.logging;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.spi.ILoggingEvent;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Hands lines to a thread of its own, so that an event loop never waits for the output. What its queue has no room for is
 * left out and counted. For any thread.
 */
final class AccessAppender extends AsyncAppender {

    static final String NAME = "access";

    static final int QUEUE_SIZE = 8_192;

    /** More than there are threads, each of which may put one line into the queue after it was found short of room. */
    private static final int RESERVE = 1_024;

    private final AtomicLong dropped = new AtomicLong();

    AccessAppender() {
        setName(NAME);
        setQueueSize(QUEUE_SIZE + RESERVE);
        setDiscardingThreshold(RESERVE);
        setNeverBlock(true);
    }

    /** Asked only when the queue is nearly full. */
    @Override
    protected boolean isDiscardable(ILoggingEvent line) {
        dropped.incrementAndGet();
        return true;
    }

    /** Lines left out since the start. */
    long dropped() {
        return dropped.get();
    }
}
