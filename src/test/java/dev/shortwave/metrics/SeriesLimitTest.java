package dev.shortwave.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;

class SeriesLimitTest {

    private final MeterRegistry registry = new SimpleMeterRegistry();

    SeriesLimitTest() {
        SeriesLimit limit = new SeriesLimit(3);
        registry.config().meterFilter(limit).onMeterRemoved(limit::removed);
    }

    @Test
    void aMeterKeepsTheSeriesThatItHasAndGetsNoMore() {
        for (int series = 0; series < 100; series++) {
            registry.counter("unbounded", "label", "value " + series).increment();
            registry.counter("unbounded", "label", "value 0").increment();
            registry.counter("bounded", "label", "value " + series % 2).increment();
        }
        assertThat(registry.find("unbounded").counters()).hasSize(3);
        assertThat(registry.find("bounded").counters()).hasSize(2);
        assertThat(registry.get("unbounded").tag("label", "value 0").counter().count())
                .isEqualTo(101);
    }

    @Test
    void aSeriesThatIsRemovedMakesRoom() {
        Counter first = registry.counter("changing", "label", "first");
        registry.counter("changing", "label", "second");
        registry.counter("changing", "label", "third");
        registry.remove(first);
        registry.counter("changing", "label", "fourth").increment();
        assertThat(registry.find("changing").tag("label", "fourth").counters()).hasSize(1);
    }
}
