package dev.shortwave.tracing;

import dev.shortwave.config.Config;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Says which requests have spans. A caller's wish counts, but anybody can send one, so there is a limit to it in each second;
 * nor does the trace id decide, which the caller chooses too. Thread-safe.
 */
final class RateLimitingSampler {

    private static final int COUNT_BITS = 20;
    private static final long COUNT = (1L << COUNT_BITS) - 1;

    private final double samplingRatio;
    private final int callersPerSecond;
    private final LongSupplier nanoseconds;
    private final long begun;

    /** The second since the beginning, and behind it how many callers had their wish in it. */
    private final AtomicLong secondAndCount = new AtomicLong();

    /**
     * @param nanoseconds the time, of any origin
     */
    RateLimitingSampler(Config.Tracing config, LongSupplier nanoseconds) {
        this.samplingRatio = config.samplingRatio();
        this.callersPerSecond = config.maxRemoteSampledPerSecond();
        this.nanoseconds = nanoseconds;
        this.begun = nanoseconds.getAsLong();
    }

    /** A caller that keeps no spans of its own gets none of ours, which would lack their beginning. */
    boolean sample(@Nullable TraceParent caller) {
        if (caller == null) {
            return isSampledByRatio();
        }
        return caller.isSampled() && (isSampledByRatio() || isWithinLimit());
    }

    private boolean isSampledByRatio() {
        return ThreadLocalRandom.current().nextDouble() < samplingRatio;
    }

    private boolean isWithinLimit() {
        long second = TimeUnit.NANOSECONDS.toSeconds(nanoseconds.getAsLong() - begun);
        while (true) {
            long seen = secondAndCount.get();
            long count = seen >>> COUNT_BITS == second ? seen & COUNT : 0;
            if (count >= callersPerSecond) {
                return false;
            }
            if (secondAndCount.compareAndSet(seen, second << COUNT_BITS | (count + 1))) {
                return true;
            }
        }
    }
}
