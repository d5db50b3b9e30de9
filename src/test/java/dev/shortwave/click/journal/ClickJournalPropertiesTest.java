package dev.shortwave.click.journal;

import static dev.shortwave.click.journal.JournalProcess.join;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shortwave.bus.Addresses;
import dev.shortwave.bus.Codecs;
import dev.shortwave.click.ClickCodecTest;
import dev.shortwave.fixture.Folders;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;

/** Each click once, whatever happens to the processes and to their sink in between. */
class ClickJournalPropertiesTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    /** What can happen to one of two processes on the same folder. */
    enum Step {
        APPEND_FEW,
        APPEND_MANY,
        RUN,
        FLUSH,
        CRASH,
        STOP,
        SINK_GOES,
        SINK_COMES
    }

    record Happening(int process, Step step) {}

    @Provide
    Arbitrary<List<Happening>> lives() {
        Arbitrary<Step> steps = Arbitraries.frequencyOf(
                net.jqwik.api.Tuple.of(6, Arbitraries.of(Step.APPEND_FEW, Step.APPEND_MANY, Step.RUN)),
                net.jqwik.api.Tuple.of(2, Arbitraries.of(Step.FLUSH, Step.CRASH, Step.STOP)),
                net.jqwik.api.Tuple.of(1, Arbitraries.of(Step.SINK_GOES, Step.SINK_COMES)));
        return net.jqwik.api.Combinators.combine(Arbitraries.integers().between(0, 1), steps)
                .as(Happening::new)
                .list()
                .ofMinSize(5)
                .ofMaxSize(60);
    }

    @Property(tries = 40, shrinking = ShrinkingMode.OFF)
    void everyClickIsBookedExactlyOnce(
            @ForAll("lives") List<Happening> life, @ForAll @IntRange(max = 5) int failuresInTen, @ForAll long seed)
            throws IOException {
        Path folder = Files.createTempDirectory("shortwave-test-clicks");
        try {
            new Life(folder, new FakeSink(new Random(seed), failuresInTen)).live(life);
        } finally {
            Folders.delete(folder);
        }
    }

    private static final class Life {

        private final Vertx vertx = Vertx.vertx();
        private final Path folder;
        private final FakeSink sink;
        private final JournalProcess[] processes = new JournalProcess[2];
        private long number;

        Life(Path folder, FakeSink sink) {
            this.folder = folder;
            this.sink = sink;
        }

        void live(List<Happening> life) {
            Codecs.registerAll(vertx.eventBus());
            vertx.eventBus().localConsumer(Addresses.CLICKS_AVAILABLE, wake -> runAll());
            try {
                processes[0] = process();
                processes[1] = process();
                life.forEach(this::happen);
                sink.away = false;
                await().atMost(TIMEOUT).until(() -> {
                    runAll();
                    return sink.numbers().size() >= number;
                });
                await().atMost(TIMEOUT).until(() -> processes[0].journal.pendingBytes() == 0);
                assertThat(sink.numbers())
                        .containsExactlyInAnyOrderElementsOf(
                                LongStream.rangeClosed(1, number).boxed().toList());
                assertThat(processes[0].journal.damagedBytes()).isZero();
            } finally {
                for (JournalProcess process : processes) {
                    process.crash();
                }
                join(vertx.close());
            }
        }

        private JournalProcess process() {
            return JournalProcess.on(vertx, folder, sink);
        }

        private void runAll() {
            for (JournalProcess process : processes) {
                if (process != null) {
                    process.run();
                }
            }
        }

        private void happen(Happening happening) {
            JournalProcess process = processes[happening.process()];
            switch (happening.step()) {
                case APPEND_FEW -> append(process, 3);
                case APPEND_MANY -> append(process, 400);
                case RUN -> process.run();
                case FLUSH -> {
                    process.run();
                    // Neither process waits while the sink is away.
                    join(process.journal.flush());
                }
                case CRASH -> {
                    process.crash();
                    processes[happening.process()] = process();
                }
                case STOP -> {
                    process.stop();
                    processes[happening.process()] = process();
                }
                case SINK_GOES -> sink.away = true;
                case SINK_COMES -> sink.away = false;
            }
        }

        private void append(JournalProcess process, int clicks) {
            for (int click = 0; click < clicks; click++) {
                if (process.append(ClickCodecTest.random(new Random(number), number + 1))) {
                    number++;
                }
            }
        }
    }
}
