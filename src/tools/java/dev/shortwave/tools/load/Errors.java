package dev.shortwave.tools.load;

import java.util.concurrent.atomic.AtomicLong;

/** Counts what went wrong, and prints the first few on standard error. For any thread. */
public final class Errors {

    private static final int MAX_PRINTED = 5;

    private final AtomicLong count = new AtomicLong();

    public void add(String text) {
        if (count.incrementAndGet() <= MAX_PRINTED) {
            System.err.println(text);
        }
    }

    public long count() {
        return count.get();
    }
}
