package dev.shortwave.tools.tier;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Names with values: the summary of k6 at the end of a run, or what scripts/run-tier.sh knows of it. */
record Summary(Map<String, String> values) {

    /** A rule of a metric, such as p(95)<25, and whether it was met. */
    record Threshold(String metric, String rule, boolean met) {}

    private static final String THRESHOLD = "\tthreshold ";

    /** Reads lines of two or more columns; the last one is the value. */
    static Summary read(Path file) throws IOException {
        Map<String, String> values = new TreeMap<>();
        for (String line : Files.exists(file) ? Files.readAllLines(file) : List.<String>of()) {
            int end = line.lastIndexOf('\t');
            if (end > 0) {
                values.put(line.substring(0, end), line.substring(end + 1));
            }
        }
        return new Summary(values);
    }

    String text(String name) {
        return values.getOrDefault(name, "");
    }

    double number(String name) {
        String value = text(name);
        return value.isEmpty() ? Double.NaN : Double.parseDouble(value);
    }

    /** 0 for a metric that k6 leaves out because nothing was counted. */
    long count(String metric) {
        double count = number(metric + "\tcount");
        return Double.isNaN(count) ? 0 : Math.round(count);
    }

    double percentile(String metric, String statistic) {
        return number(metric + "\t" + statistic);
    }

    /** Names of metrics, of steps for example, that begin so. */
    List<String> metrics(String beginning) {
        return values.keySet().stream()
                .filter(name -> name.startsWith(beginning))
                .map(name -> name.substring(0, name.indexOf('\t')))
                .distinct()
                .toList();
    }

    boolean meets(String metric) {
        return values.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(metric + THRESHOLD))
                .allMatch(entry -> entry.getValue().equals("met"));
    }

    /** The thresholds of the script, but for those of steps, which are there to be missed at last, and of a warm-up. */
    List<Threshold> thresholds() {
        List<Threshold> thresholds = new ArrayList<>();
        values.forEach((name, verdict) -> {
            int at = name.indexOf(THRESHOLD);
            if (at > 0 && !name.contains("scenario:rate_") && !name.contains("scenario:warm_up")) {
                String rule = name.substring(at + THRESHOLD.length());
                thresholds.add(new Threshold(name.substring(0, at), rule, verdict.equals("met")));
            }
        });
        return thresholds;
    }
}
