package dev.shortwave.click;

import dev.shortwave.click.journal.ClickStream;
import dev.shortwave.click.journal.ClickWriter;
import dev.shortwave.click.journal.Segment;
import dev.shortwave.link.LinkTarget;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A click on its way into the journal. In this package because the journal's parts are nobody else's business. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 10, time = 1)
@Fork(2)
public class ClickBenchmark {

    private static final String AGENT =
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

    private static final String REFERRER = "https://quaylight.example/";

    private static final LinkTarget TARGET = new LinkTarget(
            "aB3xY9", 7, LinkTarget.State.ACTIVE, 4711, 42L, "https://fernhill.example/guides/a-longer-title");

    /** The redirect's click, as it is made of a request. */
    @State(Scope.Thread)
    public static class Plain {

        private final ByteBuffer buffer = ByteBuffer.allocateDirect(4096).order(ByteOrder.LITTLE_ENDIAN);
        private long now = 1_780_000_000_000L;

        private long now() {
            return now++;
        }
    }

    /** A journal of a few files for each round; what is appended fits them, so no round waits for the disk. */
    @State(Scope.Thread)
    public static class Journal {

        static final int CLICKS = 100_000;
        private static final int SEGMENTS = 5;
        private static final int SEGMENT_BYTES = 8 << 20;

        private Path folder;
        private ClickWriter writer;

        @Setup(Level.Iteration)
        public void make() throws IOException {
            folder = Files.createTempDirectory("shortwave-bench");
            writer = new ClickWriter(new ClickStream("bench/0"), rolled -> {});
            for (int number = 0; number < SEGMENTS; number++) {
                writer.offer(Segment.create(folder.resolve(number + ".clicks"), SEGMENT_BYTES));
            }
        }

        @TearDown(Level.Iteration)
        public void remove() throws IOException {
            for (int number = 0; number < SEGMENTS; number++) {
                Files.delete(folder.resolve(number + ".clicks"));
            }
            Files.delete(folder);
        }
    }

    @Benchmark
    public int encode(Plain state) {
        return ClickCodec.encode(TARGET, state.now(), REFERRER, AGENT, state.buffer, 0);
    }

    @Benchmark
    @BenchmarkMode(Mode.SingleShotTime)
    @OperationsPerInvocation(Journal.CLICKS)
    @Warmup(iterations = 30)
    @Measurement(iterations = 20)
    public void append(Plain state, Journal journal) {
        for (int number = 0; number < Journal.CLICKS; number++) {
            if (!journal.writer.append(TARGET, state.now(), REFERRER, AGENT)) {
                throw new IllegalStateException("the files are too small for the clicks of one round");
            }
        }
    }
}
