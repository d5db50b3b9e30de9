package dev.shortwave.postgres;

import dev.shortwave.config.Config;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.SqlClient;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** Makes connections to PostgreSQL with the time-outs that the client does not have by itself. */
public final class Database {

    private final Config.Database config;
    private final PoolNames names = new PoolNames();

    public Database(Config.Database config) {
        this.config = config;
    }

    /** How to connect; statements end after the configured time. */
    public PgConnectOptions connectOptions(String purpose) {
        return connectOptions(server(), purpose);
    }

    private PgConnectOptions server() {
        return Objects.requireNonNull(config.server(), "no server yet");
    }

    private PgConnectOptions connectOptions(PgConnectOptions server, String purpose) {
        PgConnectOptions options = new PgConnectOptions(server);
        String milliseconds = Long.toString(config.statementTimeout().toMillis());
        options.setCachePreparedStatements(true)
                .setPreparedStatementCacheMaxSize(256)
                // The longest statements of ours would silently not be cached at the default of 2,048 characters.
                .setPreparedStatementCacheSqlLimit(8192)
                .addProperty("application_name", "shortwave-" + purpose)
                .addProperty("timezone", "UTC")
                .addProperty("statement_timeout", milliseconds)
                .addProperty("lock_timeout", milliseconds);
        return options;
    }

    /** A bounded pool whose connections live on the calling verticle's event loop. */
    public Pool pool(Vertx vertx, String purpose, int size) {
        return pool(vertx, server(), purpose, poolOptions(purpose, size));
    }

    /** As {@link #pool}, of the replica, of which there is one. */
    public Pool replicaPool(Vertx vertx, String purpose) {
        PgConnectOptions replica = Objects.requireNonNull(config.replica(), "no replica");
        return pool(vertx, replica, purpose, poolOptions(purpose, config.poolSize()));
    }

    /** A single connection, opened when needed. Its user gives it up after {@link #longestSilence}: waits go on till then. */
    public Pool connection(Vertx vertx, String purpose) {
        return pool(vertx, server(), purpose, poolOptions(purpose, 1).setConnectionTimeout(0));
    }

    private Pool pool(Vertx vertx, PgConnectOptions server, String purpose, PoolOptions options) {
        return PgBuilder.pool()
                .using(new HangUp(vertx, () -> names.giveBack(options.getName())))
                .connectingTo(connectOptions(server, purpose))
                .with(netOptions())
                .with(options)
                .build();
    }

    /** A server that is there has answered or ended a statement by then, or taken a new connection. */
    public Duration longestSilence() {
        return config.connectTimeout().plus(config.statementTimeout());
    }

    /** As {@link #pool}, for short statements only: several at a time go over each connection. */
    public SqlClient pipelined(Vertx vertx, String purpose, int size) {
        PoolOptions options = poolOptions(purpose, size);
        return PgBuilder.client()
                .using(new HangUp(vertx, () -> names.giveBack(options.getName())))
                .connectingTo(connectOptions(purpose))
                .with(netOptions())
                .with(options)
                .build();
    }

    private NetClientOptions netOptions() {
        return new NetClientOptions()
                .setConnectTimeout((int) config.connectTimeout().toMillis())
                // Behind a route that is gone, what is sent has no answer for a quarter of an hour otherwise.
                .setTcpUserTimeout((int) longestSilence().toMillis())
                .setTcpKeepAlive(true);
    }

    private PoolOptions poolOptions(String purpose, int size) {
        return new PoolOptions()
                .setName(names.take(purpose))
                .setMaxSize(size)
                .setMaxWaitQueueSize(config.maxWaitQueue())
                .setConnectionTimeout((int) waitFor().toMillis())
                .setConnectionTimeoutUnit(TimeUnit.MILLISECONDS)
                .setIdleTimeout(10)
                .setIdleTimeoutUnit(TimeUnit.MINUTES);
    }

    public Pool pool(Vertx vertx, String purpose) {
        return pool(vertx, purpose, config.poolSize());
    }

    /** A request may wait for a connection as long as a statement may take: beyond that the pool is the bottleneck. */
    private Duration waitFor() {
        return longestSilence().dividedBy(2);
    }
}
