package dev.shortwave.tools.tier;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TimelineTest {

    private static final String PARAM =
            "{\"event\":\"param\",\"data\":{\"scenarios\":[\"users\"],\"period\":1000,\"aggregates\":"
                    + "{\"counter\":[\"count\",\"rate\"],\"gauge\":[\"value\"],\"trend\":[\"avg\",\"max\",\"med\",\"min\",\"p(90)\",\"p(95)\",\"p(99)\"]}}}\n";
    private static final String FIRST_METRICS = "{\"event\":\"metric\",\"data\":{\"time\":{\"type\":\"gauge\"}}}\n"
            + "{\"event\":\"start\",\"data\":[[1795828496072]]}\n"
            + "{\"event\":\"metric\",\"data\":{\"http_reqs\":{\"type\":\"counter\"},\"http_req_duration\":{\"type\":\"trend\"}}}\n";

    @TempDir
    Path folder;

    private Timeline read(String recording) throws IOException {
        return Timeline.read(Files.writeString(folder.resolve("timeline.ndjson"), recording));
    }

    @Test
    void readsTheStatisticsOfEachPeriod() throws IOException {
        Timeline timeline = read(PARAM
                + FIRST_METRICS
                + "{\"event\":\"cumulative\",\"data\":[[9,9,9,9,9,9,9],[9,9],[1795828497092]]}\n"
                + "{\"event\":\"snapshot\",\"data\":[[30.5,110,3.25,0.4,95,100.5,109.75],[147,147],[1795828497000]]}\n"
                // From now on there are more.
                + "{\"event\":\"metric\",\"data\":{\"vus\":{\"type\":\"gauge\"},\"wrong\":{\"type\":\"counter\"}}}\n"
                + "{\"event\":\"snapshot\",\"data\":[[1.8,13,1.5,0.3,3,6.5,11],[164,328],[1795828497500],[50],[1,2]]}\n"
                + "{\"event\":\"stop\",\"data\":[[1795828506678]]}\n");

        assertThat(timeline.periods())
                .containsExactly(
                        new Timeline.Period(0, 147, 3.25, 100.5, 109.75, Double.NaN, Double.NaN),
                        new Timeline.Period(0.5, 328, 1.5, 6.5, 11, 2, 50));
    }

    @Test
    void readsAPeriodWithoutRequests() throws IOException {
        Timeline timeline = read(PARAM
                + FIRST_METRICS
                + "{\"event\":\"snapshot\",\"data\":[[null,null,null,null,null,null,null],[0,0],[1795828497000]]}\n"
                + "{\"event\":\"snapshot\",\"data\":[[],null,[1795828498000]]}\n");

        assertThat(timeline.periods())
                .containsExactly(
                        new Timeline.Period(0, 0, Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN),
                        new Timeline.Period(1, Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN));
    }

    @Test
    void leavesOutAPeriodWithoutTheNamesOfItsMetrics() throws IOException {
        assertThat(read(PARAM + FIRST_METRICS + "{\"event\":\"snapshot\",\"data\":[[1]]}\n")
                        .periods())
                .isEmpty();
    }

    @Test
    void hasNoPeriodsWithoutARecording() throws IOException {
        assertThat(Timeline.read(folder.resolve("none")).periods()).isEmpty();
    }
}
