package dev.shortwave.click.sink;

import dev.shortwave.postgres.ReconnectingPool;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import java.time.Duration;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * PostgreSQL over one connection, which is replaced when the server does not respond in time. A server that executes an
 * abandoned statement later does no harm, because every write names the checkpoint that it expects. For one event loop.
 */
public final class ReconnectingClickSink implements ClickSink {

    private final ReconnectingPool connection;

    /**
     * @param open opens a pool of one connection
     * @param responseTimeout longer than any statement takes
     */
    public ReconnectingClickSink(Supplier<Pool> open, Duration responseTimeout) {
        this.connection = new ReconnectingPool(open, responseTimeout);
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

    /** Books an empty batch and rolls it back, to verify at the start everything that booking needs. */
    public Future<Void> check() {
        return connection
                .pool()
                .getConnection()
                .compose(connection -> connection
                        .begin()
                        .compose(transaction -> new PgClickSink(connection)
                                .write("start-check/" + UUID.randomUUID(), 0, 1, ClickBatchParameters.NONE)
                                .transform(result -> transaction
                                        .rollback()
                                        .transform(any -> result.succeeded()
                                                ? Future.<Void>succeededFuture()
                                                : Future.failedFuture(result.cause()))))
                        .eventually(connection::close));
    }

    private <T> Future<T> withConnection(Function<ClickSink, Future<T>> operation) {
        return connection.withPool(client -> operation.apply(new PgClickSink(client)));
    }
}
