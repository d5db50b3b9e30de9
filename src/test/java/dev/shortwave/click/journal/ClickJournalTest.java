package dev.shortwave.click.journal;

import static dev.shortwave.click.journal.JournalProcess.INSTALLATION;
import static dev.shortwave.click.journal.JournalProcess.SEGMENT_BYTES;
import static dev.shortwave.click.journal.JournalProcess.join;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shortwave.bus.Addresses;
import dev.shortwave.bus.Codecs;
import dev.shortwave.click.Click;
import dev.shortwave.click.ClickAppenders;
import dev.shortwave.click.ClickCodecTest;
import dev.shortwave.click.Clicks;
import dev.shortwave.click.sink.ClickSink;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.internal.WorkerExecutorInternal;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The journal on real files, with a sink in memory that fails on purpose. */
class ClickJournalTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final Duration SOON = Duration.ofMillis(10);

    @TempDir
    Path folder;

    private final Vertx vertx = Vertx.vertx();
    private final List<JournalProcess> processes = new ArrayList<>();
    private final List<Click> expected = new ArrayList<>();
    private final FakeSink sink = new FakeSink(new Random(1), 0);

    @BeforeEach
    void open() {
        Codecs.registerAll(vertx.eventBus());
    }

    @Test
    void onlyTheOwnerMayReadItsFiles() throws IOException {
        Path root = folder.resolve("new/clicks");
        JournalDirectory files = new JournalDirectory(root, SEGMENT_BYTES, 4L * SEGMENT_BYTES);
        files.open();
        files.newSegment(new ClickStream(files.streamId(1)));
        try (Stream<Path> made = Files.walk(folder.resolve("new"))) {
            assertThat(made.toList())
                    .hasSizeGreaterThan(5)
                    .allSatisfy(path -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                            .endsWith("------"));
        }
        files.close();
    }

    @AfterEach
    void close() {
        processes.forEach(JournalProcess::crash);
        join(vertx.close());
    }

    private JournalProcess process() {
        return process(sink, 1 << 30);
    }

    private JournalProcess process(ClickSink sink, long maxBytes) {
        JournalProcess process = JournalProcess.on(vertx, folder, sink, maxBytes, Clock.systemUTC());
        processes.add(process);
        return process;
    }

    /** Clicks that it took, one after the other from number 1 on; gives how many that are by now. */
    private int append(JournalProcess process, int clicks) {
        for (int click = 0; click < clicks; click++) {
            Click next = ClickCodecTest.random(new Random(expected.size()), expected.size() + 1);
            if (process.append(next)) {
                expected.add(next);
            }
        }
        return expected.size();
    }

    /** Nothing is wrong with the clicks, and it tries again and again until the poison is taken out. */
    private JournalProcess processWithoutTheRightToBookTenClicks() {
        sink.poison = "c7";
        sink.refusal = "42501";
        JournalProcess process = process();
        append(process, 10);
        process.run();
        await().atMost(TIMEOUT).until(() -> process.journal.replays() > 3);
        return process;
    }

    private void awaitBooked(int clicks) {
        await().atMost(TIMEOUT).until(() -> sink.numbers().size() == clicks);
    }

    private static void awaitFlushed(JournalProcess process) {
        Future<Void> flushed = process.journal.flush();
        await().atMost(TIMEOUT).until(flushed::isComplete);
    }

    @Test
    void booksInOrderAndRemovesWhatIsBooked() throws IOException {
        JournalProcess first = process();
        append(first, 3_000);
        first.crash();

        JournalProcess second = process();
        second.run();
        join(second.journal.flush());

        assertThat(sink.booked).isEqualTo(expected);
        await().atMost(TIMEOUT)
                .until(() -> files().stream()
                        .allMatch(file -> file.startsWith(folder.resolve(INSTALLATION)
                                .resolve(second.journal.streams().get(0).id())
                                .getParent())));
        assertThat(sink.checkpoints()).isZero();
        assertThat(second.journal.replays()).isPositive();
        assertThat(second.journal.damagedBytes()).isZero();
    }

    @Test
    void reportsTheSizeOfEachBookedBatch() {
        JournalProcess process = process();
        int taken = append(process, 120);
        process.run();
        join(process.journal.flush());

        assertThat(process.batches).allMatch(size -> size <= 50);
        assertThat(process.batches.stream().mapToLong(Long::longValue).sum()).isEqualTo(taken);
    }

    @Test
    void aRunningProcessBooksTheClicksOfAnEndedOne() {
        JournalProcess living = process();
        living.run();
        // The running one receives no request; its recorder is notified by the scan.
        vertx.eventBus().localConsumer(Addresses.CLICKS_AVAILABLE, wake -> living.run());
        JournalProcess killed = process();
        int taken = append(killed, 700);
        killed.crash();

        awaitBooked(taken);
        assertThat(sink.booked).isEqualTo(expected);
    }

    @Test
    void doesNotAdoptTheFolderOfARunningProcess() {
        JournalProcess first = process();
        append(first, 1);
        JournalProcess second = process();
        second.run();
        join(second.journal.flush());

        assertThat(sink.numbers()).isEmpty();
        first.run();
        awaitBooked(1);
    }

    @Test
    void flushWaitsForWhatWasAppendedBefore() {
        FakeSink failing = new FakeSink(new Random(1), 5);
        JournalProcess process = process(failing, 1 << 30);
        int taken = append(process, 300);
        process.run();

        await().atMost(TIMEOUT).until(() -> {
            join(process.journal.flush());
            return failing.numbers().size() == taken;
        });
    }

    @Test
    void flushDoesNotWaitWhileTheSinkIsUnavailable() {
        sink.away = true;
        JournalProcess process = process();
        append(process, 1);
        process.run();

        await().atMost(TIMEOUT).until(() -> process.journal.flush().isComplete());
        assertThat(sink.numbers()).isEmpty();

        sink.away = false;
        awaitBooked(1);
    }

    @Test
    void dropsAndCountsBeyondItsSizeAndRecovers() {
        sink.away = true;
        JournalProcess process = process(sink, 4 * SEGMENT_BYTES);
        // A spare is made on a worker: give it its time, as real traffic does.
        await().atMost(TIMEOUT).pollInterval(SOON).until(() -> {
            append(process, 20);
            return process.journal.dropped() > 100;
        });
        int taken = expected.size();
        assertThat(process.journal.appended()).isEqualTo(taken);
        assertThat(process.journal.pendingClicks()).isEqualTo(taken);
        assertThat(process.journal.fileBytes()).isLessThanOrEqualTo(4 * SEGMENT_BYTES);

        sink.away = false;
        process.run();
        awaitBooked(taken);
        await().atMost(TIMEOUT).until(() -> append(process, 1) > taken);
        process.run();
        awaitBooked(taken + 1);
        assertThat(sink.booked).isEqualTo(expected);
        assertThat(process.journal.pendingClicks()).isZero();
    }

    @Test
    void freeSegmentsOfOneEventLoopAreReusedByOthers() {
        sink.away = true;
        JournalProcess process = process(sink, 12 * SEGMENT_BYTES);
        ClickAppenders.ClickAppender other = join(process.journal.open());
        await().atMost(TIMEOUT).pollInterval(SOON).until(() -> {
            append(process, 20);
            return process.journal.fileBytes() == 12 * SEGMENT_BYTES;
        });
        sink.away = false;
        process.run();
        awaitBooked(expected.size());

        sink.away = true;
        await().atMost(TIMEOUT).pollInterval(SOON).until(() -> {
            for (int click = 0; click < 50; click++) {
                Clicks.append(other, ClickCodecTest.random(new Random(click), click));
            }
            // It had three of the twelve files.
            return process.journal.pendingBytes() > 5 * SEGMENT_BYTES;
        });
    }

    @Test
    void opensAndDropsWithoutRoomForASingleSegment() {
        JournalProcess process = process(sink, SEGMENT_BYTES / 2);

        assertThat(process.append(ClickCodecTest.random(new Random(1), 1))).isFalse();
        assertThat(process.journal.dropped()).isEqualTo(1);
    }

    @Test
    void onePoisonedClickIsLostAndNoneOfItsNeighbours() {
        sink.poison = "c77";
        JournalProcess process = process();
        assertThat(append(process, 200)).isEqualTo(200);
        process.run();

        awaitBooked(199);
        await().atMost(TIMEOUT).until(() -> process.journal.pendingBytes() == 0);
        assertThat(sink.numbers())
                .isEqualTo(LongStream.rangeClosed(1, 200)
                        .filter(number -> number != 77)
                        .boxed()
                        .toList());
        assertThat(process.journal.rejected()).isEqualTo(1);
        assertThat(process.journal.booked()).isEqualTo(199);
        assertThat(process.journal.pendingClicks()).isZero();
    }

    @Test
    void aCorrectableRefusalLosesNoClick() {
        JournalProcess process = processWithoutTheRightToBookTenClicks();
        assertThat(sink.numbers()).isEmpty();

        sink.poison = "";
        awaitBooked(10);
        assertThat(process.journal.rejected()).isZero();
    }

    @Test
    void flushDoesNotWaitForACorrectableRefusal() {
        JournalProcess process = processWithoutTheRightToBookTenClicks();

        awaitFlushed(process);
        assertThat(process.journal.isAwaited()).isFalse();

        sink.poison = "";
        awaitBooked(10);
        append(process, 1);
        process.run();
        awaitFlushed(process);
        assertThat(sink.numbers()).hasSize(11);
    }

    @Test
    void slowFsyncsDoNotDelayTheReadingOfClicks() throws InterruptedException {
        process();
        WorkerExecutor worker = vertx.createSharedWorkerExecutor("click-journal");
        CountDownLatch slow = new CountDownLatch(1);
        Future<Void> disk = worker.executeBlocking(() -> {
            slow.await();
            return null;
        });
        CountDownLatch intervals = new CountDownLatch(20);
        vertx.setPeriodic(JournalProcess.FSYNC_INTERVAL.toMillis(), tick -> intervals.countDown());
        intervals.await();
        try {
            assertThat(((ThreadPoolExecutor)
                                    ((WorkerExecutorInternal) worker).pool().executor())
                            .getQueue())
                    // One of them, and one look for journals of processes that are gone.
                    .hasSizeLessThanOrEqualTo(2);
        } finally {
            slow.countDown();
            join(disk);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void booksTheReadableClicksOfACorruptJournalAndReportsTheRest(long seed) throws IOException {
        Random random = new Random(seed);
        JournalProcess first = process();
        int taken = append(first, 600);
        first.crash();
        List<Path> files = files().stream()
                .filter(file -> file.toString().endsWith(".clicks"))
                .sorted()
                .toList();
        Path harmed = files.get(random.nextInt(2));
        try (RandomAccessFile file = new RandomAccessFile(harmed.toFile(), "rw")) {
            if (seed % 2 == 0) {
                file.setLength(random.nextInt(SEGMENT_BYTES / 2));
            } else {
                for (int harm = 0; harm < 20; harm++) {
                    file.seek(random.nextInt(SEGMENT_BYTES / 2));
                    file.write(random.nextInt(256));
                }
            }
        }

        JournalProcess second = process();
        second.run();
        await().atMost(TIMEOUT).until(() -> !Files.exists(harmed));
        assertThat(append(second, 1)).isEqualTo(taken + 1);
        second.run();
        await().atMost(TIMEOUT).until(() -> sink.numbers().contains((long) expected.size()));

        assertThat(sink.numbers()).doesNotHaveDuplicates().hasSizeLessThanOrEqualTo(taken);
        assertThat(expected).containsAll(sink.booked);
        assertThat(second.journal.damagedBytes()).isPositive();
    }

    /** The length of its last click is another, or the mark of the end of a file. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void corruptionInARunningProcessLosesNoLaterClicks(boolean looksLikeTheEnd) throws IOException {
        JournalProcess process = process();
        append(process, 3);
        ClickStream stream = process.journal.streams().get(0);
        Segment written = stream.segments().element();
        int place = written.offsetOf(stream.appendedPosition()) - Long.BYTES;
        while (!written.isRecord(place, written.lengthAt(place), new SegmentChecksum())) {
            place -= Long.BYTES;
        }
        try (RandomAccessFile file = new RandomAccessFile(written.file().toFile(), "rw")) {
            file.seek(place);
            file.writeInt(looksLikeTheEnd ? Segment.END_MARK : 12345);
        }
        process.run();
        awaitFlushed(process);
        assertThat(process.journal.damagedBytes()).isPositive();

        append(process, 2);
        process.run();
        awaitFlushed(process);
        assertThat(sink.numbers()).containsExactly(1L, 2L, 4L, 5L);
        assertThat(process.journal.pendingBytes()).isZero();
    }

    @Test
    void theContentOfTheFolderNeverFailsTheStart() throws IOException {
        JournalProcess first = process();
        int taken = append(first, 100);
        first.crash();
        Path root = folder.resolve(INSTALLATION);
        Path stream = files().stream()
                .filter(file -> file.toString().endsWith(".clicks"))
                .findFirst()
                .orElseThrow()
                .getParent();
        Files.writeString(stream.resolve("0.clicks"), "no journal ".repeat(100));
        Files.createFile(stream.resolve("00.clicks"));
        Files.createDirectories(stream.resolve("folder.clicks").resolve("more"));
        try (RandomAccessFile large =
                new RandomAccessFile(stream.resolve("large.clicks").toFile(), "rw")) {
            large.setLength(3L << 30);
        }
        Files.createSymbolicLink(stream.resolve("loop.clicks"), stream.resolve("loop.clicks"));
        Files.createSymbolicLink(root.resolve("nowhere"), root.resolve("nowhere"));
        Files.writeString(root.resolve("file"), "x");
        Files.createDirectories(root.resolve("process").resolve("lock").resolve("more"));
        Files.createDirectories(root.resolve("empty").resolve("0"));

        JournalProcess second = process();
        second.run();
        awaitBooked(taken);
        await().atMost(TIMEOUT).until(() -> !Files.exists(stream));
        assertThat(root.resolve("unreadable"))
                .isDirectoryContaining(kept -> kept.toString().endsWith("-0.clicks"))
                .isDirectoryContaining(kept -> kept.toString().endsWith("-large.clicks"));
    }

    @Test
    void clicksOfAFileThatCannotBeDeletedAreNotBookedAgain() throws IOException {
        JournalProcess first = process();
        int taken = append(first, 10);
        first.crash();
        Path file = files().stream()
                .filter(found -> found.toString().endsWith(".clicks"))
                .findFirst()
                .orElseThrow();
        byte[] kept = Files.readAllBytes(file);

        JournalProcess second = process();
        // A folder that is not empty can't be deleted: it stands for a disk that is read-only.
        Files.createDirectories(file.resolveSibling("obstacle").resolve("more"));
        second.run();
        awaitBooked(taken);
        await().atMost(TIMEOUT).until(() -> !Files.exists(file));
        assertThat(sink.checkpoints()).isEqualTo(1);
        second.crash();

        Files.write(file, kept);
        JournalProcess third = process();
        third.run();
        await().atMost(TIMEOUT).until(() -> !Files.exists(file));
        assertThat(sink.numbers()).hasSize(taken);
    }

    @Test
    void aClockThatIsSetBackChangesNeitherTheOrderNorTheSignOfTheLag() {
        AtomicLong now = new AtomicLong(1_000_000);
        Clock clock = new Clock() {
            @Override
            public ZoneOffset getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(java.time.ZoneId zone) {
                return this;
            }

            @Override
            public Instant instant() {
                return Instant.ofEpochMilli(now.get());
            }
        };
        sink.away = true;
        JournalProcess process = JournalProcess.on(vertx, folder, sink, 1 << 30, clock);
        processes.add(process);
        assertThat(process.journal.lagSeconds()).isZero();
        List<Long> times = List.of(1_000_000L, 990_000L, 2_000_000L, 500_000L);
        for (long time : times) {
            now.set(time);
            assertThat(process.append(new Click(time, 1, null, "c", "https://a.example/", null, null)))
                    .isTrue();
            assertThat(process.journal.lagSeconds()).isNotNegative();
        }
        assertThat(process.journal.lagSeconds())
                .as("the clock is before the oldest click")
                .isZero();
        now.set(1_007_500);
        assertThat(process.journal.lagSeconds()).as("of the one appended first").isEqualTo(7.5);

        sink.away = false;
        process.run();
        awaitBooked(times.size());
        assertThat(sink.numbers()).isEqualTo(times);
        await().atMost(TIMEOUT).until(() -> process.journal.lagSeconds() == 0);
    }

    private List<Path> files() throws IOException {
        try (var files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }
}
