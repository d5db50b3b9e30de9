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
 * A pool that is replaced when the server does not respond in time: a frozen server, or one behind a broken route, neither
 * responds nor closes the connection, and the client would wait for ever. For one event loop, and the verticle in which
 * it was created: Vert.x closes the pools of a verticle with it.
 */
public final class ReconnectingPool {

    private static final Logger LOG = LoggerFactory.getLogger(ReconnectingPool.class);

    private final Supplier<Pool> open;
    private final Duration responseTimeout;
    private Pool pool;

    /**
     * @param open opens a pool
     * @param responseTimeout longer than any statement takes
     */
    public ReconnectingPool(Supplier<Pool> open, Duration responseTimeout) {
        this.open = open;
        this.responseTimeout = responseTimeout;
        this.pool = open.get();
    }

    /** Runs one operation; fails with a {@link TimeoutException} if the server does not respond in time. */
    public <T> Future<T> withPool(Function<SqlClient, Future<T>> operation) {
        Pool current = pool;
        return withTimeout(current, operation.apply(current), responseTimeout);
    }

    /** The current pool, for several operations over one connection; each of them needs {@link #withTimeout}. */
    public Pool pool() {
        return pool;
    }

    /** Bounds an operation of a pool of this one, and replaces the pool on a {@link TimeoutException}. */
    public <T> Future<T> withTimeout(Pool used, Future<T> response, Duration timeout) {
        return response.timeout(timeout.toMillis(), TimeUnit.MILLISECONDS).onFailure(failure -> {
            if (failure instanceof TimeoutException && used == pool) {
                LOG.warn("No response from PostgreSQL for {} ms; opening a new connection", timeout.toMillis());
                used.close();
                pool = open.get();
            }
        });
    }
}
