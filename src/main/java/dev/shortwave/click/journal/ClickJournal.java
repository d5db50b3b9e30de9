package dev.shortwave.click.journal;

import dev.shortwave.bus.Addresses;
import dev.shortwave.bus.ClicksAvailable;
import dev.shortwave.click.ClickAppenders;
import dev.shortwave.config.Config;
import dev.shortwave.error.StartupException;
import dev.shortwave.link.LinkTarget;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.eventbus.DeliveryOptions;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The clicks of this process between the redirect and PostgreSQL, on disk: appended to memory-mapped files, one stream
 * for each event loop, so that they outlive a {@code kill -9}. Bounded; beyond the bound redirects go on and clicks are
 * refused, counted and logged. Thread-safe; files are touched on a worker only.
 */
public final class ClickJournal implements ClickAppenders {

    private static final Logger LOG = LoggerFactory.getLogger(ClickJournal.class);
    private static final DeliveryOptions LOCAL = new DeliveryOptions().setLocalOnly(true);
    private static final long RETRY_MILLISECONDS = 500;
    private static final int SEGMENTS_AHEAD = 3;

    private final Vertx vertx;
    private final Config.Clicks config;
    private final Clock clock;
    private final JournalDirectory files;
    private final WorkerExecutor worker;

    /** Those that there is something of; and those of this process, for ever, to count what went into them. */
    private final List<ClickStream> streams = new CopyOnWriteArrayList<>();

    private final List<ClickStream> ownStreams = new CopyOnWriteArrayList<>();
    private final AtomicLong booked = new AtomicLong();
    private final AtomicLong rejected = new AtomicLong();
    private final AtomicLong dropped = new AtomicLong();
    private final AtomicLong replays = new AtomicLong();
    private final AtomicLong damagedBytes = new AtomicLong();
    private final AtomicInteger writers = new AtomicInteger();
    private final AtomicBoolean recorderNotified = new AtomicBoolean();
    private final AtomicBoolean fullLogged = new AtomicBoolean();
    private final AtomicBoolean forceFailureLogged = new AtomicBoolean();
    private final AtomicBoolean forcing = new AtomicBoolean();
    private final Queue<FlushBarrier> barriers = new ConcurrentLinkedQueue<>();
    private volatile boolean sinkUnavailable;
    private volatile long sinkAwaySince;
    private volatile boolean stopped;
    private long forceTimer = -1;
    private long orphanScanTimer = -1;

    private record FlushBarrier(List<StreamPosition> positions, Promise<Void> passed, Context context) {

        boolean isPassed() {
            return positions.stream().noneMatch(StreamPosition::isPending);
        }
    }

    private record StreamPosition(ClickStream stream, long position) {

        /** What fails for a reason that stays is not worth anybody's time. */
        boolean isPending() {
            return stream.bookedPosition() < position && !stream.isFailing();
        }
    }

    /**
     * @param installation the name of the database that the clicks are for: links have the same numbers in others
     */
    public ClickJournal(Vertx vertx, Config.Clicks config, String installation) {
        this(vertx, config, installation, Clock.systemUTC());
    }

    ClickJournal(Vertx vertx, Config.Clicks config, String installation, Clock clock) {
        this.vertx = vertx;
        this.config = config;
        this.clock = clock;
        this.files = new JournalDirectory(
                config.directory().resolve(installation), config.segmentBytes(), config.maxJournalBytes());
        this.worker = vertx.createSharedWorkerExecutor("click-journal", 1);
    }

    /**
     * Takes the folder into use, and over what dead processes left in it, now and from time to time. Fails with
     * {@link StartupException} if it can't write to the folder, never for what is in it.
     */
    public Future<Void> start() {
        forceTimer = vertx.setPeriodic(config.fsyncInterval().toMillis(), timer -> force());
        return worker.executeBlocking(() -> {
                    try {
                        files.open();
                        return null;
                    } catch (IOException e) {
                        throw new StartupException(
                                "The click journal can't be kept in " + config.directory() + " (" + e.getMessage()
                                        + "). Make the folder writable, or choose another one with clicks.directory.",
                                e);
                    }
                })
                .compose(opened -> adoptOrphans());
    }

    private Future<Void> adoptOrphans() {
        return onWorker(files::adoptOrphans)
                .onSuccess(left -> {
                    if (!left.isEmpty()) {
                        LOG.info("Taking over the clicks of {} event loops that did not stop in order", left.size());
                        streams.addAll(left);
                        notifyRecorder();
                    }
                })
                .onFailure(failure -> {
                    if (!stopped) {
                        LOG.error("Could not look for the journals of processes that are gone", failure);
                    }
                })
                .transform(any -> {
                    if (!stopped) {
                        orphanScanTimer =
                                vertx.setTimer(config.orphanScanInterval().toMillis(), timer -> adoptOrphans());
                    }
                    return Future.succeededFuture();
                });
    }

    @Override
    public Future<ClickAppender> open() {
        ClickStream stream = new ClickStream(files.streamId(writers.getAndIncrement()));
        ClickWriter writer = new ClickWriter(stream, this::prepareFreeSegment);
        streams.add(stream);
        ownStreams.add(stream);
        // One to write to, and enough ahead for the worker to be late: a spare takes longer than a click. Without room
        // for them the service runs all the same, and refuses clicks until there is.
        List<Future<Segment>> prepared = new ArrayList<>();
        for (int segment = 0; segment < SEGMENTS_AHEAD; segment++) {
            prepared.add(prepareFreeSegment(writer));
        }
        return Future.join(prepared).transform(any -> Future.succeededFuture(new JournalAppender(writer)));
    }

    private final class JournalAppender implements ClickAppender {

        private final ClickWriter writer;

        JournalAppender(ClickWriter writer) {
            this.writer = writer;
        }

        @Override
        public void append(
                LinkTarget target, long atMilliseconds, @Nullable String referrer, @Nullable String userAgent) {
            if (!writer.append(target, atMilliseconds, referrer, userAgent)) {
                drop();
                return;
            }
            notifyRecorder();
        }

        @Override
        public void close() {
            writer.stream().markEnded();
            notifyRecorder();
        }
    }

    private void drop() {
        dropped.incrementAndGet();
        if (fullLogged.compareAndSet(false, true)) {
            LOG.error("The click journal is full or its disk is: redirects go on, but their clicks are not counted");
        }
    }

    private void notifyRecorder() {
        if (!recorderNotified.get() && recorderNotified.compareAndSet(false, true)) {
            vertx.eventBus().publish(Addresses.CLICKS_AVAILABLE, new ClicksAvailable(), LOCAL);
        }
    }

    /** Called on the writer's event loop when it took its spare into use. Goes on trying while the disk is full. */
    private Future<Segment> prepareFreeSegment(ClickWriter writer) {
        return worker.executeBlocking(() -> files.newSegment(writer.stream()))
                .onSuccess(next -> {
                    writer.offer(next);
                    if (fullLogged.compareAndSet(true, false)) {
                        LOG.info("The click journal has room again; {} clicks were refused so far", dropped.get());
                    }
                })
                .onFailure(failure -> vertx.setTimer(RETRY_MILLISECONDS, again -> {
                    if (!writer.stream().isEnded() && !stopped) {
                        prepareFreeSegment(writer);
                    }
                }));
    }

    /** On a disk that is slower than the interval they would queue up, and hold up the reading of clicks. */
    private void force() {
        if (!forcing.compareAndSet(false, true)) {
            return;
        }
        worker.executeBlocking(
                        () -> {
                            streams.forEach(stream -> stream.segments().forEach(Segment::force));
                            return null;
                        },
                        false)
                .onComplete(done -> forcing.set(false))
                .onSuccess(forced -> forceFailureLogged.set(false))
                .onFailure(failure -> {
                    if (!stopped && forceFailureLogged.compareAndSet(false, true)) {
                        LOG.error("The click journal could not be written through to its disk", failure);
                    }
                });
    }

    @Override
    public Future<Void> flush() {
        List<StreamPosition> marks = streams.stream()
                .map(stream ->
                        new StreamPosition(stream, stream.isEnded() ? ClickStream.REMOVED : stream.appendedPosition()))
                .filter(StreamPosition::isPending)
                .toList();
        if (marks.isEmpty() || sinkUnavailable) {
            return Future.succeededFuture();
        }
        FlushBarrier barrier = new FlushBarrier(marks, Promise.promise(), vertx.getOrCreateContext());
        barriers.add(barrier);
        if (sinkUnavailable || barrier.isPassed()) {
            openBarriers();
        }
        if (!barrier.passed().future().isComplete()) {
            // It may be at rest.
            vertx.eventBus().publish(Addresses.CLICKS_AVAILABLE, new ClicksAvailable(), LOCAL);
        }
        return barrier.passed().future();
    }

    private void openBarriers() {
        barriers.removeIf(barrier -> {
            boolean passed = sinkUnavailable || barrier.isPassed();
            if (passed) {
                barrier.context().runOnContext(go -> barrier.passed().tryComplete());
            }
            return passed;
        });
    }

    // For the recorder.

    public List<ClickStream> streams() {
        return streams;
    }

    /** Runs something that reads or deletes files. */
    public <T> Future<T> onWorker(Callable<T> work) {
        return stopped ? Future.failedFuture("the journal is closed") : worker.executeBlocking(work);
    }

    /** The recorder found nothing more. Answers whether it may rest: a click may have come in between. */
    public boolean canIdle() {
        recorderNotified.set(false);
        return streams.stream().noneMatch(ClickStream::wantsReading) || !recorderNotified.compareAndSet(false, true);
    }

    /** Whether somebody waits until clicks are booked. */
    public boolean isAwaited() {
        return !barriers.isEmpty();
    }

    /** These clicks are committed, and their stream is booked up to there. */
    public void markBooked(ClickStream stream, long position, int clicks) {
        booked.addAndGet(clicks);
        stream.markBooked(position, clicks);
        openBarriers();
    }

    /** PostgreSQL does not take the click before this position, and never will. */
    public void markRejected(ClickStream stream, long position) {
        rejected.incrementAndGet();
        stream.markBooked(position, 1);
        openBarriers();
    }

    /** Clicks of a stream could not be booked, though PostgreSQL is there. Until some are, nobody waits for them. */
    public void markFailed(ClickStream stream) {
        stream.markFailed();
        openBarriers();
    }

    /** A stream is read again from its checkpoint. */
    public void countReplay() {
        replays.incrementAndGet();
    }

    /** So many bytes of a stream held no readable click. */
    public void recordDamage(ClickStream stream, long bytes) {
        damagedBytes.addAndGet(bytes);
        LOG.error("{} bytes of the click journal {} are not readable, their clicks are lost", bytes, stream.id());
    }

    /** Nothing is left in this segment. Blocking. */
    public void release(ClickStream stream, Segment segment) {
        files.release(stream, segment);
    }

    /** Nothing is left in this stream. Blocking. Answers whether its files are gone. */
    public boolean remove(ClickStream stream) {
        streams.remove(stream);
        return files.remove(stream);
    }

    /** PostgreSQL went away or came back. While it is away nobody waits for it. */
    public void setSinkUnavailable(boolean away) {
        if (away && !sinkUnavailable) {
            sinkAwaySince = System.nanoTime();
        }
        sinkUnavailable = away;
        openBarriers();
    }

    /** Gives the folder back. After the recorder has stopped. */
    public Future<Void> stop() {
        stopped = true;
        vertx.cancelTimer(forceTimer);
        vertx.cancelTimer(orphanScanTimer);
        return worker.executeBlocking(() -> {
                    files.close();
                    return (Void) null;
                })
                .eventually(worker::close);
    }

    /** Clicks taken since the start. */
    public long appended() {
        return ownStreams.stream().mapToLong(ClickStream::clicks).sum();
    }

    /** Clicks committed since the start, those of dead processes among them. */
    public long booked() {
        return booked.get();
    }

    /** Clicks that PostgreSQL does not take, whatever the batch they come in. */
    public long rejected() {
        return rejected.get();
    }

    /** Clicks of answered redirects for which there was no room. */
    public long dropped() {
        return dropped.get();
    }

    /** How often a stream was read again from its checkpoint: those of dead processes, and those of failed batches. */
    public long replays() {
        return replays.get();
    }

    /** Bytes that held no readable click, where one should have been. */
    public long damagedBytes() {
        return damagedBytes.get();
    }

    /** Clicks taken since the start that are not booked yet. */
    public long pendingClicks() {
        return ownStreams.stream().mapToLong(ClickStream::pendingClicks).sum();
    }

    /** For how long clicks can't be booked, whatever the reason; 0 while they are, and while there are none. */
    public double failingSeconds() {
        long longest = sinkUnavailable ? System.nanoTime() - sinkAwaySince : 0;
        for (ClickStream stream : streams) {
            longest = Math.max(longest, stream.failingNanoseconds());
        }
        return longest / 1e9;
    }

    /** Bytes of clicks that are not booked yet, those of dead processes among them. */
    public long pendingBytes() {
        return streams.stream().mapToLong(ClickStream::pendingBytes).sum();
    }

    /** Age of the oldest click that is not booked; 0 if there is none, or the clock was set back since. */
    public double lagSeconds() {
        long oldest =
                streams.stream().mapToLong(ClickStream::oldestPending).min().orElse(ClickStream.NEVER);
        long now = clock.millis();
        return oldest < now ? (now - oldest) / 1000.0 : 0;
    }

    /** Bytes of all its files, those taken over from dead processes among them. */
    public long fileBytes() {
        long inherited = streams.stream()
                .filter(ClickStream::isRecovered)
                .flatMap(stream -> stream.segments().stream())
                .mapToLong(Segment::capacity)
                .sum();
        return files.bytes() + inherited;
    }
}
