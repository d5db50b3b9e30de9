package dev.shortwave.postgres;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlClient;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A pool that is given up for a new one when the server is silent for too long: frozen, or behind a route that is gone,
 * it neither answers nor closes, and the client would wait for ever. For one event loop, and the verticle in which it was
 * made: Vert.x closes the pools of a verticle with it.
 */
public final class ReconnectingPool {

    private static final Logger LOG = LoggerFactory.getLogger(ReconnectingPool.class);

    private final Supplier<Pool> open;
    private final Duration responseTimeout;
    private Pool pool;

    /**
     * @param open makes a pool
     * @param longestSilence longer than any statement takes
     */
    public ReconnectingPool(Supplier<Pool> open, Duration longestSilence) {
        this.open = open;
        this.responseTimeout = longestSilence;
        this.pool = open.get();
    }

    /** Asks one question; fails with a {@link TimeoutException} if the server is silent for too long. */
    public <T> Future<T> withPool(Function<SqlClient, Future<T>> question) {
        Pool asked = pool;
        return inTime(asked, question.apply(asked), responseTimeout);
    }

    /** The pool of now, for several questions over one connection; each of them is asked {@link #inTime}. */
    public Pool pool() {
        return pool;
    }

    /** The answer of a pool of this one, or a {@link TimeoutException} if the server is silent for longer than that. */
    public <T> Future<T> inTime(Pool asked, Future<T> answer, Duration patience) {
        return answer.timeout(patience.toMillis(), TimeUnit.MILLISECONDS).onFailure(failure -> {
            if (failure instanceof TimeoutException && asked == pool) {
                LOG.warn("PostgreSQL has not answered for {} ms; trying another connection", patience.toMillis());
                asked.close();
                pool = open.get();
            }
        });
    }
}
