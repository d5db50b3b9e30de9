package dev.shortwave.click;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * PostgreSQL over one connection, which is given up for a new one when the server is silent for too long: frozen, or
 * behind a route that is gone, it neither answers nor closes. What it does after all with a statement that was given up
 * is harmless, because every write names the checkpoint that it expects. For one event loop.
 */
final class ReopeningSink implements ClickSink {

    private static final Logger LOG = LoggerFactory.getLogger(ReopeningSink.class);

    private static final long LONGEST_CLOSE_SECONDS = 1;

    private final Vertx vertx;
    private final Supplier<Pool> open;
    private final Duration longestSilence;
    private Pool connection;
    private ClickSink sink;

    /**
     * @param open makes a pool of one connection
     * @param longestSilence longer than any statement takes
     */
    ReopeningSink(Vertx vertx, Supplier<Pool> open, Duration longestSilence) {
        this.vertx = vertx;
        this.open = open;
        this.longestSilence = longestSilence;
        this.connection = open.get();
        this.sink = new PgClickSink(connection);
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

    private <T> Future<T> ask(Function<ClickSink, Future<T>> question) {
        Pool asked = connection;
        return question.apply(sink)
                .timeout(longestSilence.toMillis(), TimeUnit.MILLISECONDS)
                .onFailure(failure -> {
                    if (failure instanceof TimeoutException && asked == connection) {
                        reopen();
                    }
                });
    }

    private void reopen() {
        LOG.warn("PostgreSQL has not answered for {} ms; trying another connection", longestSilence.toMillis());
        // Not waited for: it closes when the server reads again, or the system finds that nobody is there.
        connection.close();
        connection = open.get();
        sink = new PgClickSink(connection);
    }

    Future<Void> close() {
        return connection
                .close()
                .timeout(LONGEST_CLOSE_SECONDS, TimeUnit.SECONDS)
                .otherwiseEmpty();
    }
}
