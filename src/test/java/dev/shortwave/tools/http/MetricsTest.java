package dev.shortwave.tools.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MetricsTest {

    private static final Metrics METRICS = Metrics.parse("""
            # HELP jvm_memory_used_bytes The amount of used memory
            # TYPE jvm_memory_used_bytes gauge
            jvm_memory_used_bytes{area="heap",id="Eden Space"} 1.5E7
            jvm_memory_used_bytes{area="heap",id="Survivor} Space"} 2048.0
            jvm_memory_used_bytes{area="nonheap",id="Metaspace"} 9.0E7

            clicks_total 12.0
            clicks_total_more 5.0
            empty_ratio NaN
            limit +Inf
            """);

    @Test
    void addsUpTheSeriesOfAName() {
        assertThat(METRICS.sum("jvm_memory_used_bytes")).isEqualTo(1.05002048E8);
        assertThat(METRICS.sum("jvm_memory_used_bytes", "area=\"heap\"")).isEqualTo(15_002_048);
        assertThat(METRICS.sum("clicks_total")).isEqualTo(12);
    }

    @Test
    void readsWhatIsNoFiniteNumber() {
        assertThat(METRICS.sum("empty_ratio")).isNaN();
        assertThat(METRICS.sum("limit")).isInfinite();
    }

    @Test
    void hasNoSumOfNoSeries() {
        assertThat(METRICS.sum("absent")).isNaN();
        assertThat(METRICS.sum("clicks_total", "area=\"heap\"")).isNaN();
    }
}
