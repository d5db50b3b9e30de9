import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What k6 saw in each period of its dashboard, as rates in a second, from the recording of its dashboard (K6_WEB_DASHBOARD_RECORD): a line of JSON for each
 * event. A "snapshot" holds an array of numbers for each metric, in the order of the metrics' names, and the order of
 * the statistics in it is told once, by "param".
 */
record Timeline(List<Second> seconds) {

    /** Latencies in milliseconds. */
    record Second(double at, double requests, double median, double p95, double p99, double wrong, double users) {}

    private static final Pattern NAMES = Pattern.compile("\"([^\"]+)\":\\{\"type\":");
    private static final Pattern TREND = Pattern.compile("\"trend\":\\[([^]]*)]");
    private static final Pattern ARRAY = Pattern.compile("\\[([^\\[\\]]*)]");

    static Timeline read(Path recording) throws IOException {
        List<Second> seconds = new ArrayList<>();
        TreeSet<String> metrics = new TreeSet<>();
        List<String> statistics = List.of();
        double began = Double.NaN;
        for (String line : Files.exists(recording) ? Files.readAllLines(recording) : List.<String>of()) {
            if (line.startsWith("{\"event\":\"param\"")) {
                Matcher trend = TREND.matcher(line);
                statistics = trend.find() ? List.of(trend.group(1).replace("\"", "").split(",")) : List.of();
            } else if (line.startsWith("{\"event\":\"metric\"")) {
                NAMES.matcher(line).results().forEach(name -> metrics.add(name.group(1)));
            } else if (line.startsWith("{\"event\":\"snapshot\"")) {
                List<double[]> values = ARRAY.matcher(line)
                        .results()
                        .map(array -> Arrays.stream(array.group(1).split(","))
                                .filter(number -> !number.isEmpty() && !number.equals("null"))
                                .mapToDouble(Double::parseDouble)
                                .toArray())
                        .toList();
                List<String> names = List.copyOf(metrics);
                if (values.size() == names.size()) {
                    double time = value(names, values, "time", 0);
                    began = Double.isNaN(began) ? time : began;
                    seconds.add(new Second(
                            (time - began) / 1000,
                            value(names, values, "http_reqs", 1),
                            value(names, values, "http_req_duration", statistics.indexOf("med")),
                            value(names, values, "http_req_duration", statistics.indexOf("p(95)")),
                            value(names, values, "http_req_duration", statistics.indexOf("p(99)")),
                            value(names, values, "wrong", 1),
                            value(names, values, "vus", 0)));
                }
            }
        }
        return new Timeline(seconds);
    }

    private static double value(List<String> names, List<double[]> values, String metric, int statistic) {
        int index = names.indexOf(metric);
        return index < 0 || statistic < 0 || statistic >= values.get(index).length
                ? Double.NaN
                : values.get(index)[statistic];
    }
}
