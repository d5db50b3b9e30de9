package dev.shortwave.bench;

import dev.shortwave.metrics.Metrics;
import dev.shortwave.metrics.RedirectMeter;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What a warm redirect does for metrics: looks at the clock, and counts itself and its time. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 10, time = 1)
@Fork(2)
public class RedirectMeterBenchmark {

    private final RedirectMeter meter = new Metrics(Map.of()).redirects();
    private long started = System.nanoTime();

    @Benchmark
    public long found() {
        long now = System.nanoTime();
        meter.recordRedirect(0, now - started);
        started = now;
        return now;
    }
}
