package dev.shortwave.tools.tier;

import static dev.shortwave.tools.tier.Text.text;

import dev.shortwave.tools.CommandLine;
import dev.shortwave.tools.tier.Judgement.Objective;
import dev.shortwave.tools.tier.Judgement.Verdict;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** Judges a run of a tier, and writes report.md, its charts and figures.tsv. */
public final class TierReport {

    private static final String USAGE = """
            Usage: TierReport FOLDER [PREVIOUS]

            Reads what scripts/run-tier.sh left in FOLDER, writes report.md, throughput.svg, latency.svg,
            processors.svg, figures.tsv and verdict.tsv there, and compares with the folder of a previous run.
            verdict.tsv has the verdict for programs: met, missed, or not comparable, if others took so much of the
            processors that neither latencies nor rates say anything.
            Exit code: 0 met, 1 missed, 3 not comparable; a short run, of which only correctness is judged, is met or missed.
            """;

    /** The report; a section that a run does not have is empty. Each of them ends with a line break. */
    private static final String TEMPLATE = """
            # {tier}: {verdict}

            {warning}{began}, {mode} mode, {setup}{short}

            | objective | | found |
            |---|---|---|
            {objectives}{unknown}{warm-up}
            {figures}
            **Bottleneck{period}:** {bottleneck}.

            {evidence}
            | answers | |
            |---|--:|
            {answers}{steps}
            {charts}{jvms}
            | | |
            |---|---|
            {surroundings}
            k6 ran on the machine named here; in local and compose mode that is the service's own, and it takes processor time from it. More: [k6's report](k6.html), [summary.json](summary.json), samples.tsv.
            """;

    private static final List<String> SURROUNDINGS = List.of(
            "commit",
            "commit of the scripts",
            "machine",
            "load average",
            "java",
            "k6",
            "haproxy",
            "redis",
            "settings",
            "faults");

    /** How much of the end of a growing rate shows what gave way. */
    private static final int SECONDS_OF_BREAKING = 15;

    private final TierRun run;
    private final Summary k6;
    private final OtherLoad others;
    private final Judgement judgement;
    private final Bottleneck bottleneck;

    TierReport(TierRun run) {
        this.run = run;
        this.k6 = run.k6();
        this.others = OtherLoad.find(run.samples(), run.cores());
        this.judgement = Judgement.of(run, others);
        this.bottleneck = Bottleneck.find(
                hasGrowingRate() ? run.samples().last(SECONDS_OF_BREAKING) : run.samples(), run.cores());
    }

    public static void main(String[] arguments) throws IOException {
        CommandLine.require(arguments.length == 1 || arguments.length == 2, USAGE);
        TierReport report = new TierReport(TierRun.read(Path.of(arguments[0])));
        report.write(arguments.length == 2 ? Optional.of(Path.of(arguments[1])) : Optional.empty());
        report.print(System.out);
        System.exit(report.verdict().exitCode());
    }

    Verdict verdict() {
        return judgement.verdict();
    }

    private boolean hasGrowingRate() {
        return run.isTier("platinum");
    }

    /** @param previous the folder of a run to compare with */
    void write(Optional<Path> previous) throws IOException {
        Path folder = run.folder();
        String charts = charts();
        Files.writeString(folder.resolve("report.md"), report(previous, charts));
        StringBuilder figures = new StringBuilder();
        judgement
                .figures()
                .forEach((name, value) ->
                        figures.append(name).append('\t').append(value).append('\n'));
        Files.writeString(folder.resolve("figures.tsv"), figures);
        Files.writeString(
                folder.resolve("verdict.tsv"),
                text(
                        "verdict\t%s\ncomparable\t%s\nprocessors\t%d\nprocessors that others took\t%.2f\n",
                        verdict().text().replace("objective ", ""),
                        others.isComparable() ? "yes" : "no",
                        others.available(),
                        others.cores()));
    }

    void print(PrintStream out) {
        out.println();
        if (!others.isComparable()) {
            out.println("WARNING " + others.text() + "; "
                    + (verdict() == Verdict.NOT_COMPARABLE
                            ? "the run is not comparable"
                            : "its latencies mean nothing"));
        }
        for (Objective objective : judgement.objectives()) {
            out.println(text("%s  %s: %s", objective.met() ? "met   " : "MISSED", objective.name(), objective.found()));
        }
        judgement.figures().forEach((name, value) -> out.println(text("        %s: %s", name, number(value))));
        out.println("        bottleneck: " + bottleneck.verdict());
    }

    private String report(Optional<Path> previous, String charts) throws IOException {
        Summary facts = run.facts();
        return Template.fill(
                TEMPLATE,
                Map.ofEntries(
                        Map.entry("tier", run.tier()),
                        Map.entry("verdict", verdict().text()),
                        Map.entry("warning", warning()),
                        Map.entry("began", facts.text("began")),
                        Map.entry("mode", facts.text("mode")),
                        Map.entry("setup", facts.text("setup")),
                        Map.entry(
                                "short",
                                run.isQuick()
                                        ? ". A short run: it shows that all works; its latencies are not judged"
                                        : ""),
                        Map.entry("objectives", objectives()),
                        Map.entry("unknown", unknown()),
                        Map.entry("warm-up", warmUp()),
                        Map.entry("figures", figures(previous)),
                        Map.entry("period", hasGrowingRate() ? text(" in the last %d s", SECONDS_OF_BREAKING) : ""),
                        Map.entry("bottleneck", bottleneck.verdict()),
                        Map.entry("evidence", evidence()),
                        Map.entry("answers", answers()),
                        Map.entry("steps", steps()),
                        Map.entry("charts", charts),
                        Map.entry("jvms", jvms()),
                        Map.entry("surroundings", surroundings())));
    }

    private String warning() {
        return others.isComparable()
                ? ""
                : text(
                        "**Warning: %s. The latencies, rates and the bottleneck below are those of a busy machine: do not compare them, and run the tier again when it is quiet.**\n\n",
                        others.text());
    }

    private String objectives() {
        return judgement.objectives().stream()
                .map(objective -> text(
                        "| %s | %s | %s |\n",
                        objective.name(), objective.met() ? "met" : "**missed**", objective.found()))
                .collect(Collectors.joining());
    }

    private String unknown() {
        return run.isBookedKnown()
                ? ""
                : "\nWhether every answered redirect was booked is unknown: the database is out of reach.\n";
    }

    private String warmUp() {
        return Double.isNaN(run.warmUp("p(95)"))
                ? ""
                : text(
                        "\nBefore what is judged, as many users asked for the same while the JVMs compiled: redirects with a median of %.2f ms, p95 %.2f ms, p99 %.2f ms.\n",
                        run.warmUp("med"), run.warmUp("p(95)"), run.warmUp("p(99)"));
    }

    private String evidence() {
        return bottleneck.evidence().stream().map(fact -> "- " + fact + "\n").collect(Collectors.joining());
    }

    private String figures(Optional<Path> previous) throws IOException {
        Summary before =
                previous.isPresent() ? Summary.read(previous.get().resolve("figures.tsv")) : new Summary(Map.of());
        if (before.values().isEmpty()) {
            return "| figure | this run |\n|---|--:|\n"
                    + judgement.figures().entrySet().stream()
                            .map(figure -> text("| %s | %s |\n", figure.getKey(), number(figure.getValue())))
                            .collect(Collectors.joining());
        }
        return "| figure | this run | before | change |\n|---|--:|--:|--:|\n"
                + judgement.figures().entrySet().stream()
                        .map(figure -> compared(figure.getKey(), figure.getValue(), before.number(figure.getKey())))
                        .collect(Collectors.joining())
                + text("\nBefore: %s.\n", previous.get().getFileName());
    }

    private static String compared(String name, double value, double old) {
        String change = Double.isNaN(old) || old == 0 ? "" : text("%+.0f %%", (value / old - 1) * 100);
        return text("| %s | %s | %s | %s |\n", name, number(value), Double.isNaN(old) ? "" : number(old), change);
    }

    private static String number(double value) {
        return Math.abs(value) >= 1000 || value == Math.rint(value) ? text("%,.0f", value) : text("%.2f", value);
    }

    private String answers() {
        return count("redirects (302)", "found")
                + count("unknown codes (404, as it should be)", "not_found")
                + count("creates (201)", "created")
                + count("writes refused (429, 503)", "refused")
                + count("writes broken off (502, 504, no answer)", "broken_off")
                + count("wrong", "wrong")
                + (k6.count("dropped_iterations") > 0
                        ? count("not sent, all users were waiting", "dropped_iterations")
                        : "");
    }

    private String count(String name, String metric) {
        return text("| %s | %,d |\n", name, k6.count(metric));
    }

    private String steps() {
        if (run.rates().isEmpty()) {
            return "";
        }
        return "\n| redirects per second | median, ms | p95 | p99 | not sent | |\n|--:|--:|--:|--:|--:|---|\n"
                + run.rates().stream()
                        .filter(metric -> k6.percentile(metric, "max") > 0)
                        .map(metric -> text(
                                "| %,.0f | %.2f | %.2f | %.2f | %,d | %s |\n",
                                TierRun.rate(metric),
                                k6.percentile(metric, "med"),
                                k6.percentile(metric, "p(95)"),
                                k6.percentile(metric, "p(99)"),
                                k6.count(TierRun.dropped(metric)),
                                run.keeps(metric) ? "kept" : "broken"))
                        .collect(Collectors.joining());
    }

    private String charts() throws IOException {
        if (run.timeline().periods().isEmpty()) {
            return "No charts: k6 left no recording of its dashboard.\n";
        }
        Chart throughput = new Chart("Requests per second")
                .line("requests", points(Timeline.Period::requests))
                .line("wrong answers", points(Timeline.Period::wrong));
        Chart latency = new Chart("Latency in milliseconds, all requests")
                .line("median", points(Timeline.Period::median))
                .line("p95", points(Timeline.Period::p95))
                .line("p99", points(Timeline.Period::p99));
        String charts =
                chart("Requests per second", "throughput", throughput) + "\n" + chart("Latency", "latency", latency);
        Samples samples = run.samples();
        if (samples.subjects().isEmpty()) {
            return charts;
        }
        Chart processors = new Chart("Processor cores in use");
        samples.subjects().stream()
                .filter(subject -> !samples.series(subject, "cpu").isEmpty())
                .forEach(subject -> processors.line(subject, samples.rates(subject, "cpu")));
        return charts + "\n" + chart("Processors", "processors", processors);
    }

    private String chart(String title, String name, Chart chart) throws IOException {
        Files.writeString(run.folder().resolve(name + ".svg"), chart.svg());
        return text("![%s](%s.svg)\n", title, name);
    }

    private List<double[]> points(ToDoubleFunction<Timeline.Period> value) {
        return run.timeline().periods().stream()
                .map(period -> new double[] {period.at(), value.applyAsDouble(period)})
                .toList();
    }

    private String jvms() {
        List<String> jvms = run.services().subjects();
        if (jvms.isEmpty()) {
            return "";
        }
        return """

                | JVM | cores | resident, MiB | collecting garbage | clicks pending, KiB |
                |---|--:|--:|--:|--:|
                """ + jvms.stream().map(this::jvm).collect(Collectors.joining()) + """

                The first two were measured every second; the others are from the JVMs' own metrics, and from moments apart: what was in between is not seen. –: there were none, or too few.
                """;
    }

    private String jvm(String jvm) {
        Samples samples = run.samples();
        boolean hasMetrics = samples.series(jvm, "jvm_gc_pause_seconds_sum").size() > 1;
        return text(
                "| %s | %.2f | %.0f | %s | %s |\n",
                jvm,
                samples.rate(jvm, "cpu"),
                samples.largest(jvm, "rss") / 1024,
                hasMetrics ? text("%.2f s", samples.growth(jvm, "jvm_gc_pause_seconds_sum")) : "–",
                hasMetrics ? text("%.0f", samples.largest(jvm, ResourceSampler.PENDING_BYTES) / 1024) : "–");
    }

    private String surroundings() {
        return SURROUNDINGS.stream()
                .filter(name -> !run.facts().text(name).isEmpty())
                .map(name -> text("| %s | %s |\n", name, run.facts().text(name)))
                .collect(Collectors.joining());
    }
}
