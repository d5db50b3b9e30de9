package dev.shortwave.metrics;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counts the redirects of one event loop, and the time that they took, at the price of a few plain additions. Written by
 * its event loop only, read by any thread.
 */
public final class RedirectMeter {

    /** Where links are found, in the order of the numbers that callers give. */
    static final String[] SOURCES = {"memory", "redis", "database", "last_known"};

    /** Upper bounds, in nanoseconds, of all buckets but the last. */
    static final long[] BOUNDS = {
        20_000,
        50_000,
        100_000,
        200_000,
        500_000,
        1_000_000,
        2_000_000,
        5_000_000,
        10_000_000,
        20_000_000,
        50_000_000,
        100_000_000,
        200_000_000,
        500_000_000,
        1_000_000_000,
        2_000_000_000,
        5_000_000_000L
    };

    private static final int NOT_FOUND = SOURCES.length;
    private static final int FAILED = 2 * SOURCES.length;

    private final AtomicLongArray outcomes = new AtomicLongArray(2 * SOURCES.length + 1);
    private final AtomicLongArray buckets = new AtomicLongArray(BOUNDS.length + 1);
    private final AtomicLongArray sum = new AtomicLongArray(1);

    RedirectMeter() {}

    /**
     * A redirect was answered.
     *
     * @param source where the link was found: memory, Redis, PostgreSQL, or what was known last, from 0
     * @param nanoseconds from the request to the answer
     */
    public void recordRedirect(int source, long nanoseconds) {
        add(outcomes, source, 1);
        record(nanoseconds);
    }

    /** A 404 was answered. */
    public void recordNotFound(int source, long nanoseconds) {
        add(outcomes, NOT_FOUND + source, 1);
        record(nanoseconds);
    }

    /** Nobody could say where the code leads. */
    public void recordFailure(long nanoseconds) {
        add(outcomes, FAILED, 1);
        record(nanoseconds);
    }

    private void record(long nanoseconds) {
        int bucket = 0;
        while (bucket < BOUNDS.length && nanoseconds > BOUNDS[bucket]) {
            bucket++;
        }
        add(buckets, bucket, 1);
        add(sum, 0, nanoseconds);
    }

    /** There is one writer, so nothing has to be locked. */
    private static void add(AtomicLongArray counts, int at, long more) {
        counts.setOpaque(at, counts.getPlain(at) + more);
    }

    long redirects(int source) {
        return outcomes.getOpaque(source);
    }

    long notFound(int source) {
        return outcomes.getOpaque(NOT_FOUND + source);
    }

    long failed() {
        return outcomes.getOpaque(FAILED);
    }

    long bucket(int bucket) {
        return buckets.getOpaque(bucket);
    }

    long sumNanoseconds() {
        return sum.getOpaque(0);
    }
}
