package dev.shortwave.metrics;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.config.MeterFilterReply;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A net below the bounded labels: a meter that would have more series than this loses the later ones, rather than the
 * process its memory. Thread-safe.
 */
final class SeriesLimit implements MeterFilter {

    private static final Logger LOG = LoggerFactory.getLogger(SeriesLimit.class);

    private final int maxSeries;
    private final Map<String, Integer> nameToSeries = new ConcurrentHashMap<>();

    SeriesLimit(int maxSeries) {
        this.maxSeries = maxSeries;
    }

    /** Is asked once for each series that is registered, and again for each attempt to register one that was denied. */
    @Override
    public MeterFilterReply accept(Meter.Id id) {
        int series = nameToSeries.merge(id.getName(), 1, (known, one) -> Math.min(known + one, maxSeries + 2));
        if (series == maxSeries + 1) {
            LOG.error("The metric {} has {} series, no more are kept: a label is not bounded", id.getName(), maxSeries);
        }
        return series > maxSeries ? MeterFilterReply.DENY : MeterFilterReply.NEUTRAL;
    }

    void removed(Meter meter) {
        nameToSeries.computeIfPresent(meter.getId().getName(), (name, series) -> series > 1 ? series - 1 : null);
    }
}
