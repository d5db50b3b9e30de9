package dev.shortwave.click;

import dev.shortwave.bus.Addresses;
import dev.shortwave.bus.ClicksAvailable;
import dev.shortwave.config.Config;
import dev.shortwave.problem.StartFailure;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.eventbus.DeliveryOptions;
import java.io.IOException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The clicks of this process between the redirect and PostgreSQL, on disk: appended to memory-mapped files, one stream
 * for each event loop, so that they outlive a {@code kill -9}. Bounded; beyond the bound redirects go on and clicks are
 * refused, counted and logged. Thread-safe; files are touched on a worker only.
 */
public final class ClickJournal implements ClickLog {

    private static final Logger LOG = LoggerFactory.getLogger(ClickJournal.class);
    private static final DeliveryOptions LOCAL = new DeliveryOptions().setLocalOnly(true);
    private static final long RETRY_MILLISECONDS = 500;
    private static final int SEGMENTS_AHEAD = 3;

    private final Vertx vertx;
    private final Config.Clicks config;
    private final JournalFiles files;
    private final WorkerExecutor worker;
    private final List<ClickStream> streams = new CopyOnWriteArrayList<>();
    private final AtomicInteger writers = new AtomicInteger();
    private final AtomicLong appended = new AtomicLong();
    private final AtomicLong booked = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicBoolean recorderAwake = new AtomicBoolean();
    private final AtomicBoolean saidFull = new AtomicBoolean();
    private final Queue<Barrier> barriers = new ConcurrentLinkedQueue<>();
    private volatile boolean sinkAway;
    private volatile boolean stopped;
    private long forceTimer = -1;

    private record Barrier(List<Mark> marks, Promise<Void> passed, Context context) {

        boolean isPassed() {
            return marks.stream().allMatch(mark -> mark.stream().booked() >= mark.position());
        }
    }

    private record Mark(ClickStream stream, long position) {}

    /**
     * @param installation the name of the database that the clicks are for: links have the same numbers in others
     */
    public ClickJournal(Vertx vertx, Config.Clicks config, String installation) {
        this.vertx = vertx;
        this.config = config;
        this.files =
                new JournalFiles(config.directory().resolve(installation), config.segmentBytes(), config.maxBytes());
        this.worker = vertx.createSharedWorkerExecutor("click-journal", 1);
    }

    /** Takes the folder into use, and over what dead processes left in it. Fails with {@link StartFailure}. */
    public Future<Void> start() {
        forceTimer = vertx.setPeriodic(config.fsyncInterval().toMillis(), timer -> force());
        return worker.executeBlocking(() -> {
                    try {
                        files.open();
                        return files.takeOver();
                    } catch (IOException e) {
                        throw new StartFailure(
                                "The click journal can't be kept in " + config.directory() + " (" + e.getMessage()
                                        + "). Make the folder writable, or choose another one with clicks.directory.",
                                e);
                    }
                })
                .map(left -> {
                    if (!left.isEmpty()) {
                        LOG.info("Taking over the clicks of {} event loops that did not stop in order", left.size());
                        streams.addAll(left);
                    }
                    return null;
                });
    }

    @Override
    public Future<Appender> open() {
        ClickStream stream = new ClickStream(files.streamId(writers.getAndIncrement()));
        ClickWriter writer = new ClickWriter(stream, this::prepareSpare);
        return worker.executeBlocking(() -> {
            // One to write to, and enough ahead for the worker to be late: a spare takes longer than a click.
            for (int segment = 0; segment < SEGMENTS_AHEAD; segment++) {
                writer.offer(files.newSegment(stream));
            }
            streams.add(stream);
            return new JournalAppender(writer);
        });
    }

    private final class JournalAppender implements Appender {

        private final ClickWriter writer;

        JournalAppender(ClickWriter writer) {
            this.writer = writer;
        }

        @Override
        public void append(Click click) {
            if (!writer.append(click)) {
                refuse();
                return;
            }
            appended.incrementAndGet();
            wakeRecorder();
        }

        @Override
        public void close() {
            writer.stream().end();
            wakeRecorder();
        }
    }

    private void refuse() {
        refused.incrementAndGet();
        if (saidFull.compareAndSet(false, true)) {
            LOG.error("The click journal is full or its disk is: redirects go on, but their clicks are not counted");
        }
    }

    private void wakeRecorder() {
        if (!recorderAwake.get() && recorderAwake.compareAndSet(false, true)) {
            vertx.eventBus().publish(Addresses.CLICKS_AVAILABLE, new ClicksAvailable(), LOCAL);
        }
    }

    /** Called on the writer's event loop when it took its spare into use. Goes on trying while the disk is full. */
    private void prepareSpare(ClickWriter writer) {
        worker.executeBlocking(() -> files.newSegment(writer.stream()))
                .onSuccess(next -> {
                    writer.offer(next);
                    if (saidFull.compareAndSet(true, false)) {
                        LOG.info("The click journal has room again; {} clicks were refused so far", refused.get());
                    }
                })
                .onFailure(failure -> vertx.setTimer(RETRY_MILLISECONDS, again -> {
                    if (!writer.stream().isEnded() && !stopped) {
                        prepareSpare(writer);
                    }
                }));
    }

    private void force() {
        worker.executeBlocking(
                () -> {
                    streams.forEach(stream -> stream.segments().forEach(Segment::force));
                    return null;
                },
                false);
    }

    @Override
    public Future<Void> flush() {
        List<Mark> marks = streams.stream()
                .map(stream -> new Mark(stream, stream.isEnded() ? ClickStream.REMOVED : stream.appended()))
                .filter(mark -> mark.stream().booked() < mark.position())
                .toList();
        if (marks.isEmpty() || sinkAway) {
            return Future.succeededFuture();
        }
        Barrier barrier = new Barrier(marks, Promise.promise(), vertx.getOrCreateContext());
        barriers.add(barrier);
        openBarriers();
        return barrier.passed().future();
    }

    private void openBarriers() {
        barriers.removeIf(barrier -> {
            boolean passed = sinkAway || barrier.isPassed();
            if (passed) {
                barrier.context().runOnContext(go -> barrier.passed().tryComplete());
            }
            return passed;
        });
    }

    // For the recorder.

    List<ClickStream> streams() {
        return streams;
    }

    /** Runs something that reads or deletes files. */
    <T> Future<T> onWorker(Callable<T> work) {
        return stopped ? Future.failedFuture("the journal is closed") : worker.executeBlocking(work);
    }

    /** The recorder found nothing more. Answers whether it may rest: a click may have come in between. */
    boolean mayRest() {
        recorderAwake.set(false);
        return streams.stream().noneMatch(ClickStream::wantsReading) || !recorderAwake.compareAndSet(false, true);
    }

    /** These clicks are committed, and their stream is booked up to there. */
    void booked(ClickStream stream, long position, int clicks) {
        stream.booked(position);
        booked.addAndGet(clicks);
        openBarriers();
    }

    /** Nothing is left in this segment. Blocking. */
    void release(ClickStream stream, Segment segment) {
        files.release(stream, segment);
    }

    /** Nothing is left in this stream. Blocking. */
    void remove(ClickStream stream) {
        streams.remove(stream);
        files.remove(stream);
    }

    /** PostgreSQL went away or came back. While it is away nobody waits for it. */
    void setSinkAway(boolean away) {
        sinkAway = away;
        openBarriers();
    }

    /** Gives the folder back. After the recorder has stopped. */
    public Future<Void> stop() {
        stopped = true;
        vertx.cancelTimer(forceTimer);
        return worker.executeBlocking(() -> {
                    files.close();
                    return (Void) null;
                })
                .eventually(worker::close);
    }

    /** Clicks taken since the start. */
    public long appended() {
        return appended.get();
    }

    /** Clicks committed since the start, those of dead processes among them. */
    public long booked() {
        return booked.get();
    }

    /** Clicks of answered redirects for which there was no room. */
    public long refused() {
        return refused.get();
    }

    /** Bytes of clicks that are not booked yet. */
    public long waitingBytes() {
        return streams.stream()
                .mapToLong(stream -> Math.max(0, stream.appended() - stream.booked()))
                .sum();
    }

    /** Bytes of all its files. */
    public long fileBytes() {
        return files.bytes();
    }
}
