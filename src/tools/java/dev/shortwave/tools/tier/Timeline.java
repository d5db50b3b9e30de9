package dev.shortwave.tools.tier;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What k6 measured in each period of its dashboard, as rates in a second, from the recording of its dashboard
 * (K6_WEB_DASHBOARD_RECORD): a line of JSON for each event. A "snapshot" holds an array of numbers for each metric, in the
 * order of the metrics' names; "param" has the order of the statistics of a trend.
 */
record Timeline(List<Period> periods) {

    /**
     * One period; what k6 did not measure is NaN.
     *
     * @param at seconds since the first one
     * @param median latency in milliseconds, as p95 and p99 are
     */
    record Period(double at, double requests, double median, double p95, double p99, double wrong, double users) {}

    static Timeline read(Path recording) throws IOException {
        if (!Files.exists(recording)) {
            return new Timeline(List.of());
        }
        try (Stream<String> lines = Files.lines(recording)) {
            Reader reader = new Reader();
            lines.filter(line -> !line.isBlank()).map(JsonObject::new).forEach(reader::event);
            return new Timeline(reader.periods);
        }
    }

    private static final class Reader {

        private final List<Period> periods = new ArrayList<>();
        private final TreeSet<String> metrics = new TreeSet<>();
        private JsonArray statistics = new JsonArray();
        private double began = Double.NaN;

        void event(JsonObject event) {
            switch (event.getString("event")) {
                case "param" ->
                    statistics = event.getJsonObject("data")
                            .getJsonObject("aggregates", new JsonObject())
                            .getJsonArray("trend", new JsonArray());
                case "metric" -> metrics.addAll(event.getJsonObject("data").fieldNames());
                case "snapshot" -> snapshot(event.getJsonArray("data"));
                default -> {}
            }
        }

        private void snapshot(JsonArray values) {
            // A snapshot from before all metrics were announced can't be read.
            if (values.size() != metrics.size()) {
                return;
            }
            double time = value(values, "time", 0);
            began = Double.isNaN(began) ? time : began;
            periods.add(new Period(
                    (time - began) / 1000,
                    value(values, "http_reqs", 1),
                    latency(values, "med"),
                    latency(values, "p(95)"),
                    latency(values, "p(99)"),
                    value(values, "wrong", 1),
                    value(values, "vus", 0)));
        }

        private double latency(JsonArray values, String statistic) {
            return value(values, "http_req_duration", statistics.getList().indexOf(statistic));
        }

        private double value(JsonArray values, String metric, int statistic) {
            if (!metrics.contains(metric)) {
                return Double.NaN;
            }
            JsonArray numbers = values.getJsonArray(metrics.headSet(metric).size());
            if (numbers == null || statistic < 0 || statistic >= numbers.size()) {
                return Double.NaN;
            }
            Double number = numbers.getDouble(statistic);
            return number == null ? Double.NaN : number;
        }
    }
}
