package dev.shortwave.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shortwave.config.Config;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RateLimitingSamplerTest {

    private static final TraceParent WISH =
            TraceParent.parse("00-00000000000000000000000000000001-00f067aa0ba902b7-01");
    private static final TraceParent NO_WISH =
            TraceParent.parse("00-00000000000000000000000000000001-00f067aa0ba902b7-00");

    private final AtomicLong nanoseconds = new AtomicLong(-TimeUnit.HOURS.toNanos(1));

    private RateLimitingSampler sampling(double ratio, int callersPerSecond) {
        return new RateLimitingSampler(new Config.Tracing(null, ratio, callersPerSecond), nanoseconds::get);
    }

    private static long taken(RateLimitingSampler sampling, int requests, TraceParent caller) {
        return IntStream.range(0, requests)
                .filter(request -> sampling.sample(caller))
                .count();
    }

    @Test
    void remoteSampledRequestsAreLimitedPerSecond() {
        RateLimitingSampler sampling = sampling(0.000_001, 3);
        assertThat(taken(sampling, 3, WISH)).isEqualTo(3);
        // One in a million is left of the rest.
        assertThat(taken(sampling, 1_000, WISH)).isLessThan(10);
        nanoseconds.addAndGet(TimeUnit.SECONDS.toNanos(1));
        assertThat(taken(sampling, 3, WISH)).isEqualTo(3);
        assertThat(taken(sampling, 1_000, WISH)).isLessThan(10);
    }

    @Test
    void aLimitOfZeroIgnoresRemoteSampling() {
        assertThat(taken(sampling(0.000_001, 0), 1_000, WISH)).isLessThan(10);
    }

    @Test
    void anUnsampledCallerHasNoSpans() {
        assertThat(taken(sampling(1, 10), 100, NO_WISH)).isZero();
    }

    @Test
    void otherRequestsAreSampledByRatio() {
        assertThat(taken(sampling(1, 0), 100, null)).isEqualTo(100);
        assertThat(taken(sampling(0.5, 0), 10_000, null)).isBetween(4_000L, 6_000L);
    }
}
