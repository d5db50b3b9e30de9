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
 * Imports one CSV file, all or nothing. Reads a stream no faster than PostgreSQL takes the rows: it is paused while a
 * batch is under way. Rows of empty cells are no rows. On the event loop of the stream.
 */
public final class CsvImport {

    private static final int BATCH_ROWS = 1_000;
    private static final long LEFT_TO_ARRIVE_MILLISECONDS = 1_000;

    /** All rows are merged at the end, and other imports may be merged before. */
    private static final Duration MERGE_TIMEOUT = Duration.ofMinutes(30);

    /**
     * How fast a stream must be.
     *
     * @param bytes of the file at the most
     * @param stallTimeout how long it may be silent
     * @param minRate bytes a second at the least, on average over the stall time-out; only waiting for the stream counts
     */
    public record Limits(long bytes, Duration stallTimeout, long minRate) {

        /** What a client is told that sends less than {@code minRate}. */
        public RuntimeException tooSlow() {
            return timeout("the upload sent less than " + minRate + " bytes a second");
        }

        /** What a client is told that sends nothing for {@code stallTimeout}. */
        public RuntimeException stalled() {
            return timeout("the upload sent nothing for " + stallTimeout.toSeconds() + " s");
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
    private final Promise<FinishImport.Imported> done = Promise.promise();
    private @Nullable String session;
    private boolean begun;
    private boolean commits = true;
    private boolean committing;
    private boolean over;
    private boolean sent;
    private long bytes;
    private long rows;
    private long stallTimer = -1;
    private long waitingSince;
    private long windowNanoseconds;
    private long windowBytes;

    /**
     * @param progress is told the number of bytes read so far, now and then
     */
    public CsvImport(Vertx vertx, Bus bus, BeginImport.Kind kind, Limits limits, LongConsumer progress) {
        this.vertx = vertx;
        this.bus = bus;
        this.kind = kind;
        this.limits = limits;
        this.progress = progress;
    }

    /**
     * Makes this file a part of a larger import.
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
            if (over) {
                return;
            }
            source.pause();
            vertx.cancelTimer(stallTimer);
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
            vertx.cancelTimer(stallTimer);
            if (!over) {
                attempt(this::finish).onComplete(this::succeed, this::fail);
            }
        });
        awaitMore();
        return done.future();
    }

    /** As {@link #run(ReadStream)}, for a file that is there as a whole. */
    public Future<FinishImport.Imported> run(Buffer file) {
        attempt(() -> accept(file)).compose(taken -> finish()).onComplete(this::succeed, this::fail);
        return done.future();
    }

    /** The file will not come as a whole. Nothing of it is stored, unless all of it is there and being merged. */
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
            if (session == null || !begun) {
                return Future.failedFuture(Problem.badRequest("the file is empty, not even a header")
                        .asException());
            }
            if (over) {
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
    private Future<Void> sendBatches(int least) {
        if (!begun && !pending.isEmpty()) {
            ImportRows.Row header = pending.remove(0);
            return bus.request(new BeginImport(kind, header.cells(), session)).compose(opened -> {
                begun = true;
                session = opened.session();
                // Given up while it was opened: nobody else would end it, and there are few at once.
                return over ? abandoned(opened.session()) : sendBatches(least);
            });
        }
        if (session == null || over || pending.size() < least) {
            return Future.succeededFuture();
        }
        List<ImportRows.Row> head = pending.subList(0, Math.min(BATCH_ROWS, pending.size()));
        List<ImportRows.Row> batch = List.copyOf(head);
        head.clear();
        rows += batch.size();
        return bus.request(new ImportRows(session, batch)).compose(taken -> sendBatches(least));
    }

    private Future<Void> abandoned(String opened) {
        return bus.request(new AbortImport(opened)).transform(any -> Future.failedFuture(cutOff()));
    }

    private static RuntimeException cutOff() {
        return Problem.badRequest("the upload was cut off").asException();
    }

    private void awaitMore() {
        if (!over) {
            waitingSince = System.nanoTime();
            stallTimer = vertx.setTimer(
                    sent ? LEFT_TO_ARRIVE_MILLISECONDS : limits.stallTimeout().toMillis(), timer -> fail(stall()));
        }
    }

    /** Looks at the average each time that the stream was waited for as long as it may be silent. */
    private boolean isFastEnough(Buffer chunk) {
        windowNanoseconds += System.nanoTime() - waitingSince;
        windowBytes += chunk.length();
        if (windowNanoseconds < limits.stallTimeout().toNanos()) {
            return true;
        }
        boolean fastEnough = windowBytes >= limits.minRate() * (windowNanoseconds / 1e9);
        windowNanoseconds = 0;
        windowBytes = 0;
        return fastEnough;
    }

    private Throwable stall() {
        return sent
                ? Problem.badRequest("the upload is not valid multipart/form-data")
                        .asException()
                : limits.stalled();
    }

    /** The whole request has arrived: what is left of the stream must come at once, or its end is never found. */
    public void requestComplete() {
        sent = true;
        if (vertx.cancelTimer(stallTimer)) {
            awaitMore();
        }
    }

    private void succeed(FinishImport.Imported imported) {
        over = true;
        done.tryComplete(imported);
    }

    /** Rolls back before it answers, so that the caller can rely on nothing being stored. */
    private void fail(Throwable failure) {
        if (over) {
            return;
        }
        over = true;
        vertx.cancelTimer(stallTimer);
        Future<?> undone = session == null ? Future.succeededFuture() : bus.request(new AbortImport(session));
        undone.onComplete(any -> done.tryFail(failure));
    }

    private static <T> Future<T> attempt(Supplier<Future<T>> step) {
        try {
            return step.get();
        } catch (RuntimeException e) {
            return Future.failedFuture(e);
        }
    }
}
