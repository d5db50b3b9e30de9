package dev.shortwave.click.recorder;

import dev.shortwave.click.Click;
import dev.shortwave.click.journal.ClickJournal;
import dev.shortwave.click.journal.ClickReader;
import dev.shortwave.click.journal.ClickStream;
import dev.shortwave.click.journal.PrefetchingReader;
import dev.shortwave.click.sink.ClickBatchParameters;
import dev.shortwave.click.sink.ClickSink;
import dev.shortwave.config.Config;
import dev.shortwave.postgres.PgFailures;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Books the clicks of the journal in batches. It does not wait for a batch to fill: while one is written the next one
 * grows, so batches follow the load. Without pressure it pauses in between. It retries a failed batch until the sink has
 * it; the checkpoint, moved in the same transaction, prevents booking a click twice. For one event loop; files are read on
 * a worker, under pressure one batch ahead.
 */
public final class ClickRecorder {

    private static final Logger LOG = LoggerFactory.getLogger(ClickRecorder.class);

    /** Flushes do not wait for a sink that takes longer. */
    private static final long SINK_TIMEOUT_SECONDS = 2;

    /**
     * Data exceptions, violated constraints, limits of a row: the same click always fails the same way. An operator can
     * correct everything else, such as a missing right or a missing table, while the clicks wait.
     */
    private static final Set<String> DATA_REJECTED = Set.of("22", "23", "54");

    private final Vertx vertx;
    private final ClickJournal journal;
    private final ClickSink sink;
    private final Config.Clicks config;
    private final BookingThrottle throttle;
    private final LongConsumer batches;
    private boolean running;
    private long pauseTimer = -1;
    private boolean sinkUnavailable;
    private volatile boolean stopped;

    /**
     * @param batches receives the size of each booked batch
     */
    public ClickRecorder(
            Vertx vertx, ClickJournal journal, ClickSink sink, Config.Clicks config, LongConsumer batches) {
        this.vertx = vertx;
        this.journal = journal;
        this.sink = sink;
        this.config = config;
        this.throttle = new BookingThrottle(config);
        this.batches = batches;
    }

    /** Begins to book, unless it runs already; ends a pause if a flush waits. */
    public void run() {
        if (!running) {
            running = true;
            next();
        } else if (pauseTimer >= 0 && journal.isAwaited() && vertx.cancelTimer(pauseTimer)) {
            pauseTimer = -1;
            next();
        }
    }

    /** One round over all streams, then the next, until there is nothing more. */
    private void next() {
        List<ClickStream> streams = journal.streams().stream()
                .filter(ClickStream::wantsReading)
                .filter(ClickStream::acquireForReading)
                .toList();
        if (stopped || (streams.isEmpty() && journal.canIdle())) {
            streams.forEach(ClickStream::release);
            running = false;
            return;
        }
        long started = System.nanoTime();
        Future<Void> round = Future.succeededFuture();
        for (ClickStream stream : streams) {
            round = round.compose(unused -> book(stream)).onComplete(any -> stream.release());
        }
        // Other recorders may hold the rest; the pause prevents a busy loop until they release it.
        round.transform(any -> streams.isEmpty() ? vertx.timer(1, TimeUnit.MILLISECONDS) : Future.succeededFuture())
                .onComplete(any -> pauseAfterWork(streams.isEmpty() ? 0 : System.nanoTime() - started));
    }

    /** Leaves processors and database to the redirects while clicks can wait. */
    private void pauseAfterWork(long workedNanoseconds) {
        boolean canPause = throttle.isLoaded(journal.appended()) && !stopped && !throttle.isUnderPressure(journal);
        long milliseconds = canPause ? throttle.pauseMilliseconds(workedNanoseconds, journal.lagSeconds()) : 0;
        if (milliseconds > 0) {
            pauseTimer = vertx.setTimer(milliseconds, timer -> {
                pauseTimer = -1;
                next();
            });
        } else {
            next();
        }
    }

    /** Books one batch of a stream. Never fails: it retries until the batch is booked, or the verticle stops. */
    private Future<Void> book(ClickStream stream) {
        return reader(stream)
                .compose(this::nextBatch)
                .compose(prepared -> {
                    ClickReader.Batch batch = prepared.batch();
                    return write(stream, batch, 0, batch.clicks(), prepared.rows())
                            .compose(written -> skip(stream, batch))
                            .compose(passed -> markBooked(stream, batch));
                })
                .recover(failure -> {
                    // Nothing of the batch is lost: a new reader starts from the checkpoint.
                    stream.setReader(null);
                    if (stopped) {
                        return Future.succeededFuture();
                    }
                    if (!stream.isFailing()) {
                        LOG.error(
                                "Booking of stream {} failed; retrying every {} ms",
                                stream.id(),
                                config.retryDelay().toMillis(),
                                failure);
                    }
                    journal.markFailed(stream);
                    return pause();
                });
    }

    private Future<PrefetchingReader.Prepared> nextBatch(PrefetchingReader batches) {
        boolean underPressure = throttle.isUnderPressure(journal);
        return batches.next(throttle.batchSize(underPressure), underPressure);
    }

    private Future<PrefetchingReader> reader(ClickStream stream) {
        PrefetchingReader reader = stream.reader();
        if (reader != null) {
            return Future.succeededFuture(reader);
        }
        return retryUntilAvailable(() -> sink.checkpoint(stream.id())).map(checkpoint -> {
            if (stream.beginReading()) {
                journal.countReplay();
            }
            stream.markBooked(checkpoint, 0);
            PrefetchingReader opened = new PrefetchingReader(journal, new ClickReader(stream, checkpoint));
            stream.setReader(opened);
            return opened;
        });
    }

    /** Books clicks of a batch: all at once, and halved again and again where PostgreSQL rejects one of them. */
    private Future<Void> write(
            ClickStream stream,
            ClickReader.Batch batch,
            int from,
            List<Click> clicks,
            Future<ClickBatchParameters> rows) {
        if (clicks.isEmpty()) {
            return Future.succeededFuture();
        }
        int size = clicks.size();
        long end = batch.positionAfter(from + size);
        return rows.compose(parameters -> moveCheckpoint(stream, end, parameters))
                .onSuccess(moved -> {
                    journal.markBooked(stream, end, size);
                    batches.accept(size);
                })
                .recover(failure -> {
                    if (!isRejected(failure)) {
                        return Future.failedFuture(failure);
                    }
                    if (size == 1) {
                        return reject(stream, clicks.get(0), end, failure);
                    }
                    List<Click> first = clicks.subList(0, size / 2);
                    List<Click> second = clicks.subList(size / 2, size);
                    return write(stream, batch, from, first, rows(first))
                            .compose(written -> write(stream, batch, from + size / 2, second, rows(second)));
                });
    }

    /** Moves the checkpoint behind corrupt bytes of a running stream, or they would be read again and again. */
    private Future<Void> skip(ClickStream stream, ClickReader.Batch batch) {
        long end = batch.positionAfter(batch.clicks().size());
        return batch.isLast() || end <= stream.bookedPosition()
                ? Future.succeededFuture()
                : moveCheckpoint(stream, end, ClickBatchParameters.NONE)
                        .onSuccess(moved -> journal.markBooked(stream, end, 0));
    }

    private Future<ClickBatchParameters> rows(List<Click> clicks) {
        return journal.onWorker(() -> ClickBatchParameters.of(clicks));
    }

    /** Only the one click that PostgreSQL rejects is lost, and none of its neighbours. */
    private Future<Void> reject(ClickStream stream, Click click, long end, Throwable failure) {
        LOG.error("PostgreSQL rejected a click of link {}: {}", click.linkId(), failure.getMessage());
        return moveCheckpoint(stream, end, ClickBatchParameters.NONE)
                .onSuccess(moved -> journal.markRejected(stream, end));
    }

    private static boolean isRejected(Throwable failure) {
        if (failure instanceof PgException refusal) {
            String state = String.valueOf(refusal.getSqlState());
            return DATA_REJECTED.stream().anyMatch(state::startsWith);
        }
        // The client itself can't write it.
        return !(failure instanceof Error) && !PgFailures.isUnavailable(failure);
    }

    private Future<Void> moveCheckpoint(ClickStream stream, long end, ClickBatchParameters rows) {
        long expected = stream.bookedPosition();
        return retryUntilAvailable(() -> sink.write(stream.id(), expected, end, rows))
                .compose(moved -> moved ? Future.succeededFuture() : checkpointMoved(stream, end));
    }

    /** The checkpoint is elsewhere: behind these clicks if only the response to an earlier attempt was lost. */
    private Future<Void> checkpointMoved(ClickStream stream, long end) {
        return retryUntilAvailable(() -> sink.checkpoint(stream.id()))
                .compose(checkpoint -> checkpoint == end
                        ? Future.succeededFuture()
                        : Future.failedFuture(new IllegalStateException("the checkpoint of " + stream.id() + " is "
                                + checkpoint + ", not " + stream.bookedPosition() + " or " + end)));
    }

    /** Releases the segments that the batch finished, and the stream when the batch is its last one. */
    private Future<Void> markBooked(ClickStream stream, ClickReader.Batch batch) {
        if (batch.damagedBytes() > 0) {
            journal.recordDamage(stream, batch.damagedBytes());
        }
        if (batch.isLast()) {
            return remove(stream);
        }
        return batch.finished().isEmpty()
                ? Future.succeededFuture()
                : journal.onWorker(() -> {
                    batch.finished().forEach(segment -> journal.release(stream, segment));
                    return null;
                });
    }

    private Future<Void> remove(ClickStream stream) {
        stream.setReader(null);
        return journal.onWorker(() -> journal.remove(stream))
                // The next process finds what could not be deleted: the checkpoint must then say that it is booked.
                .compose(deleted -> deleted
                        ? retryUntilAvailable(() -> sink.removeCheckpoint(stream.id()))
                        : Future.<Void>succeededFuture())
                .onSuccess(removed -> journal.markBooked(stream, ClickStream.REMOVED, 0));
    }

    /** Runs an operation of the sink, and retries it while PostgreSQL is unavailable. */
    private <T> Future<T> retryUntilAvailable(Supplier<Future<T>> operation) {
        long timeout = vertx.setTimer(
                TimeUnit.SECONDS.toMillis(SINK_TIMEOUT_SECONDS),
                timer -> onSinkUnavailable("no response for " + SINK_TIMEOUT_SECONDS + " s"));
        return operation
                .get()
                .onComplete(any -> vertx.cancelTimer(timeout))
                .onSuccess(result -> onSinkAvailable())
                .recover(failure -> {
                    if (!PgFailures.isUnavailable(failure) || stopped) {
                        return Future.failedFuture(failure);
                    }
                    onSinkUnavailable(failure.getMessage());
                    return pause().compose(unused -> retryUntilAvailable(operation));
                });
    }

    private Future<Void> pause() {
        return stopped
                ? Future.succeededFuture()
                : vertx.timer(config.retryDelay().toMillis(), TimeUnit.MILLISECONDS)
                        .mapEmpty();
    }

    private void onSinkUnavailable(@Nullable String reason) {
        if (!sinkUnavailable) {
            sinkUnavailable = true;
            LOG.warn("PostgreSQL is unavailable: {}; clicks stay in the journal", reason);
        }
        journal.setSinkUnavailable(true);
    }

    private void onSinkAvailable() {
        if (sinkUnavailable) {
            sinkUnavailable = false;
            journal.setSinkUnavailable(false);
            LOG.info("PostgreSQL is available again; {} bytes of clicks are pending", journal.pendingBytes());
        }
    }

    /** Stops after the current statement; what is not booked stays in the journal. */
    public void stop() {
        stopped = true;
    }
}
