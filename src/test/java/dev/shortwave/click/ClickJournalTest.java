package dev.shortwave.click;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shortwave.bus.Codecs;
import dev.shortwave.config.Config;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The journal on real files, with a sink in memory that fails on purpose. */
class ClickJournalTest {

    private static final int SEGMENT_BYTES = 64 * 1024;

    @TempDir
    Path folder;

    private final Vertx vertx = Vertx.vertx();
    private final List<Click> expected = new ArrayList<>();
    private long number;

    private final List<Service> living = new ArrayList<>();

    @BeforeEach
    void open() {
        Codecs.registerAll(vertx.eventBus());
    }

    @AfterEach
    void close() {
        List.copyOf(living).forEach(Service::crash);
        join(vertx.close());
    }

    /** One process of the service on the folder: a journal, an appender and a recorder. */
    private final class Service {

        final ClickJournal journal;
        final ClickRecorder recorder;
        final ClickLog.Appender appender;

        Service(ClickSink sink, long maxBytes, int batchSize) {
            Config.Clicks config = new Config.Clicks(
                    batchSize, folder, SEGMENT_BYTES, maxBytes, Duration.ofMillis(20), Duration.ofMillis(1));
            journal = new ClickJournal(vertx, config, "installation");
            join(journal.start());
            recorder = new ClickRecorder(vertx, journal, sink, config);
            appender = join(journal.open());
            living.add(this);
        }

        void append(Random random) {
            Click click = ClickCodecTest.random(random, number + 1);
            long before = journal.appended();
            appender.append(click);
            // Refused while a spare segment is on its way: in this test clicks come faster than any client sends them.
            if (journal.appended() > before) {
                number++;
                expected.add(click);
            }
        }

        void run() {
            vertx.runOnContext(go -> recorder.run());
        }

        /** What the system does to a killed process: its locks are gone, its files are as they are. */
        void crash() {
            living.remove(this);
            recorder.stop();
            join(journal.stop());
        }
    }

    private Service process(FakeSink sink) {
        return new Service(sink, 1 << 30, 50);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void booksEachClickOnceThroughCrashesAndLostAnswers(long seed) {
        Random random = new Random(seed);
        FakeSink sink = new FakeSink(random, 3);
        Service process = process(sink);
        for (int step = 0; step < 60; step++) {
            switch (random.nextInt(4)) {
                case 0, 1 -> {
                    for (int click = random.nextInt(400); click > 0; click--) {
                        process.append(random);
                    }
                }
                case 2 -> process.run();
                default -> {
                    if (random.nextInt(3) == 0) {
                        process.crash();
                        process = process(sink);
                    }
                }
            }
        }
        Service last = process;
        await().atMost(30, TimeUnit.SECONDS).until(() -> {
            last.run();
            return sink.numbers().size() >= expected.size();
        });
        assertThat(sink.numbers())
                .containsExactlyInAnyOrderElementsOf(
                        LongStream.rangeClosed(1, number).boxed().toList());
    }

    @Test
    void booksInOrderAndRemovesWhatIsBooked() throws IOException {
        Random random = new Random(1);
        FakeSink sink = new FakeSink(random, 0);
        Service first = process(sink);
        for (int click = 0; click < 3_000; click++) {
            first.append(random);
        }
        first.crash();

        Service second = process(sink);
        second.run();
        join(second.journal.flush());

        assertThat(sink.booked).isEqualTo(expected);
        await().atMost(5, TimeUnit.SECONDS)
                .until(() -> files().stream()
                        .allMatch(file -> file.startsWith(folder.resolve("installation")
                                .resolve(second.journal.streams().get(0).id())
                                .getParent())));
    }

    @Test
    void flushWaitsForWhatWasAppendedBefore() {
        FakeSink sink = new FakeSink(new Random(1), 5);
        Service process = process(sink);
        for (int click = 0; click < 300; click++) {
            process.append(new Random(click));
        }
        process.run();

        await().atMost(10, TimeUnit.SECONDS).until(() -> {
            join(process.journal.flush());
            return sink.numbers().size() == 300;
        });
    }

    @Test
    void flushDoesNotWaitWhileTheSinkIsAway() {
        FakeSink sink = new FakeSink(new Random(1), 0);
        sink.away = true;
        Service process = process(sink);
        process.append(new Random(1));
        process.run();

        await().atMost(5, TimeUnit.SECONDS).until(() -> process.journal.flush().isComplete());
        assertThat(sink.numbers()).isEmpty();

        sink.away = false;
        await().atMost(5, TimeUnit.SECONDS).until(() -> sink.numbers().size() == 1);
    }

    @Test
    void refusesAndCountsBeyondItsSizeAndKeepsWhatItTook() {
        FakeSink sink = new FakeSink(new Random(1), 0);
        sink.away = true;
        Service process = new Service(sink, 4 * SEGMENT_BYTES, 50);
        Random random = new Random(1);
        // A spare is made on a worker: give it its time, as real traffic does.
        await().atMost(30, TimeUnit.SECONDS).until(() -> {
            for (int click = 0; click < 20; click++) {
                process.append(random);
            }
            return process.journal.refused() > 100;
        });
        long taken = process.journal.appended();
        assertThat(taken).isEqualTo(expected.size());
        assertThat(process.journal.fileBytes()).isLessThanOrEqualTo(4 * SEGMENT_BYTES);

        sink.away = false;
        process.run();
        await().atMost(10, TimeUnit.SECONDS).until(() -> sink.numbers().size() == taken);
    }

    @Test
    void onePoisonedClickIsLostAndNoneOfItsNeighbours() {
        FakeSink sink = new FakeSink(new Random(1), 0);
        sink.poison = "c77";
        Service process = process(sink);
        for (int click = 0; click < 200; click++) {
            process.append(new Random(click));
        }
        process.run();

        await().atMost(10, TimeUnit.SECONDS).until(() -> sink.numbers().size() == 199);
        assertThat(sink.numbers()).doesNotContain(77L).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void booksWhatCanBeReadOfAGarbledOrTruncatedJournal(long seed) throws IOException {
        Random random = new Random(seed);
        FakeSink sink = new FakeSink(random, 0);
        Service first = process(sink);
        for (int click = 0; click < 600; click++) {
            first.append(random);
        }
        first.crash();
        List<Path> files = files().stream()
                .filter(file -> file.toString().endsWith(".clicks"))
                .toList();
        Path harmed = files.get(random.nextInt(files.size()));
        try (RandomAccessFile file = new RandomAccessFile(harmed.toFile(), "rw")) {
            if (random.nextBoolean()) {
                file.setLength(random.nextInt(SEGMENT_BYTES));
            } else {
                for (int harm = 0; harm < 20; harm++) {
                    file.seek(random.nextInt(SEGMENT_BYTES));
                    file.write(random.nextInt(256));
                }
            }
        }

        Service second = process(sink);
        second.append(random);
        second.run();
        await().atMost(10, TimeUnit.SECONDS).until(() -> sink.numbers().contains(601L));
        await().atMost(10, TimeUnit.SECONDS).until(() -> !Files.exists(harmed));

        assertThat(sink.numbers()).doesNotHaveDuplicates();
        assertThat(expected).containsAll(sink.booked);
    }

    @Test
    void leavesTheFolderOfALivingProcessAlone() {
        FakeSink sink = new FakeSink(new Random(1), 0);
        Service first = process(sink);
        first.append(new Random(1));
        Service second = process(sink);
        second.run();
        join(second.journal.flush());

        assertThat(sink.numbers()).isEmpty();
        first.run();
        await().atMost(5, TimeUnit.SECONDS).until(() -> sink.numbers().size() == 1);
    }

    private List<Path> files() throws IOException {
        try (var files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    private static <T> T join(Future<T> future) {
        return future.toCompletionStage().toCompletableFuture().join();
    }
}
