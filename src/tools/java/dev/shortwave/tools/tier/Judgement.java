package dev.shortwave.tools.tier;

import static dev.shortwave.tools.tier.Text.text;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The objectives of a run and whether it met them, and its figures.
 *
 * @param objectives in the order of the report
 * @param figures by name, in the order of the report; those that a run does not have are absent
 */
record Judgement(Verdict verdict, List<Objective> objectives, Map<String, Double> figures) {

    /** How much a JVM may grow from the second quarter of a soak to the last. */
    private static final double MAX_GROWTH = 1.2;

    enum Verdict {
        MET("objective met", 0),
        MISSED("objective missed", 1),
        NOT_COMPARABLE("not comparable", 3);

        private final String text;
        private final int exitCode;

        Verdict(String text, int exitCode) {
            this.text = text;
            this.exitCode = exitCode;
        }

        String text() {
            return text;
        }

        int exitCode() {
            return exitCode;
        }
    }

    /** Whether an objective is one of speed, which depends on what else the machine does. */
    enum Kind {
        SPEED,
        CORRECTNESS
    }

    record Objective(Kind kind, String name, boolean met, String found) {}

    static Judgement of(TierRun run, OtherLoad others) {
        Judge judge = new Judge(run);
        judge.collectFigures();
        judge.judgeObjectives();
        judge.figure("processors that others took", others.cores());
        return new Judgement(
                verdict(judge.objectives, others.isComparable() || run.isQuick()), judge.objectives, judge.figures);
    }

    /** What is wrong is wrong on a busy machine too. */
    private static Verdict verdict(List<Objective> objectives, boolean isComparable) {
        if (objectives.stream().anyMatch(objective -> !objective.met() && objective.kind() == Kind.CORRECTNESS)) {
            return Verdict.MISSED;
        }
        if (!isComparable) {
            return Verdict.NOT_COMPARABLE;
        }
        return objectives.stream().allMatch(Objective::met) ? Verdict.MET : Verdict.MISSED;
    }

    private static final class Judge {

        private final TierRun run;
        private final Summary k6;
        private final List<Objective> objectives = new ArrayList<>();
        private final Map<String, Double> figures = new LinkedHashMap<>();

        Judge(TierRun run) {
            this.run = run;
            this.k6 = run.k6();
        }

        void collectFigures() {
            String redirects = run.redirects();
            figure("requests per second", k6.count("http_reqs") / k6.number("run\tseconds"));
            figure("redirects answered", (double) k6.count("found"));
            figure("median, ms", k6.percentile(redirects, "med"));
            figure("p95, ms", k6.percentile(redirects, "p(95)"));
            figure("p99, ms", k6.percentile(redirects, "p(99)"));
            figure("largest, ms", k6.percentile(redirects, "max"));
            figure("wrong answers", (double) k6.count("wrong"));
            if (!run.services().subjects().isEmpty()) {
                figure("largest JVM, MiB resident", run.services().largestOfAll("rss") / 1024);
            }
        }

        void figure(String name, double value) {
            if (!Double.isNaN(value)) {
                figures.put(name, value);
            }
        }

        void judgeObjectives() {
            k6.thresholds().forEach(this::threshold);
            String exit = run.facts().text("k6 exit code");
            // 99: a threshold was missed, which has an objective of its own, or ended a run that searched for it.
            correct("k6 ended regularly", exit.equals("0") || exit.equals("99"), "exit code " + exit);
            if (run.isBookedKnown()) {
                booked();
            }
            if (run.facts().number("idle clients") > 0) {
                idleClients();
            }
            switch (run.tier()) {
                case "chaos" -> faults();
                case "platinum" -> knee();
                case "soak" -> soak();
                default -> {}
            }
        }

        private void correct(String name, boolean met, String found) {
            objectives.add(new Objective(Kind.CORRECTNESS, name, met, found));
        }

        private void fast(String name, boolean met, String found) {
            objectives.add(new Objective(Kind.SPEED, name, met, found));
        }

        private void threshold(Summary.Threshold threshold) {
            String metric = threshold.metric();
            String name = (metric.equals(run.redirects()) ? "redirects, ms" : metric) + ": " + threshold.rule();
            String found = threshold.rule().startsWith("count")
                    ? text("%,d of %,d answers", k6.count(metric), k6.count("http_reqs"))
                    : text("p95 %.2f ms, p99 %.2f ms", k6.percentile(metric, "p(95)"), k6.percentile(metric, "p(99)"));
            boolean isSpeed = metric.startsWith("http_req_duration") || metric.startsWith("dropped_iterations");
            objectives.add(new Objective(isSpeed ? Kind.SPEED : Kind.CORRECTNESS, name, threshold.met(), found));
        }

        private void booked() {
            long served = k6.count("found");
            long booked = Math.round(run.facts().number("booked"));
            long counters = Math.round(run.facts().number("counters"));
            Samples samples = run.samples();
            figure("clicks booked - served", (double) (booked - served));
            if (run.isTier("chaos")) {
                // A JVM that is killed between a click and its answer has booked what the proxy sends again.
                long retried = Math.round(
                        samples.growth("haproxy", "servers wretr") + samples.growth("haproxy", "servers wredis"));
                correct(
                        "no click lost, none more than were retried",
                        booked >= served && booked <= served + retried && counters == booked,
                        text("%,d served, %,d booked, %,d counted, %d retried", served, booked, counters, retried));
            } else if (run.isTier("platinum")) {
                // k6 interrupts the requests in flight at its end and counts none of them; HAProxy does.
                long answered = Math.round(samples.afterTheRun("haproxy", "servers hrsp_3xx"));
                correct(
                        "served, as HAProxy counts it, = booked",
                        booked == answered && booked >= served && counters == booked,
                        text(
                                "%,d served by HAProxy, %,d of them until k6 ended; %,d booked, %,d counted",
                                answered, served, booked, counters));
            } else {
                correct(
                        "served = booked",
                        booked == served && counters == booked,
                        text("%,d served, %,d booked, %,d counted", served, booked, counters));
            }
        }

        private void idleClients() {
            String[] counts = run.facts().text("idle clients at the end").split(" ", -1);
            boolean isComplete = counts.length == 4;
            correct(
                    "idle clients keep their connections",
                    isComplete && counts[0].equals(counts[1]) && counts[3].equals("0"),
                    isComplete
                            ? text("%s connected, %s at the end; %s answers, %s failures", (Object[]) counts)
                            : "they did not end regularly");
        }

        /** On a slow machine starts take so long that the load could end before the last fault. */
        private void faults() {
            String faults = run.facts().text("faults");
            double last = Double.parseDouble(faults.replaceAll(".*; (\\d+) s: .*", "$1"));
            double seconds = k6.number("run\tseconds");
            fast(
                    "all faults occurred under load",
                    last <= seconds,
                    text("the last one was over after %.0f s of %.0f s; --duration makes it longer", last, seconds));
        }

        private void knee() {
            double knee = 0;
            for (String metric : run.rates()) {
                if (!run.keeps(metric) || Double.isNaN(k6.percentile(metric, "p(99)"))) {
                    break;
                }
                knee = TierRun.rate(metric);
            }
            figure("knee, redirects per second", knee);
            fast(
                    "there is a rate that keeps p99",
                    run.isQuick() || knee > 0,
                    text("the knee is at %,.0f redirects/s", knee));
        }

        private void soak() {
            for (String jvm : run.services().subjects()) {
                double early = run.samples().mean(jvm, "rss", 0.25, 0.5) / 1024;
                double late = run.samples().mean(jvm, "rss", 0.75, 1) / 1024;
                fast(
                        jvm + " does not grow",
                        run.isQuick() || late <= early * MAX_GROWTH,
                        text("%.0f MiB in the second quarter, %.0f MiB in the last", early, late));
            }
            double early = run.services().largestMeanOfAll(ResourceSampler.PENDING_BYTES, 0.25, 0.5) / 1024;
            double late = run.services().largestMeanOfAll(ResourceSampler.PENDING_BYTES, 0.75, 1) / 1024;
            fast(
                    "clicks do not fall behind",
                    run.isQuick() || late <= Math.max(1024, early * 2),
                    text("%.0f KiB pending in the second quarter, %.0f KiB in the last", early, late));
        }
    }
}
