import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Judges a run of a tier, and writes report.md, its charts and figures.tsv. */
public final class Report {

    private static final String USAGE =
            """
            Usage: java Report FOLDER [PREVIOUS]

            Reads what scripts/run-tier.sh left in FOLDER, writes report.md, throughput.svg, latency.svg,
            processors.svg, figures.tsv and verdict.tsv there, and compares with the folder of a previous run.
            verdict.tsv has the verdict for programs: met, missed, or not comparable, if others took so much of the
            processors that neither latencies nor rates say anything.
            Exit code: 0 met, 1 missed, 3 not comparable; a short run, of which only correctness is judged, is met or missed.
            """;

    private static final String WARM_UP = "http_req_duration{name:redirect,scenario:warm_up}";
    private static final double LARGEST_GROWTH = 1.2;
    private static final int SECONDS_OF_BREAKING = 15;

    /** Whether an objective is one of speed, which depends on what else the machine does. */
    private enum Kind {
        SPEED,
        CORRECTNESS
    }

    private enum Verdict {
        MET("objective met", 0),
        MISSED("objective missed", 1),
        NOT_COMPARABLE("not comparable", 3);

        private final String text;
        private final int exitCode;

        Verdict(String text, int exitCode) {
            this.text = text;
            this.exitCode = exitCode;
        }
    }

    private record Objective(Kind kind, String name, boolean met, String found) {

        Objective(String name, boolean met, String found) {
            this(Kind.CORRECTNESS, name, met, found);
        }
    }

    private final Path folder;
    private final Summary run;
    private final Summary k6;
    private final Timeline timeline;
    private final Samples samples;
    private final String tier;
    private final String redirects;
    private final List<Objective> objectives = new ArrayList<>();
    private final Map<String, Double> figures = new LinkedHashMap<>();
    private final StringBuilder report = new StringBuilder();

    private Report(Path folder) throws IOException {
        this.folder = folder;
        this.run = Summary.read(folder.resolve("run.tsv"));
        this.k6 = Summary.read(folder.resolve("summary.tsv"));
        this.timeline = Timeline.read(folder.resolve("timeline.ndjson"));
        this.samples = Samples.read(folder.resolve("samples.tsv"));
        this.tier = run.text("tier");
        this.redirects = redirects();
    }

    public static void main(String[] arguments) throws IOException {
        if (arguments.length < 1 || arguments.length > 2) {
            System.err.print(USAGE);
            System.exit(2);
        }
        Report report = new Report(Path.of(arguments[0]));
        System.exit(report.write(arguments.length == 2 ? Path.of(arguments[1]) : null).exitCode);
    }

    /** A tier that measures redirects by themselves has a line for them, the others ask for hardly anything else. */
    private String redirects() {
        return k6.metrics("http_req_duration{name:redirect").stream()
                .filter(metric -> !metric.equals(WARM_UP))
                .findFirst()
                .orElse("http_req_duration");
    }

    private Verdict write(Path previous) throws IOException {
        collectFigures();
        judge();
        OtherLoad others = OtherLoad.find(samples, (int) run.number("cores"));
        figure("processors that others took", others.cores());
        Verdict verdict = verdict(others);
        // A rate that grows until something gives way shows at its end what that was.
        Samples telling = tier.equals("platinum") ? samples.last(SECONDS_OF_BREAKING) : samples;
        Bottleneck bottleneck = Bottleneck.find(telling, (int) run.number("cores"));

        line("# %s: %s", tier, verdict.text);
        line("");
        if (!others.isComparable()) {
            line("**Warning: %s. The latencies, rates and the bottleneck below are those of a busy machine: do not compare them, and run the tier again when it is quiet.**", others.text());
            line("");
        }
        line("%s, %s mode, %s%s", run.text("began"), run.text("mode"), run.text("setup"), isQuick() ? ". A short run: it shows that all works; its latencies are not judged" : "");
        line("");
        line("| objective | | found |");
        line("|---|---|---|");
        objectives.forEach(objective -> line("| %s | %s | %s |", objective.name(), objective.met() ? "met" : "**missed**", objective.found()));
        if (run.text("booked").isEmpty()) {
            line("");
            line("Whether every answered redirect was booked was not looked at: the database is out of sight.");
        }
        if (!Double.isNaN(k6.percentile(WARM_UP, "p(95)"))) {
            line("");
            line("Before what is judged, as many users asked for the same while the JVMs compiled: redirects with a median of %.2f ms, p95 %.2f ms, p99 %.2f ms.", k6.percentile(WARM_UP, "med"), k6.percentile(WARM_UP, "p(95)"), k6.percentile(WARM_UP, "p(99)"));
        }
        comparison(previous);
        line("");
        line("**Bottleneck%s:** %s.", tier.equals("platinum") ? text(" in the last %d s", SECONDS_OF_BREAKING) : "", bottleneck.verdict());
        line("");
        bottleneck.evidence().forEach(fact -> line("- %s", fact));
        answers();
        steps();
        charts();
        memory();
        surroundings();
        Files.writeString(folder.resolve("report.md"), report);
        StringBuilder lines = new StringBuilder();
        figures.forEach((name, value) -> lines.append(name).append('\t').append(value).append('\n'));
        Files.writeString(folder.resolve("figures.tsv"), lines);
        Files.writeString(
                folder.resolve("verdict.tsv"),
                text("verdict\t%s\ncomparable\t%s\nprocessors\t%d\nprocessors that others took\t%.2f\n", verdict.text.replace("objective ", ""), others.isComparable() ? "yes" : "no", others.available(), others.cores()));
        print(bottleneck, verdict, others);
        return verdict;
    }

    private Verdict verdict(OtherLoad others) {
        if (objectives.stream().anyMatch(objective -> !objective.met() && objective.kind() == Kind.CORRECTNESS)) {
            return Verdict.MISSED;
        }
        if (!others.isComparable() && !isQuick()) {
            return Verdict.NOT_COMPARABLE;
        }
        return objectives.stream().allMatch(Objective::met) ? Verdict.MET : Verdict.MISSED;
    }

    private void collectFigures() {
        double seconds = k6.number("run\tseconds");
        figure("requests per second", k6.count("http_reqs") / seconds);
        figure("redirects answered", k6.count("found"));
        figure("median, ms", k6.percentile(redirects, "med"));
        figure("p95, ms", k6.percentile(redirects, "p(95)"));
        figure("p99, ms", k6.percentile(redirects, "p(99)"));
        figure("largest, ms", k6.percentile(redirects, "max"));
        figure("wrong answers", k6.count("wrong"));
        if (!serviceSamples().subjects().isEmpty()) {
            figure("largest JVM, MiB resident", serviceSamples().largestOfAll("rss") / 1024);
        }
    }

    /** Of the JVMs only: k6's own memory is nobody's objective. */
    private Samples serviceSamples() {
        return samples.only(subject -> subject.startsWith("app"));
    }

    private void figure(String name, double value) {
        if (!Double.isNaN(value)) {
            figures.put(name, value);
        }
    }

    private boolean isQuick() {
        return run.text("quick").equals("yes");
    }

    private void judge() {
        for (Summary.Threshold threshold : k6.thresholds()) {
            String metric = threshold.metric();
            boolean isCount = threshold.rule().startsWith("count");
            objectives.add(new Objective(
                    metric.startsWith("http_req_duration") || metric.startsWith("dropped_iterations") ? Kind.SPEED : Kind.CORRECTNESS,
                    (metric.equals(redirects) ? "redirects, ms" : metric) + ": " + threshold.rule(),
                    threshold.met(),
                    isCount
                            ? text("%,d of %,d answers", k6.count(metric), k6.count("http_reqs"))
                            : text("p95 %.2f ms, p99 %.2f ms", k6.percentile(metric, "p(95)"), k6.percentile(metric, "p(99)"))));
        }
        String exit = run.text("k6 exit code");
        // 99: a threshold was missed, which is told above, or ended a run that looked for it.
        objectives.add(new Objective("k6 came to its end", exit.equals("0") || exit.equals("99"), "exit code " + exit));
        booked();
        if (run.number("idle clients") > 0) {
            idle();
        }
        if (tier.equals("chaos")) {
            faults();
        } else if (tier.equals("platinum")) {
            knee();
        } else if (tier.equals("soak")) {
            soak();
        }
    }

    private void booked() {
        if (run.text("booked").isEmpty()) {
            return;
        }
        long served = k6.count("found");
        long booked = Math.round(run.number("booked"));
        long counters = Math.round(run.number("counters"));
        figure("clicks booked - served", booked - served);
        if (tier.equals("chaos")) {
            // A JVM that is killed between a click and its answer has booked what the proxy asks for once more.
            long retried = Math.round(samples.growth("haproxy", "servers wretr") + samples.growth("haproxy", "servers wredis"));
            objectives.add(new Objective(
                    "no click lost, none more than were retried",
                    booked >= served && booked <= served + retried && counters == booked,
                    text("%,d served, %,d booked, %,d counted, %d retried", served, booked, counters, retried)));
            return;
        }
        if (tier.equals("platinum")) {
            // It breaks off what is under way at its end, and k6 counts none of that; HAProxy does.
            long answered = Math.round(samples.afterTheRun("haproxy", "servers hrsp_3xx"));
            objectives.add(new Objective(
                    "served, as HAProxy counts it, = booked",
                    booked == answered && booked >= served && counters == booked,
                    text("%,d served by HAProxy, %,d of them until k6 broke off; %,d booked, %,d counted", answered, served, booked, counters)));
            return;
        }
        objectives.add(new Objective(
                "served = booked",
                booked == served && counters == booked,
                text("%,d served, %,d booked, %,d counted", served, booked, counters)));
    }

    private void idle() {
        String[] counts = run.text("idle clients at the end").split(" ");
        boolean met = counts.length == 4 && counts[0].equals(counts[1]) && counts[3].equals("0");
        objectives.add(new Objective(
                "idle clients keep their connections",
                met,
                counts.length == 4
                        ? text("%s connected, %s at the end; %s answers, %s failures", (Object[]) counts)
                        : "they did not come to their end"));
    }

    /** On a slow machine starts take so long that the load could end before the last fault. */
    private void faults() {
        String faults = run.text("faults");
        double last = Double.parseDouble(faults.replaceAll(".*; (\\d+) s: .*", "$1"));
        double seconds = k6.number("run\tseconds");
        objectives.add(new Objective(
                Kind.SPEED,
                "all faults came under load",
                last <= seconds,
                text("the last one was over after %.0f s of %.0f s; --duration makes it longer", last, seconds)));
    }

    private void knee() {
        double knee = 0;
        for (String metric : ratesInOrder()) {
            double rate = rate(metric);
            if (!k6.meets(metric) || !k6.meets("dropped_iterations{scenario:rate_" + text("%.0f", rate) + "}") || Double.isNaN(k6.percentile(metric, "p(99)"))) {
                break;
            }
            knee = rate;
        }
        figure("knee, redirects per second", knee);
        objectives.add(new Objective(Kind.SPEED, "there is a rate that keeps p99", isQuick() || knee > 0, text("the knee is at %,.0f redirects/s", knee)));
    }

    private List<String> ratesInOrder() {
        List<String> metrics = new ArrayList<>(k6.metrics("http_req_duration{scenario:rate_"));
        metrics.sort((one, other) -> Double.compare(rate(one), rate(other)));
        return metrics;
    }

    private static double rate(String metric) {
        return Double.parseDouble(metric.replaceAll(".*rate_(\\d+)}.*", "$1"));
    }

    private void soak() {
        for (String jvm : serviceSamples().subjects()) {
            double early = samples.mean(jvm, "rss", 0.25, 0.5) / 1024;
            double late = samples.mean(jvm, "rss", 0.75, 1) / 1024;
            objectives.add(new Objective(
                    Kind.SPEED,
                    jvm + " does not grow",
                    isQuick() || late <= early * LARGEST_GROWTH,
                    text("%.0f MiB in the second quarter, %.0f MiB in the last", early, late)));
        }
        double early = serviceSamples().largestMeanOfAll("shortwave_clicks_waiting_bytes", 0.25, 0.5) / 1024;
        double late = serviceSamples().largestMeanOfAll("shortwave_clicks_waiting_bytes", 0.75, 1) / 1024;
        objectives.add(new Objective(
                Kind.SPEED,
                "clicks do not fall behind",
                isQuick() || late <= Math.max(1024, early * 2),
                text("%.0f KiB waiting in the second quarter, %.0f KiB in the last", early, late)));
    }

    private void comparison(Path previous) throws IOException {
        Summary before = previous == null ? new Summary(Map.of()) : Summary.read(previous.resolve("figures.tsv"));
        line("");
        line(before.values().isEmpty() ? "| figure | this run |" : "| figure | this run | before | change |");
        line(before.values().isEmpty() ? "|---|--:|" : "|---|--:|--:|--:|");
        figures.forEach((name, value) -> {
            double old = before.number(name);
            if (before.values().isEmpty()) {
                line("| %s | %s |", name, number(value));
            } else {
                String change = Double.isNaN(old) || old == 0 ? "" : text("%+.0f %%", (value / old - 1) * 100);
                line("| %s | %s | %s | %s |", name, number(value), Double.isNaN(old) ? "" : number(old), change);
            }
        });
        if (!before.values().isEmpty()) {
            line("");
            line("Before: %s.", previous.getFileName());
        }
    }

    private static String number(double value) {
        return Math.abs(value) >= 1000 || value == Math.rint(value) ? text("%,.0f", value) : text("%.2f", value);
    }

    private void answers() {
        line("");
        line("| answers | |");
        line("|---|--:|");
        line("| redirects (302) | %,d |", k6.count("found"));
        line("| unknown codes (404, as it should be) | %,d |", k6.count("not_found"));
        line("| creates (201) | %,d |", k6.count("created"));
        line("| writes refused (429, 503) | %,d |", k6.count("refused"));
        line("| writes broken off (502, 504, no answer) | %,d |", k6.count("broken_off"));
        line("| wrong | %,d |", k6.count("wrong"));
        if (k6.count("dropped_iterations") > 0) {
            line("| not sent, all users were waiting | %,d |", k6.count("dropped_iterations"));
        }
    }

    private void steps() {
        List<String> rates = ratesInOrder();
        if (rates.isEmpty()) {
            return;
        }
        line("");
        line("| redirects per second | median, ms | p95 | p99 | not sent | |");
        line("|--:|--:|--:|--:|--:|---|");
        for (String metric : rates) {
            String dropped = metric.replace("http_req_duration", "dropped_iterations");
            if (k6.percentile(metric, "max") > 0) {
                line("| %,.0f | %.2f | %.2f | %.2f | %,d | %s |", rate(metric), k6.percentile(metric, "med"), k6.percentile(metric, "p(95)"), k6.percentile(metric, "p(99)"), k6.count(dropped), k6.meets(metric) && k6.meets(dropped) ? "kept" : "broken");
            }
        }
    }

    private void charts() throws IOException {
        if (timeline.seconds().isEmpty()) {
            line("");
            line("No charts: k6 left no recording of its dashboard.");
            return;
        }
        Files.writeString(folder.resolve("throughput.svg"), new Chart("Requests per second")
                .line("requests", points(Timeline.Second::requests))
                .line("wrong answers", points(Timeline.Second::wrong))
                .svg());
        Files.writeString(folder.resolve("latency.svg"), new Chart("Latency in milliseconds, all requests")
                .line("median", points(Timeline.Second::median))
                .line("p95", points(Timeline.Second::p95))
                .line("p99", points(Timeline.Second::p99))
                .svg());
        line("");
        line("![Requests per second](throughput.svg)");
        line("");
        line("![Latency](latency.svg)");
        if (samples.subjects().isEmpty()) {
            return;
        }
        Chart processors = new Chart("Processor cores in use");
        for (String subject : samples.subjects()) {
            if (!samples.series(subject, "cpu").isEmpty()) {
                processors.line(subject, samples.rates(subject, "cpu"));
            }
        }
        Files.writeString(folder.resolve("processors.svg"), processors.svg());
        line("");
        line("![Processors](processors.svg)");
    }

    private List<double[]> points(ToDoubleFunction<Timeline.Second> value) {
        return timeline.seconds().stream()
                .map(second -> new double[] {second.at(), value.applyAsDouble(second)})
                .toList();
    }

    private void memory() {
        Samples services = serviceSamples();
        if (services.subjects().isEmpty()) {
            return;
        }
        line("");
        line("| JVM | cores | resident, MiB | collecting garbage | clicks waiting, KiB |");
        line("|---|--:|--:|--:|--:|");
        for (String jvm : services.subjects()) {
            boolean told = services.series(jvm, "jvm_gc_pause_seconds_sum").size() > 1;
            String collecting = told ? text("%.2f s", samples.growth(jvm, "jvm_gc_pause_seconds_sum")) : "–";
            String waiting = told ? text("%.0f", samples.largest(jvm, "shortwave_clicks_waiting_bytes") / 1024) : "–";
            line("| %s | %.2f | %.0f | %s | %s |", jvm, samples.rate(jvm, "cpu"), samples.largest(jvm, "rss") / 1024, collecting, waiting);
        }
        line("");
        line("The first two were measured every second; the others are from the JVMs' own metrics, and from moments apart: what was in between is not seen. –: there were none, or too few.");
    }

    private void surroundings() {
        line("");
        line("| | |");
        line("|---|---|");
        for (String name : List.of("commit", "commit of the scripts", "machine", "load average", "java", "k6", "haproxy", "redis", "settings", "faults")) {
            if (!run.text(name).isEmpty()) {
                line("| %s | %s |", name, run.text(name));
            }
        }
        line("");
        line("k6 ran on the machine named here; in local and compose mode that is the service's own, and it takes processor time from it. More: [k6's report](k6.html), [summary.json](summary.json), samples.tsv.");
    }

    private void print(Bottleneck bottleneck, Verdict verdict, OtherLoad others) {
        System.out.println();
        if (!others.isComparable()) {
            System.out.println("WARNING " + others.text() + "; " + (verdict == Verdict.NOT_COMPARABLE ? "the run is not comparable" : "its latencies mean nothing"));
        }
        for (Objective objective : objectives) {
            System.out.printf(Locale.ROOT, "%s  %s: %s%n", objective.met() ? "met   " : "MISSED", objective.name(), objective.found());
        }
        figures.forEach((name, value) -> System.out.printf(Locale.ROOT, "        %s: %s%n", name, number(value)));
        System.out.println("        bottleneck: " + bottleneck.verdict());
    }

    private void line(String format, Object... values) {
        report.append(values.length == 0 ? format : text(format, values)).append('\n');
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
