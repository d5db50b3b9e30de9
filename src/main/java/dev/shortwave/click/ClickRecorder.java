package dev.shortwave.click;

import dev.shortwave.config.Config;
import dev.shortwave.postgres.PgFailures;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Books the clicks of the journal in batches. No waiting for a batch to fill: while one is under way the next one grows,
 * so batches follow the load. What failed is repeated until the sink has it; the checkpoint, moved in the same
 * transaction, keeps anything from being booked twice. For one event loop; files are read on a worker.
 */
final class ClickRecorder {

    private static final Logger LOG = LoggerFactory.getLogger(ClickRecorder.class);

    private final Vertx vertx;
    private final ClickJournal journal;
    private final ClickSink sink;
    private final Config.Clicks config;
    private boolean running;
    private boolean away;
    private volatile boolean stopped;

    /** A server that hangs closes nothing; what it took after all is not booked again, the checkpoint sees to it. */
    private static final long PATIENCE_SECONDS = 2;

    /** So many clicks are booked one by one, after a batch that the sink refused. */
    private int singles;

    ClickRecorder(Vertx vertx, ClickJournal journal, ClickSink sink, Config.Clicks config) {
        this.vertx = vertx;
        this.journal = journal;
        this.sink = sink;
        this.config = config;
    }

    /** Begins to book, unless that is under way. */
    void run() {
        if (!running) {
            running = true;
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
        Future<Void> round = Future.succeededFuture();
        for (ClickStream stream : taken) {
            round = round.compose(before -> book(stream)).onComplete(done -> stream.giveBack());
        }
        // Other recorders may hold what is left; a pause keeps this from turning in a circle meanwhile.
        round.transform(done -> taken.isEmpty() ? vertx.timer(1, TimeUnit.MILLISECONDS) : Future.succeededFuture())
                .onComplete(done -> next());
    }

    /** Books one batch of a stream. Never fails: it goes on until the batch is booked, or the verticle stops. */
    private Future<Void> book(ClickStream stream) {
        int most = batchSize();
        return reader(stream)
                .compose(reader -> journal.onWorker(() -> reader.next(most))
                        .compose(batch -> write(stream, batch).compose(written -> settle(stream, reader, batch))))
                .recover(failure -> {
                    // Nothing of the batch is lost: a new reader starts from the checkpoint.
                    stream.reader(null);
                    if (stopped) {
                        return Future.succeededFuture();
                    }
                    LOG.error("Booking of stream {} failed, it is read again", stream.id(), failure);
                    return pause();
                });
    }

    private Future<ClickReader> reader(ClickStream stream) {
        ClickReader known = stream.reader();
        if (known != null) {
            return Future.succeededFuture(known);
        }
        return untilThere(() -> sink.checkpoint(stream.id())).map(checkpoint -> {
            stream.booked(checkpoint);
            ClickReader made = new ClickReader(stream, checkpoint);
            stream.reader(made);
            return made;
        });
    }

    private Future<Void> write(ClickStream stream, ClickReader.Batch batch) {
        if (batch.clicks().isEmpty()) {
            return Future.succeededFuture();
        }
        long expected = stream.booked();
        return untilThere(() -> sink.write(stream.id(), expected, batch.end(), batch.clicks()))
                .compose(booked -> booked ? Future.<Void>succeededFuture() : wasBooked(stream, batch))
                .recover(failure -> oneByOne(stream, batch, failure))
                .onSuccess(booked ->
                        journal.booked(stream, batch.end(), batch.clicks().size()));
    }

    /** PostgreSQL refuses the data itself: one by one, and only the one click that it refuses is lost. */
    private Future<Void> oneByOne(ClickStream stream, ClickReader.Batch batch, Throwable failure) {
        if (PgFailures.isAway(failure) || failure instanceof IllegalStateException) {
            return Future.failedFuture(failure);
        }
        if (batch.clicks().size() > 1) {
            singles = batch.clicks().size();
            return Future.failedFuture(failure);
        }
        LOG.error(
                "PostgreSQL refuses a click of link {}: {}",
                batch.clicks().get(0).linkId(),
                failure.getMessage());
        return untilThere(() -> sink.write(stream.id(), stream.booked(), batch.end(), List.of()))
                .mapEmpty();
    }

    private int batchSize() {
        if (singles > 0) {
            singles--;
            return 1;
        }
        return config.batchSize();
    }

    /** The checkpoint is not where it was expected: the answer to the same batch was lost, then it is behind it. */
    private Future<Void> wasBooked(ClickStream stream, ClickReader.Batch batch) {
        return sink.checkpoint(stream.id())
                .compose(checkpoint -> checkpoint == batch.end()
                        ? Future.succeededFuture()
                        : Future.failedFuture(new IllegalStateException("the checkpoint of " + stream.id() + " is "
                                + checkpoint + ", not " + stream.booked() + " or " + batch.end())));
    }

    /** Gives back what the batch finished; the stream too, when it has ended and nothing is left in it. */
    private Future<Void> settle(ClickStream stream, ClickReader reader, ClickReader.Batch batch) {
        Future<Void> released = batch.finished().isEmpty() || batch.last()
                ? Future.succeededFuture()
                : journal.onWorker(() -> {
                    batch.finished().forEach(segment -> journal.release(stream, segment));
                    return null;
                });
        return batch.last() ? released.compose(done -> remove(stream, reader)) : released;
    }

    private Future<Void> remove(ClickStream stream, ClickReader reader) {
        if (reader.damagedBytes() > 0) {
            LOG.error("{} bytes of the click journal {} were not readable", reader.damagedBytes(), stream.id());
        }
        stream.reader(null);
        return journal.onWorker(() -> {
                    journal.remove(stream);
                    return null;
                })
                .compose(removed -> untilThere(() -> sink.forget(stream.id())))
                .onSuccess(forgotten -> journal.booked(stream, ClickStream.REMOVED, 0));
    }

    /** Asks PostgreSQL, again and again while it is away. */
    private <T> Future<T> untilThere(Supplier<Future<T>> question) {
        return question.get()
                .timeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .onSuccess(answer -> back())
                .recover(failure -> {
                    if (!PgFailures.isAway(failure) || stopped) {
                        return Future.failedFuture(failure);
                    }
                    gone(failure);
                    return pause().compose(paused -> untilThere(question));
                });
    }

    private Future<Void> pause() {
        return stopped
                ? Future.succeededFuture()
                : vertx.timer(config.retryDelay().toMillis(), TimeUnit.MILLISECONDS)
                        .mapEmpty();
    }

    private void gone(Throwable failure) {
        if (!away) {
            away = true;
            LOG.warn("Clicks stay in the journal until PostgreSQL is back: {}", failure.getMessage());
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
