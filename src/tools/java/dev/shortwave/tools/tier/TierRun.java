package dev.shortwave.tools.tier;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/**
 * What a run of a tier left in its folder.
 *
 * @param facts what scripts/run-tier.sh knows of the run
 * @param k6 the summary of k6
 */
record TierRun(Path folder, Summary facts, Summary k6, Timeline timeline, Samples samples) {

    private static final String REDIRECTS = "http_req_duration{name:redirect";
    private static final String WARM_UP = REDIRECTS + ",scenario:warm_up}";
    private static final String RATES = "http_req_duration{scenario:rate_";

    static TierRun read(Path folder) throws IOException {
        return new TierRun(
                folder,
                Summary.read(folder.resolve("run.tsv")),
                Summary.read(folder.resolve("summary.tsv")),
                Timeline.read(folder.resolve("timeline.ndjson")),
                Samples.read(folder.resolve("samples.tsv")));
    }

    String tier() {
        return facts.text("tier");
    }

    boolean isTier(String name) {
        return tier().equals(name);
    }

    /** A short run shows that all works; speed is not judged. */
    boolean isQuick() {
        return facts.text("quick").equals("yes");
    }

    int cores() {
        return (int) facts.number("cores");
    }

    /** Whether the clicks in the database could be counted. */
    boolean isBookedKnown() {
        return !facts.text("booked").isEmpty();
    }

    /** The metric of redirects: a tier that measures them apart has one, the others send hardly anything else. */
    String redirects() {
        return k6.metrics(REDIRECTS).stream()
                .filter(metric -> !metric.equals(WARM_UP))
                .findFirst()
                .orElse("http_req_duration");
    }

    /** A latency of the warm-up in milliseconds; NaN if there was none. */
    double warmUp(String statistic) {
        return k6.percentile(WARM_UP, statistic);
    }

    /** Of the JVMs only. */
    Samples services() {
        return samples.only(subject -> subject.startsWith("app"));
    }

    /** The metrics of the steps of a growing rate, the lowest rate first. */
    List<String> rates() {
        return k6.metrics(RATES).stream()
                .sorted(Comparator.comparingDouble(TierRun::rate))
                .toList();
    }

    static double rate(String metric) {
        return Double.parseDouble(metric.replaceAll(".*rate_(\\d+)}.*", "$1"));
    }

    /** The metric of iterations that a step did not start. */
    static String dropped(String metric) {
        return metric.replace("http_req_duration", "dropped_iterations");
    }

    boolean keeps(String metric) {
        return k6.meets(metric) && k6.meets(dropped(metric));
    }
}
