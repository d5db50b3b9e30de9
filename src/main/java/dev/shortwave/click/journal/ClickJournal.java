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
 * for each event loop, so that they outlive a {@code kill -9}. Bounded; beyond the bound redirects go on, and their clicks
 * are dropped, counted and logged. Thread-safe; files are accessed on a worker only.
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

    /** Streams that may have clicks to book, recovered ones among them. */
    private final List<ClickStream> streams = new CopyOnWriteArrayList<>();

    /** All streams of this process, kept for their counts. */
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
    private volatile long sinkUnavailableSince;
    private volatile boolean stopped;
    private long forceTimer = -1;
    private long orphanScanTimer = -1;

    private record FlushBarrier(List<StreamPosition> positions, Promise<Void> passed, Context context) {

        boolean isPassed() {
            return positions.stream().noneMatch(StreamPosition::isPending);
        }
    }

    private record StreamPosition(ClickStream stream, long position) {

        /** A flush does not wait for a stream whose last attempt failed. */
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
     * Opens the directory and adopts orphaned journals, now and at each scan interval. Fails with {@link StartupException}
     * if the directory is not writable, never because of its content.
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
                .onSuccess(orphans -> {
                    if (!orphans.isEmpty()) {
                        LOG.info("Recovering {} orphaned click streams", orphans.size());
                        streams.addAll(orphans);
                        notifyRecorder();
                    }
                })
                .onFailure(failure -> {
                    if (!stopped) {
                        LOG.error("Scan for orphaned journals failed", failure);
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
        // One to write to, and enough ahead for the worker to be late: creating a segment takes longer than a click.
        // Without room for them the service runs, and drops clicks until there is.
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
            LOG.error("The click journal or its disk is full: redirects go on, but their clicks are not counted");
        }
    }

    private void notifyRecorder() {
        if (!recorderNotified.get() && recorderNotified.compareAndSet(false, true)) {
            vertx.eventBus().publish(Addresses.CLICKS_AVAILABLE, new ClicksAvailable(), LOCAL);
        }
    }

    /** Called on the writer's event loop when it takes a segment into use. Retries while the journal or its disk is full. */
    private Future<Segment> prepareFreeSegment(ClickWriter writer) {
        return worker.executeBlocking(() -> files.newSegment(writer.stream()))
                .onSuccess(next -> {
                    writer.offer(next);
                    if (fullLogged.compareAndSet(true, false)) {
                        LOG.info("The click journal has room again; {} clicks were dropped so far", dropped.get());
                    }
                })
                .onFailure(failure -> vertx.setTimer(RETRY_MILLISECONDS, again -> {
                    if (!writer.stream().isEnded() && !stopped) {
                        prepareFreeSegment(writer);
                    }
                }));
    }

    /** Skipped while the last one runs: on a slow disk they would queue up, and delay the reading of clicks. */
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
                .onComplete(any -> forcing.set(false))
                .onSuccess(forced -> forceFailureLogged.set(false))
                .onFailure(failure -> {
                    if (!stopped && forceFailureLogged.compareAndSet(false, true)) {
                        LOG.error("fsync of the click journal failed", failure);
                    }
                });
    }

    @Override
    public Future<Void> flush() {
        List<StreamPosition> pending = streams.stream()
                .map(stream ->
                        new StreamPosition(stream, stream.isEnded() ? ClickStream.REMOVED : stream.appendedPosition()))
                .filter(StreamPosition::isPending)
                .toList();
        if (pending.isEmpty() || sinkUnavailable) {
            return Future.succeededFuture();
        }
        FlushBarrier barrier = new FlushBarrier(pending, Promise.promise(), vertx.getOrCreateContext());
        barriers.add(barrier);
        if (sinkUnavailable || barrier.isPassed()) {
            completePassedBarriers();
        }
        if (!barrier.passed().future().isComplete()) {
            // The recorder may pause between batches.
            vertx.eventBus().publish(Addresses.CLICKS_AVAILABLE, new ClicksAvailable(), LOCAL);
        }
        return barrier.passed().future();
    }

    private void completePassedBarriers() {
        barriers.removeIf(barrier -> {
            boolean passed = sinkUnavailable || barrier.isPassed();
            if (passed) {
                barrier.context().runOnContext(unused -> barrier.passed().tryComplete());
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

    /** Whether the recorder, which found no more clicks, can idle: one may have been appended in between. */
    public boolean canIdle() {
        recorderNotified.set(false);
        return streams.stream().noneMatch(ClickStream::wantsReading) || !recorderNotified.compareAndSet(false, true);
    }

    /** Whether a flush waits until clicks are booked. */
    public boolean isAwaited() {
        return !barriers.isEmpty();
    }

    /** Counts committed clicks, and moves the booked position of their stream. */
    public void markBooked(ClickStream stream, long position, int clicks) {
        booked.addAndGet(clicks);
        stream.markBooked(position, clicks);
        completePassedBarriers();
    }

    /** Counts a click that PostgreSQL rejects for good, and moves the booked position of its stream behind it. */
    public void markRejected(ClickStream stream, long position) {
        rejected.incrementAndGet();
        stream.markBooked(position, 1);
        completePassedBarriers();
    }

    /** Marks a stream whose clicks can't be booked though PostgreSQL answers. Flushes do not wait for it until some are. */
    public void markFailed(ClickStream stream) {
        stream.markFailed();
        completePassedBarriers();
    }

    /** Counts a stream that is read again from its checkpoint. */
    public void countReplay() {
        replays.incrementAndGet();
    }

    /** Counts and logs bytes of a stream that hold no readable click. */
    public void recordDamage(ClickStream stream, long bytes) {
        damagedBytes.addAndGet(bytes);
        LOG.error("{} bytes of click stream {} are corrupt; their clicks are lost", bytes, stream.id());
    }

    /** Frees a segment whose clicks are all booked. Blocking. */
    public void release(ClickStream stream, Segment segment) {
        files.release(stream, segment);
    }

    /** Removes a stream whose clicks are all booked. Blocking. Returns whether its files are deleted. */
    public boolean remove(ClickStream stream) {
        streams.remove(stream);
        return files.remove(stream);
    }

    /** Whether PostgreSQL is unavailable; flushes do not wait for it then. */
    public void setSinkUnavailable(boolean unavailable) {
        if (unavailable && !sinkUnavailable) {
            sinkUnavailableSince = System.nanoTime();
        }
        sinkUnavailable = unavailable;
        completePassedBarriers();
    }

    /** Releases the directory. Call it after the recorder has stopped. */
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

    /** Clicks appended since the start. */
    public long appended() {
        return ownStreams.stream().mapToLong(ClickStream::clicks).sum();
    }

    /** Clicks committed since the start, those of dead processes among them. */
    public long booked() {
        return booked.get();
    }

    /** Clicks that PostgreSQL rejects, whatever their batch. */
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

    /** Clicks appended since the start and not booked yet. */
    public long pendingClicks() {
        return ownStreams.stream().mapToLong(ClickStream::pendingClicks).sum();
    }

    /** For how long clicks can't be booked, whatever the reason; 0 while they are, and while there are none. */
    public double failingSeconds() {
        long longest = sinkUnavailable ? System.nanoTime() - sinkUnavailableSince : 0;
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

    /** Bytes of all its files, recovered ones among them. */
    public long fileBytes() {
        long recovered = streams.stream()
                .filter(ClickStream::isRecovered)
                .flatMap(stream -> stream.segments().stream())
                .mapToLong(Segment::capacity)
                .sum();
        return files.bytes() + recovered;
    }
}
