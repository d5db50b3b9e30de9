package dev.shortwave.tools.tier;

import static dev.shortwave.tools.tier.Text.text;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The resource that limited a run, and the samples that show it. */
record Bottleneck(String verdict, List<String> evidence) {

    /** Of all processors: above it everything waits for them. */
    private static final double BUSY = 0.85;

    /** Of the processors that its threads can use. */
    private static final double PROCESS_BUSY = 0.9;

    /** With less than this share of the busy processors, the figures are not those of the service. */
    private static final double OURS = 0.6;

    private record Use(String name, double cores) {}

    static Bottleneck find(Samples samples, int cores) {
        if (samples.subjects().isEmpty()) {
            return new Bottleneck("unknown: nothing but k6 was within sight", List.of());
        }
        double total = samples.growth("machine", "total");
        double busy = samples.growth("machine", "busy") / total;
        double steal = samples.growth("machine", "steal") / total;
        List<Use> uses = uses(samples);
        double ours = uses.stream().mapToDouble(Use::cores).sum();
        List<String> evidence = new ArrayList<>();
        if (!Double.isNaN(busy)) {
            evidence.add(text(
                    "%.0f %% of %d cores busy, of that %.2f cores ours; %.0f %% taken by other guests of the host",
                    busy * 100, cores, ours, steal * 100));
        }
        uses.forEach(use -> evidence.add(text("%s: %.2f cores", use.name(), use.cores())));
        double queued = samples.largest("haproxy", "servers qmax");
        double limit = samples.largest("haproxy", "clients slim");
        double clients = samples.largest("haproxy", "clients smax");
        evidence.add(text(
                "HAProxy: at most %.0f of %.0f connections, %.0f requests queued, %.0f retried, %.0f sent to another JVM",
                clients,
                limit,
                queued,
                samples.growth("haproxy", "servers wretr"),
                samples.growth("haproxy", "servers wredis")));
        // HAProxy's own mean of the last 1,024 answers: for some time after a start all of them are of cold JVMs.
        evidence.add(text(
                "HAProxy waited %.1f ms for an answer of a JVM in the median second, %.0f ms in the worst; the rest of what users measured passed between them and HAProxy",
                samples.median("haproxy", "servers rtime"), samples.largest("haproxy", "servers rtime")));
        boolean hasMetrics = samples.subjects().stream()
                .anyMatch(subject ->
                        !samples.series(subject, "vertx_pool_queue_pending").isEmpty());
        evidence.add(
                hasMetrics
                        ? text(
                                "requests waiting for a database connection of one JVM: at most %.0f",
                                samples.largestOfAll("vertx_pool_queue_pending"))
                        : "the metrics of the JVMs were out of reach: see fleet/sampler.log");
        // Now and then one waits for a moment; it is what held the run back if some always do.
        double waiting = samples.largestMeanOfAll("vertx_pool_queue_pending", 0, 1);
        return new Bottleneck(verdict(uses, cores, busy, steal, ours, clients >= limit, queued, waiting), evidence);
    }

    private static List<Use> uses(Samples samples) {
        return samples.subjects().stream()
                .filter(subject -> !samples.series(subject, "cpu").isEmpty())
                .map(subject -> new Use(subject, samples.rate(subject, "cpu")))
                .sorted(Comparator.comparingDouble(Use::cores).reversed())
                .toList();
    }

    private static String verdict(
            List<Use> uses,
            int cores,
            double busy,
            double steal,
            double ours,
            boolean full,
            double queued,
            double waiting) {
        if (full) {
            return "HAProxy ran out of connections (maxconn)";
        }
        if (busy + steal >= BUSY) {
            if (ours < OURS * busy * cores) {
                return text(
                        "other programs of this machine: of %.2f busy cores they took %.2f",
                        busy * cores, busy * cores - ours);
            }
            Use most = uses.get(0);
            return text(
                    "the machine ran out of processor time; %s took most of it (%.2f of %d cores)",
                    most.name().equals("k6") ? "the load generator, k6," : most.name(), most.cores(), cores);
        }
        for (Use use : uses) {
            // Redis answers on one thread, a JVM has an event loop for each core.
            double threads = use.name().equals("redis") ? 1 : cores;
            if (use.cores() >= PROCESS_BUSY * threads) {
                return text(
                        "%s ran out of processor time: %.2f cores for %.0f busy threads",
                        use.name(), use.cores(), threads);
            }
        }
        if (waiting >= 1 && queued == 0) {
            return text("the JVMs' database connections: %.0f requests waited for one, on average", waiting);
        }
        if (queued > 0) {
            return text("the JVMs' share of requests in HAProxy: up to %.0f waited in its queue", queued);
        }
        return "nothing: the users' own pace was the limit, and nothing ran out";
    }
}
