package dev.shortwave.csv;

import dev.shortwave.bus.AbortImport;
import dev.shortwave.bus.BeginImport;
import dev.shortwave.bus.Bus;
import dev.shortwave.bus.FinishImport;
import dev.shortwave.bus.ImportRows;
import dev.shortwave.error.Problem;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Imports one CSV file, all or nothing. Pauses the stream while a batch is written, so that it is read no faster than
 * PostgreSQL stores the rows. Rows of empty cells are skipped. On the event loop of the stream.
 */
public final class CsvImport {

    private static final int BATCH_ROWS = 1_000;
    private static final long END_TIMEOUT_MILLISECONDS = 1_000;

    /** All rows are merged at the end, after other imports. */
    private static final Duration MERGE_TIMEOUT = Duration.ofMinutes(30);

    /**
     * Limits of a stream.
     *
     * @param bytes maximum size of the file
     * @param idleTimeout how long it may send nothing
     * @param minRate minimum of bytes a second, on average over the idle time-out; only waiting for the stream counts
     */
    public record Limits(long bytes, Duration idleTimeout, long minRate) {

        /** What a client is told that sends less than {@code minRate}. */
        public RuntimeException tooSlow() {
            return timeout("the upload sent less than " + minRate + " bytes a second");
        }

        /** What a client is told that sends nothing for {@code idleTimeout}. */
        public RuntimeException stalled() {
            return timeout("the upload sent nothing for " + idleTimeout.toSeconds() + " s");
        }

        private static RuntimeException timeout(String detail) {
            return new Problem(Problem.Kind.REQUEST_TIMEOUT, detail, null).asException();
        }
    }

    private final Vertx vertx;
    private final Bus bus;
    private final BeginImport.Kind kind;
    private final Limits limits;
    private final LongConsumer progress;
    private final CsvParser parser = new CsvParser();
    private final List<ImportRows.Row> pending = new ArrayList<>();
    private final Promise<FinishImport.Imported> result = Promise.promise();
    private @Nullable String session;
    private boolean started;
    private boolean commits = true;
    private boolean committing;
    private boolean ended;
    private boolean complete;
    private long bytes;
    private long rows;
    private long idleTimer = -1;
    private long waitingSince;
    private long windowNanoseconds;
    private long windowBytes;

    /**
     * @param progress receives the number of bytes read so far
     */
    public CsvImport(Vertx vertx, Bus bus, BeginImport.Kind kind, Limits limits, LongConsumer progress) {
        this.vertx = vertx;
        this.bus = bus;
        this.kind = kind;
        this.limits = limits;
        this.progress = progress;
    }

    /**
     * Adds this file to a larger import.
     *
     * @param earlier the session of the file before, or null if this is the first
     * @param last whether this file ends the import and commits
     */
    public CsvImport partOf(@Nullable String earlier, boolean last) {
        session = earlier;
        commits = last;
        return this;
    }

    /** The session of the import, for the next file of it. Null before the first row. */
    public @Nullable String session() {
        return session;
    }

    /** Reads the stream to its end. Fails with a problem that names the line; then nothing of the file is stored. */
    public Future<FinishImport.Imported> run(ReadStream<Buffer> source) {
        source.exceptionHandler(failure -> fail(cutOff()));
        source.handler(chunk -> {
            if (ended) {
                return;
            }
            source.pause();
            vertx.cancelTimer(idleTimer);
            attempt(() -> isFastEnough(chunk) ? accept(chunk) : Future.failedFuture(limits.tooSlow()))
                    .onComplete(
                            taken -> {
                                awaitMore();
                                source.resume();
                            },
                            failure -> {
                                fail(failure);
                                source.resume();
                            });
        });
        source.endHandler(end -> {
            vertx.cancelTimer(idleTimer);
            if (!ended) {
                attempt(this::finish).onComplete(this::succeed, this::fail);
            }
        });
        awaitMore();
        return result.future();
    }

    /** As {@link #run(ReadStream)}, for a complete file. */
    public Future<FinishImport.Imported> run(Buffer file) {
        attempt(() -> accept(file)).compose(taken -> finish()).onComplete(this::succeed, this::fail);
        return result.future();
    }

    /** Aborts the import: nothing is stored, unless the complete file is being merged. */
    public void abort(RuntimeException failure) {
        if (!committing) {
            fail(failure);
        }
    }

    private Future<Void> accept(Buffer chunk) {
        bytes += chunk.length();
        if (bytes > limits.bytes()) {
            return Future.failedFuture(new Problem(
                            Problem.Kind.BODY_TOO_LARGE, "the file has more than " + limits.bytes() + " bytes", null)
                    .asException());
        }
        addRows(parser.feed(chunk));
        return sendBatches(BATCH_ROWS).onSuccess(sent -> progress.accept(bytes));
    }

    private void addRows(List<ImportRows.Row> parsed) {
        for (ImportRows.Row row : parsed) {
            if (!row.cells().stream().allMatch(String::isBlank)) {
                pending.add(row);
            }
        }
    }

    private Future<FinishImport.Imported> finish() {
        addRows(parser.end());
        return sendBatches(1).compose(sent -> {
            if (session == null || !started) {
                return Future.failedFuture(Problem.badRequest("the file is empty, not even a header")
                        .asException());
            }
            if (ended) {
                return Future.failedFuture(cutOff());
            }
            progress.accept(bytes);
            committing = commits;
            return commits
                    ? bus.request(new FinishImport(session), MERGE_TIMEOUT)
                    : Future.succeededFuture(new FinishImport.Imported(rows, 0));
        });
    }

    /** Sends what is pending while there are at least so many rows, one batch after the other. */
    private Future<Void> sendBatches(int minRows) {
        if (!started && !pending.isEmpty()) {
            ImportRows.Row header = pending.remove(0);
            return bus.request(new BeginImport(kind, header.cells(), session)).compose(opened -> {
                started = true;
                session = opened.session();
                // Aborted while the session was opened: end it here, because the number of sessions is bounded.
                return ended ? abort(opened.session()) : sendBatches(minRows);
            });
        }
        if (session == null || ended || pending.size() < minRows) {
            return Future.succeededFuture();
        }
        List<ImportRows.Row> head = pending.subList(0, Math.min(BATCH_ROWS, pending.size()));
        List<ImportRows.Row> batch = List.copyOf(head);
        head.clear();
        rows += batch.size();
        return bus.request(new ImportRows(session, batch)).compose(taken -> sendBatches(minRows));
    }

    private Future<Void> abort(String openSession) {
        return bus.request(new AbortImport(openSession)).transform(any -> Future.failedFuture(cutOff()));
    }

    private static RuntimeException cutOff() {
        return Problem.badRequest("the upload was cut off").asException();
    }

    private void awaitMore() {
        if (!ended) {
            waitingSince = System.nanoTime();
            idleTimer = vertx.setTimer(
                    complete ? END_TIMEOUT_MILLISECONDS : limits.idleTimeout().toMillis(),
                    timer -> fail(idleFailure()));
        }
    }

    /** Checks the average rate whenever the waits for the stream add up to the idle time-out. */
    private boolean isFastEnough(Buffer chunk) {
        windowNanoseconds += System.nanoTime() - waitingSince;
        windowBytes += chunk.length();
        if (windowNanoseconds < limits.idleTimeout().toNanos()) {
            return true;
        }
        boolean fastEnough = windowBytes >= limits.minRate() * (windowNanoseconds / 1e9);
        windowNanoseconds = 0;
        windowBytes = 0;
        return fastEnough;
    }

    private Throwable idleFailure() {
        return complete
                ? Problem.badRequest("the upload is not valid multipart/form-data")
                        .asException()
                : limits.stalled();
    }

    /** Marks the request as received: the rest of the stream must follow at once, or its end is missing. */
    public void requestComplete() {
        complete = true;
        if (vertx.cancelTimer(idleTimer)) {
            awaitMore();
        }
    }

    private void succeed(FinishImport.Imported imported) {
        ended = true;
        result.tryComplete(imported);
    }

    /** Rolls back before it completes, so that nothing is stored when the caller gets the failure. */
    private void fail(Throwable failure) {
        if (ended) {
            return;
        }
        ended = true;
        vertx.cancelTimer(idleTimer);
        Future<?> rolledBack = session == null ? Future.succeededFuture() : bus.request(new AbortImport(session));
        rolledBack.onComplete(any -> result.tryFail(failure));
    }

    private static <T> Future<T> attempt(Supplier<Future<T>> step) {
        try {
            return step.get();
        } catch (RuntimeException e) {
            return Future.failedFuture(e);
        }
    }
}
