package dev.shortwave.metrics;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.ToLongFunction;

/** The redirects of all event loops, added up when somebody looks. Thread-safe. */
final class RedirectMetrics implements MultiCollector {

    private static final double NANOSECONDS = 1e9;

    private final List<RedirectMeter> meters = new CopyOnWriteArrayList<>();

    RedirectMeter newMeter() {
        RedirectMeter meter = new RedirectMeter();
        meters.add(meter);
        return meter;
    }

    @Override
    public MetricSnapshots collect() {
        return new MetricSnapshots(counters(), times());
    }

    private CounterSnapshot counters() {
        CounterSnapshot.Builder counters = CounterSnapshot.builder()
                .name("shortwave_redirects")
                .help("Redirects by outcome and by where the link was found");
        for (int source = 0; source < RedirectMeter.SOURCES.length; source++) {
            int at = source;
            counters.dataPoint(point("found", RedirectMeter.SOURCES[at], sum(meter -> meter.redirects(at))));
            counters.dataPoint(point("not_found", RedirectMeter.SOURCES[at], sum(meter -> meter.notFound(at))));
        }
        return counters.dataPoint(point("failed", "none", sum(RedirectMeter::failed)))
                .build();
    }

    private static CounterSnapshot.CounterDataPointSnapshot point(String outcome, String source, long value) {
        return CounterSnapshot.CounterDataPointSnapshot.builder()
                .labels(Labels.of("outcome", outcome, "source", source))
                .value(value)
                .build();
    }

    private HistogramSnapshot times() {
        ClassicHistogramBuckets.Builder buckets = ClassicHistogramBuckets.builder();
        for (int bucket = 0; bucket <= RedirectMeter.BOUNDS.length; bucket++) {
            int at = bucket;
            double bound = at == RedirectMeter.BOUNDS.length
                    ? Double.POSITIVE_INFINITY
                    : RedirectMeter.BOUNDS[at] / NANOSECONDS;
            buckets.bucket(bound, sum(meter -> meter.bucket(at)));
        }
        return HistogramSnapshot.builder()
                .name("shortwave_redirect_duration_seconds")
                .help("From the request to its answer")
                .dataPoint(HistogramSnapshot.HistogramDataPointSnapshot.builder()
                        .classicHistogramBuckets(buckets.build())
                        .sum(sum(RedirectMeter::sumNanoseconds) / NANOSECONDS)
                        .build())
                .build();
    }

    private long sum(ToLongFunction<RedirectMeter> value) {
        return meters.stream().mapToLong(value).sum();
    }
}
