package dev.shortwave.click;

import dev.shortwave.postgres.ReopeningPool;
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
final class ReopeningSink implements ClickSink {

    private final ReopeningPool connection;

    /**
     * @param open makes a pool of one connection
     * @param longestSilence longer than any statement takes
     */
    ReopeningSink(Supplier<Pool> open, Duration longestSilence) {
        this.connection = new ReopeningPool(open, longestSilence);
    }

    @Override
    public Future<Long> checkpoint(String stream) {
        return ask(sink -> sink.checkpoint(stream));
    }

    @Override
    public Future<Boolean> write(String stream, long expected, long next, ClickRows rows) {
        return ask(sink -> sink.write(stream, expected, next, rows));
    }

    @Override
    public Future<Void> forget(String stream) {
        return ask(sink -> sink.forget(stream));
    }

    /** Books no click at the start, and takes that back: everything that booking needs must be there. */
    Future<Void> check() {
        return connection
                .pool()
                .getConnection()
                .compose(own -> own.begin()
                        .compose(transaction -> new PgClickSink(own)
                                .write("start-check/" + UUID.randomUUID(), 0, 1, ClickRows.NONE)
                                .transform(result -> transaction
                                        .rollback()
                                        .transform(any -> result.succeeded()
                                                ? Future.<Void>succeededFuture()
                                                : Future.failedFuture(result.cause()))))
                        .eventually(own::close));
    }

    private <T> Future<T> ask(Function<ClickSink, Future<T>> question) {
        return connection.ask(client -> question.apply(new PgClickSink(client)));
    }
}
