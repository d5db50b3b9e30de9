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
 * Books the clicks of the journal in batches. No waiting for a batch to fill: while one is under way the next one grows,
 * so batches follow the load; and while nobody waits for the clicks it rests in between. What failed is repeated until
 * the sink has it; the checkpoint, moved in the same transaction, keeps anything from being booked twice. For one event
 * loop; files are read on a worker, in a hurry one batch ahead.
 */
public final class ClickRecorder {

    private static final Logger LOG = LoggerFactory.getLogger(ClickRecorder.class);

    /** A sink that takes longer is away for those who wait for their clicks. */
    private static final long LONG_FAILURE_SECONDS = 2;

    /**
     * Data exceptions, violated constraints, limits of a row: the same click fails the same way for ever. Everything else,
     * such as a missing right or a missing table, can be put right while the clicks wait.
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
    private boolean sinkUnavailableSince;
    private volatile boolean stopped;

    /**
     * @param batches is told the size of each batch that is booked
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

    /** Begins to book, unless that is under way; ends a rest if somebody waits. */
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
        List<ClickStream> taken = journal.streams().stream()
                .filter(ClickStream::wantsReading)
                .filter(ClickStream::acquireForReading)
                .toList();
        if (stopped || (taken.isEmpty() && journal.canIdle())) {
            taken.forEach(ClickStream::release);
            running = false;
            return;
        }
        long started = System.nanoTime();
        Future<Void> round = Future.succeededFuture();
        for (ClickStream stream : taken) {
            round = round.compose(before -> book(stream)).onComplete(done -> stream.release());
        }
        // Other recorders may hold what is left; a pause keeps this from turning in a circle meanwhile.
        round.transform(done -> taken.isEmpty() ? vertx.timer(1, TimeUnit.MILLISECONDS) : Future.succeededFuture())
                .onComplete(done -> pauseAfterWork(taken.isEmpty() ? 0 : System.nanoTime() - started));
    }

    /** Leaves processors and database to the redirects, while clicks may wait. */
    private void pauseAfterWork(long workedNanoseconds) {
        boolean mayRest = throttle.isLoaded(journal.appended()) && !stopped && !throttle.isUnderPressure(journal);
        long milliseconds = mayRest ? throttle.pauseMilliseconds(workedNanoseconds, journal.lagSeconds()) : 0;
        if (milliseconds > 0) {
            pauseTimer = vertx.setTimer(milliseconds, rested -> {
                pauseTimer = -1;
                next();
            });
        } else {
            next();
        }
    }

    /** Books one batch of a stream. Never fails: it goes on until the batch is booked, or the verticle stops. */
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
                        LOG.error("Booking of stream {} failed; it is tried again all the time", stream.id(), failure);
                    }
                    journal.markFailed(stream);
                    return pause();
                });
    }

    private Future<PrefetchingReader.Prepared> nextBatch(PrefetchingReader batches) {
        boolean hurried = throttle.isUnderPressure(journal);
        return batches.next(throttle.batchSize(hurried), hurried);
    }

    private Future<PrefetchingReader> reader(ClickStream stream) {
        PrefetchingReader known = stream.reader();
        if (known != null) {
            return Future.succeededFuture(known);
        }
        return retryUntilAvailable(() -> sink.checkpoint(stream.id())).map(checkpoint -> {
            if (stream.beginReading()) {
                journal.countReplay();
            }
            stream.markBooked(checkpoint, 0);
            PrefetchingReader made = new PrefetchingReader(journal, new ClickReader(stream, checkpoint));
            stream.setReader(made);
            return made;
        });
    }

    /** Books clicks of a batch from one on: all at once, and in ever smaller halves where one of them is refused. */
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
        long end = batch.setEnd(from + size);
        return rows.compose(made -> moveCheckpoint(stream, end, made))
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

    /** Moves the checkpoint behind what a living stream held and nobody could read, or it would be read again and again. */
    private Future<Void> skip(ClickStream stream, ClickReader.Batch batch) {
        long end = batch.setEnd(batch.clicks().size());
        return batch.isLast() || end <= stream.bookedPosition()
                ? Future.succeededFuture()
                : moveCheckpoint(stream, end, ClickBatchParameters.NONE)
                        .onSuccess(moved -> journal.markBooked(stream, end, 0));
    }

    private Future<ClickBatchParameters> rows(List<Click> clicks) {
        return journal.onWorker(() -> ClickBatchParameters.of(clicks));
    }

    /** Only the one click that PostgreSQL refuses is lost, and none of its neighbours. */
    private Future<Void> reject(ClickStream stream, Click click, long end, Throwable failure) {
        LOG.error("PostgreSQL refuses a click of link {}: {}", click.linkId(), failure.getMessage());
        return moveCheckpoint(stream, end, ClickBatchParameters.NONE)
                .onSuccess(moved -> journal.markRejected(stream, end));
    }

    private static boolean isRejected(Throwable failure) {
        if (failure instanceof PgException refusal) {
            String state = String.valueOf(refusal.getSqlState());
            return DATA_REJECTED.stream().anyMatch(state::startsWith);
        }
        // What the client itself can't write.
        return !(failure instanceof Error) && !PgFailures.isUnavailable(failure);
    }

    private Future<Void> moveCheckpoint(ClickStream stream, long end, ClickBatchParameters rows) {
        long expected = stream.bookedPosition();
        return retryUntilAvailable(() -> sink.write(stream.id(), expected, end, rows))
                .compose(moved -> moved ? Future.succeededFuture() : checkpointMoved(stream, end));
    }

    /** The checkpoint is not where it was expected: the answer to the same clicks was lost, then it is behind them. */
    private Future<Void> checkpointMoved(ClickStream stream, long end) {
        return retryUntilAvailable(() -> sink.checkpoint(stream.id()))
                .compose(checkpoint -> checkpoint == end
                        ? Future.succeededFuture()
                        : Future.failedFuture(new IllegalStateException("the checkpoint of " + stream.id() + " is "
                                + checkpoint + ", not " + stream.bookedPosition() + " or " + end)));
    }

    /** Gives back what the batch finished; the stream too, when it has ended and nothing is left in it. */
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
                // What could not be deleted will be found again: then the checkpoint must say that it is booked.
                .compose(gone -> gone
                        ? retryUntilAvailable(() -> sink.removeCheckpoint(stream.id()))
                        : Future.<Void>succeededFuture())
                .onSuccess(forgotten -> journal.markBooked(stream, ClickStream.REMOVED, 0));
    }

    /** Asks PostgreSQL, again and again while it is away. */
    private <T> Future<T> retryUntilAvailable(Supplier<Future<T>> question) {
        long slow = vertx.setTimer(
                TimeUnit.SECONDS.toMillis(LONG_FAILURE_SECONDS),
                late -> sinkUnavailable("it has not answered for " + LONG_FAILURE_SECONDS + " s"));
        return question.get()
                .onComplete(answer -> vertx.cancelTimer(slow))
                .onSuccess(answer -> sinkAvailable())
                .recover(failure -> {
                    if (!PgFailures.isUnavailable(failure) || stopped) {
                        return Future.failedFuture(failure);
                    }
                    sinkUnavailable(failure.getMessage());
                    return pause().compose(paused -> retryUntilAvailable(question));
                });
    }

    private Future<Void> pause() {
        return stopped
                ? Future.succeededFuture()
                : vertx.timer(config.retryDelay().toMillis(), TimeUnit.MILLISECONDS)
                        .mapEmpty();
    }

    private void sinkUnavailable(@Nullable String reason) {
        if (!sinkUnavailableSince) {
            sinkUnavailableSince = true;
            LOG.warn("Clicks stay in the journal until PostgreSQL is back: {}", reason);
        }
        journal.setSinkUnavailable(true);
    }

    private void sinkAvailable() {
        if (sinkUnavailableSince) {
            sinkUnavailableSince = false;
            journal.setSinkUnavailable(false);
            LOG.info("PostgreSQL is back, {} bytes of clicks wait to be booked", journal.pendingBytes());
        }
    }

    /** Ends after the statement under way; what is not booked stays in the journal. */
    public void stop() {
        stopped = true;
    }
}
