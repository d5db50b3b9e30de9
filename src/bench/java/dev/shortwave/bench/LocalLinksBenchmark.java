package dev.shortwave.bench;

import dev.shortwave.ServiceLauncher;
import dev.shortwave.cache.CacheLease;
import dev.shortwave.cache.LocalLinkCache;
import dev.shortwave.link.LinkTarget;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A look-up in the memory of the process, as a warm redirect makes it, with as many links as the seeds have. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 10, time = 1)
@Fork(2)
public class LocalLinksBenchmark {

    private static final int LINKS = 2048;

    private LocalLinkCache links;
    private int next;

    /** Not the strings that are in the cache: those of a request are new ones too. */
    private String[] asked;

    @Setup
    public void fill() {
        Path home = Path.of(System.getProperty("shortwave.home"));
        links = new LocalLinkCache(
                ServiceLauncher.readConfig(home.resolve("conf/shortwave.yaml"), home)
                        .cache(),
                CacheLease.unshared());
        List<LinkTarget> targets = IntStream.range(0, LINKS)
                .mapToObj(number -> new LinkTarget(
                        code(number), 1, LinkTarget.State.ACTIVE, number, null, "https://fernhill.example/" + number))
                .toList();
        links.put(targets);
        asked = IntStream.range(0, LINKS).mapToObj(LocalLinksBenchmark::code).toArray(String[]::new);
    }

    private static String code(int number) {
        return "c" + number;
    }

    @Benchmark
    public Object current() {
        next = (next + 1) & (LINKS - 1);
        return links.current(asked[next], System.nanoTime());
    }
}
