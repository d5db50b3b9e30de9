package dev.shortwave.click;

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
final class ClickRecorder {

    private static final Logger LOG = LoggerFactory.getLogger(ClickRecorder.class);

    /** A sink that takes longer is away for those who wait for their clicks. */
    private static final long LONG_SECONDS = 2;

    /**
     * Data exceptions, violated constraints, limits of a row: the same click fails the same way for ever. Everything else,
     * such as a missing right or a missing table, can be put right while the clicks wait.
     */
    private static final Set<String> DATA_REFUSED = Set.of("22", "23", "54");

    private final Vertx vertx;
    private final ClickJournal journal;
    private final ClickSink sink;
    private final Config.Clicks config;
    private final RecordingPace pace;
    private final LongConsumer batches;
    private boolean running;
    private long restTimer = -1;
    private boolean away;
    private volatile boolean stopped;

    /**
     * @param batches is told the size of each batch that is booked
     */
    ClickRecorder(Vertx vertx, ClickJournal journal, ClickSink sink, Config.Clicks config, LongConsumer batches) {
        this.vertx = vertx;
        this.journal = journal;
        this.sink = sink;
        this.config = config;
        this.pace = new RecordingPace(config);
        this.batches = batches;
    }

    /** Begins to book, unless that is under way; ends a rest if somebody waits. */
    void run() {
        if (!running) {
            running = true;
            next();
        } else if (restTimer >= 0 && journal.isAwaited() && vertx.cancelTimer(restTimer)) {
            restTimer = -1;
            next();
        }
    }

    /** One round over all streams, then the next, until there is nothing more. */
    private void next() {
        List<ClickStream> taken = journal.streams().stream()
                .filter(ClickStream::wantsReading)
                .filter(ClickStream::takeForReading)
                .toList();
        if (stopped || (taken.isEmpty() && journal.mayRest())) {
            taken.forEach(ClickStream::giveBack);
            running = false;
            return;
        }
        long started = System.nanoTime();
        Future<Void> round = Future.succeededFuture();
        for (ClickStream stream : taken) {
            round = round.compose(before -> book(stream)).onComplete(done -> stream.giveBack());
        }
        // Other recorders may hold what is left; a pause keeps this from turning in a circle meanwhile.
        round.transform(done -> taken.isEmpty() ? vertx.timer(1, TimeUnit.MILLISECONDS) : Future.succeededFuture())
                .onComplete(done -> rest(taken.isEmpty() ? 0 : System.nanoTime() - started));
    }

    /** Leaves processors and database to the redirects, while clicks may wait. */
    private void rest(long workedNanoseconds) {
        boolean mayRest = pace.isLoaded(journal.appended()) && !stopped && !pace.isHurried(journal);
        long milliseconds = mayRest ? pace.rest(workedNanoseconds, journal.lagSeconds()) : 0;
        if (milliseconds > 0) {
            restTimer = vertx.setTimer(milliseconds, rested -> {
                restTimer = -1;
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
                            .compose(written -> pass(stream, batch))
                            .compose(passed -> settle(stream, batch));
                })
                .recover(failure -> {
                    // Nothing of the batch is lost: a new reader starts from the checkpoint.
                    stream.reader(null);
                    if (stopped) {
                        return Future.succeededFuture();
                    }
                    if (!stream.isFailing()) {
                        LOG.error("Booking of stream {} failed; it is tried again all the time", stream.id(), failure);
                    }
                    journal.failed(stream);
                    return pause();
                });
    }

    private Future<ReadAhead.Prepared> nextBatch(ReadAhead batches) {
        boolean hurried = pace.isHurried(journal);
        return batches.next(pace.batchSize(hurried), hurried);
    }

    private Future<ReadAhead> reader(ClickStream stream) {
        ReadAhead known = stream.reader();
        if (known != null) {
            return Future.succeededFuture(known);
        }
        return untilThere(() -> sink.checkpoint(stream.id())).map(checkpoint -> {
            if (stream.beginReading()) {
                journal.replayed();
            }
            stream.booked(checkpoint, 0);
            ReadAhead made = new ReadAhead(journal, new ClickReader(stream, checkpoint));
            stream.reader(made);
            return made;
        });
    }

    /** Books clicks of a batch from one on: all at once, and in ever smaller halves where one of them is refused. */
    private Future<Void> write(
            ClickStream stream, ClickReader.Batch batch, int from, List<Click> clicks, Future<ClickRows> rows) {
        if (clicks.isEmpty()) {
            return Future.succeededFuture();
        }
        int size = clicks.size();
        long end = batch.end(from + size);
        return rows.compose(made -> move(stream, end, made))
                .onSuccess(moved -> {
                    journal.booked(stream, end, size);
                    batches.accept(size);
                })
                .recover(failure -> {
                    if (!isRefused(failure)) {
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
    private Future<Void> pass(ClickStream stream, ClickReader.Batch batch) {
        long end = batch.end(batch.clicks().size());
        return batch.isLast() || end <= stream.booked()
                ? Future.succeededFuture()
                : move(stream, end, ClickRows.NONE).onSuccess(moved -> journal.booked(stream, end, 0));
    }

    private Future<ClickRows> rows(List<Click> clicks) {
        return journal.onWorker(() -> ClickRows.of(clicks));
    }

    /** Only the one click that PostgreSQL refuses is lost, and none of its neighbours. */
    private Future<Void> reject(ClickStream stream, Click click, long end, Throwable failure) {
        LOG.error("PostgreSQL refuses a click of link {}: {}", click.linkId(), failure.getMessage());
        return move(stream, end, ClickRows.NONE).onSuccess(moved -> journal.rejected(stream, end));
    }

    private static boolean isRefused(Throwable failure) {
        if (failure instanceof PgException refusal) {
            String state = String.valueOf(refusal.getSqlState());
            return DATA_REFUSED.stream().anyMatch(state::startsWith);
        }
        // What the client itself can't write.
        return !(failure instanceof Error) && !PgFailures.isAway(failure);
    }

    private Future<Void> move(ClickStream stream, long end, ClickRows rows) {
        long expected = stream.booked();
        return untilThere(() -> sink.write(stream.id(), expected, end, rows))
                .compose(moved -> moved ? Future.succeededFuture() : wasMoved(stream, end));
    }

    /** The checkpoint is not where it was expected: the answer to the same clicks was lost, then it is behind them. */
    private Future<Void> wasMoved(ClickStream stream, long end) {
        return untilThere(() -> sink.checkpoint(stream.id()))
                .compose(checkpoint -> checkpoint == end
                        ? Future.succeededFuture()
                        : Future.failedFuture(new IllegalStateException("the checkpoint of " + stream.id() + " is "
                                + checkpoint + ", not " + stream.booked() + " or " + end)));
    }

    /** Gives back what the batch finished; the stream too, when it has ended and nothing is left in it. */
    private Future<Void> settle(ClickStream stream, ClickReader.Batch batch) {
        if (batch.damagedBytes() > 0) {
            journal.damaged(stream, batch.damagedBytes());
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
        stream.reader(null);
        return journal.onWorker(() -> journal.remove(stream))
                // What could not be deleted will be found again: then the checkpoint must say that it is booked.
                .compose(gone -> gone ? untilThere(() -> sink.forget(stream.id())) : Future.<Void>succeededFuture())
                .onSuccess(forgotten -> journal.booked(stream, ClickStream.REMOVED, 0));
    }

    /** Asks PostgreSQL, again and again while it is away. */
    private <T> Future<T> untilThere(Supplier<Future<T>> question) {
        long slow = vertx.setTimer(
                TimeUnit.SECONDS.toMillis(LONG_SECONDS),
                late -> gone("it has not answered for " + LONG_SECONDS + " s"));
        return question.get()
                .onComplete(answer -> vertx.cancelTimer(slow))
                .onSuccess(answer -> back())
                .recover(failure -> {
                    if (!PgFailures.isAway(failure) || stopped) {
                        return Future.failedFuture(failure);
                    }
                    gone(failure.getMessage());
                    return pause().compose(paused -> untilThere(question));
                });
    }

    private Future<Void> pause() {
        return stopped
                ? Future.succeededFuture()
                : vertx.timer(config.retryDelay().toMillis(), TimeUnit.MILLISECONDS)
                        .mapEmpty();
    }

    private void gone(@Nullable String reason) {
        if (!away) {
            away = true;
            LOG.warn("Clicks stay in the journal until PostgreSQL is back: {}", reason);
        }
        journal.setSinkAway(true);
    }

    private void back() {
        if (away) {
            away = false;
            journal.setSinkAway(false);
            LOG.info("PostgreSQL is back, {} bytes of clicks wait to be booked", journal.waitingBytes());
        }
    }

    /** Ends after the statement under way; what is not booked stays in the journal. */
    void stop() {
        stopped = true;
    }
}
