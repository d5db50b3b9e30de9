package dev.shortwave.click.sink;

import dev.shortwave.postgres.ReconnectingPool;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import java.time.Duration;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * PostgreSQL over one connection, which is given up for a new one when the server is silent for too long. What it does
 * after all with a statement that was given up is harmless, because every write names the checkpoint that it expects. For
 * one event loop.
 */
public final class ReconnectingClickSink implements ClickSink {

    private final ReconnectingPool connection;

    /**
     * @param open makes a pool of one connection
     * @param longestSilence longer than any statement takes
     */
    public ReconnectingClickSink(Supplier<Pool> open, Duration longestSilence) {
        this.connection = new ReconnectingPool(open, longestSilence);
    }

    @Override
    public Future<Long> checkpoint(String stream) {
        return withConnection(sink -> sink.checkpoint(stream));
    }

    @Override
    public Future<Boolean> write(String stream, long expected, long next, ClickBatchParameters rows) {
        return withConnection(sink -> sink.write(stream, expected, next, rows));
    }

    @Override
    public Future<Void> removeCheckpoint(String stream) {
        return withConnection(sink -> sink.removeCheckpoint(stream));
    }

    /** Books no click at the start, and takes that back: everything that booking needs must be there. */
    public Future<Void> check() {
        return connection
                .pool()
                .getConnection()
                .compose(own -> own.begin()
                        .compose(transaction -> new PgClickSink(own)
                                .write("start-check/" + UUID.randomUUID(), 0, 1, ClickBatchParameters.NONE)
                                .transform(result -> transaction
                                        .rollback()
                                        .transform(any -> result.succeeded()
                                                ? Future.<Void>succeededFuture()
                                                : Future.failedFuture(result.cause()))))
                        .eventually(own::close));
    }

    private <T> Future<T> withConnection(Function<ClickSink, Future<T>> question) {
        return connection.withPool(client -> question.apply(new PgClickSink(client)));
    }
}
