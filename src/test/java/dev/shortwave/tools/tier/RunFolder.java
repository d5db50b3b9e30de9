package dev.shortwave.tools.tier;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes what a run of a tier on two processors leaves. */
final class RunFolder {

    static final int PROCESSORS = 2;

    private static final int SECONDS = 10;
    private static final int INTERRUPTS = 20;

    private final Path folder;
    private final Map<String, String> facts = new LinkedHashMap<>();
    private final Map<String, String> summary = new LinkedHashMap<>();
    private int ours = 40;
    private int others = 10;
    private int steal;
    private final StringBuilder samples = new StringBuilder();

    RunFolder(Path folder) {
        this.folder = folder;
        fact("tier", "bronze").fact("mode", "local").fact("quick", "no");
        fact("cores", Integer.toString(PROCESSORS)).fact("idle clients", "0").fact("k6 exit code", "0");
        fact("booked", "1000").fact("counters", "1000").fact("began", "now").fact("setup", "test");
        k6("run\tseconds", "10").k6("found\tcount", "1000").k6("http_reqs\tcount", "1000");
        k6("http_req_duration\tp(95)", "3").k6("http_req_duration{name:redirect}\tp(95)", "3");
        k6("http_req_duration{name:redirect}\tthreshold p(95)<5", "met");
        k6("wrong\tcount", "0").k6("wrong\tthreshold count<1", "met");
    }

    RunFolder fact(String name, String value) {
        facts.put(name, value);
        return this;
    }

    RunFolder k6(String name, String value) {
        summary.put(name, value);
        return this;
    }

    /** What the run, other programs and other guests of the host took, in hundredths of a processor. */
    RunFolder load(int ours, int others, int steal) {
        this.ours = ours;
        this.others = others;
        this.steal = steal;
        return this;
    }

    /** A sample of a second of the run. */
    RunFolder sample(int second, String subject, String measure, double value) {
        samples.append(1_700_000_000_000L + second * 1000L)
                .append('\t')
                .append(subject)
                .append('\t')
                .append(measure)
                .append('\t')
                .append(value)
                .append('\n');
        return this;
    }

    TierRun run() throws IOException {
        int programs = ours + others;
        // Ticks are hundredths of a second.
        for (int second = 0; second <= SECONDS; second++) {
            sample(second, "machine", "total", second * 100.0 * PROCESSORS);
            sample(second, "machine", "busy", second * (double) (programs + INTERRUPTS));
            sample(second, "machine", "programs", second * (double) programs);
            sample(second, "machine", "steal", second * (double) steal);
            sample(second, "k6", "cpu", second * ours / 200.0);
            sample(second, "app1", "cpu", second * ours / 200.0);
            sample(second, "app1", "rss", 200_000);
        }
        Files.writeString(folder.resolve("samples.tsv"), samples);
        write("run.tsv", facts);
        write("summary.tsv", summary);
        return TierRun.read(folder);
    }

    private void write(String name, Map<String, String> values) throws IOException {
        StringBuilder lines = new StringBuilder();
        values.forEach(
                (key, value) -> lines.append(key).append('\t').append(value).append('\n'));
        Files.writeString(folder.resolve(name), lines);
    }
}
