package dev.shortwave.metrics;

import io.netty.util.concurrent.EventExecutor;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.concurrent.TimeUnit;

/** How late one event loop is, by a task that it should run ten times a second, and how much processor it takes. */
final class EventLoopMeter {

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final long NANOSECONDS = TimeUnit.SECONDS.toNanos(1);
    private static final long INTERVAL = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long WINDOW = TimeUnit.SECONDS.toNanos(15);

    private volatile long threadId = -1;
    private volatile long longest;
    private volatile long previousLongest;
    private long windowStart = System.nanoTime();
    private volatile long due = windowStart + INTERVAL;

    EventLoopMeter(EventExecutor loop) {
        loop.scheduleWithFixedDelay(this::measure, INTERVAL, INTERVAL, TimeUnit.NANOSECONDS);
    }

    /** On the event loop. */
    private void measure() {
        long now = System.nanoTime();
        if (threadId < 0) {
            threadId = Thread.currentThread().getId();
        }
        if (now - windowStart > WINDOW) {
            previousLongest = longest;
            longest = 0;
            windowStart = now;
        }
        longest = Math.max(longest, now - due);
        due = now + INTERVAL;
    }

    /** The longest delay of this window and the one before it, and of the task that waits now. */
    double lagSeconds() {
        long waits = System.nanoTime() - due;
        return (double) Math.max(waits, Math.max(longest, previousLongest)) / NANOSECONDS;
    }

    /** Processor time since the start. */
    double busySeconds() {
        long time = threadId < 0 ? 0 : THREADS.getThreadCpuTime(threadId);
        return Math.max(0, time) / (double) NANOSECONDS;
    }
}
