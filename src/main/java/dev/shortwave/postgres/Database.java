package dev.shortwave.postgres;

import dev.shortwave.config.Config;
import dev.shortwave.error.StartupException;
import dev.shortwave.error.Untrusted;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Creates pools of connections to PostgreSQL, with the time-outs that the client lacks. */
public final class Database {

    private static final Logger LOG = LoggerFactory.getLogger(Database.class);

    private final Config.Database config;
    private final PoolNames names = new PoolNames();

    public Database(Config.Database config) {
        this.config = config;
    }

    private PgConnectOptions server() {
        return Objects.requireNonNull(config.server(), "no server yet");
    }

    /** Uses those startup parameters only that PgBouncer accepts by default. */
    private PgConnectOptions connectOptions(PgConnectOptions server, String purpose) {
        PgConnectOptions options = new PgConnectOptions(server);
        options.addProperty("application_name", "shortwave-" + purpose).addProperty("timezone", "UTC");
        if (config.transactionPooling()) {
            // No named statements: the next session of the server does not have those of this one.
            return options.setCachePreparedStatements(false).setUseLayer7Proxy(true);
        }
        return options.setCachePreparedStatements(true)
                .setPreparedStatementCacheMaxSize(256)
                // At the default of 2,048 characters the longest statements would not be cached.
                .setPreparedStatementCacheSqlLimit(8192);
    }

    /** Statements end after the configured time; where sessions are not ours, PostgreSQL's own settings hold. */
    private void prepare(SqlConnection connection) {
        if (config.transactionPooling()) {
            connection.close();
            return;
        }
        long milliseconds = config.statementTimeout().toMillis();
        connection
                .query("SET statement_timeout = " + milliseconds + "; SET lock_timeout = " + milliseconds)
                .execute()
                // Gives the connection to the pool. One that has failed is closed, which the pool sees.
                .onComplete(set -> connection.close());
    }

    /** A bounded pool whose connections live on the calling verticle's event loop. */
    public Pool pool(Vertx vertx, String purpose, int size) {
        return pool(vertx, server(), purpose, poolOptions(purpose, size));
    }

    /** As {@link #pool}, of the replica, which must be configured. */
    public Pool replicaPool(Vertx vertx, String purpose) {
        PgConnectOptions replica = Objects.requireNonNull(config.replica(), "no replica");
        return pool(vertx, replica, purpose, poolOptions(purpose, config.poolSize()));
    }

    /** A single connection, opened when needed. Its caller replaces it after {@link #responseTimeout}. */
    public Pool connection(Vertx vertx, String purpose) {
        return pool(vertx, server(), purpose, poolOptions(purpose, 1).setConnectionTimeout(0));
    }

    private Pool pool(Vertx vertx, PgConnectOptions server, String purpose, PoolOptions options) {
        return PgBuilder.pool()
                .using(new StaleConnectionCloser(vertx, () -> names.release(options.getName())))
                .connectingTo(connectOptions(server, purpose))
                .with(netOptions())
                .with(options)
                .withConnectHandler(this::prepare)
                .build();
    }

    /** Within it a running server has responded, cancelled the statement, or accepted a new connection. */
    public Duration responseTimeout() {
        return config.connectTimeout().plus(config.statementTimeout());
    }

    /** As {@link #pool}, for short statements only: several at a time go over each connection. */
    public SqlClient pipelined(Vertx vertx, String purpose, int size) {
        PoolOptions options = poolOptions(purpose, size);
        return PgBuilder.client()
                .using(new StaleConnectionCloser(vertx, () -> names.release(options.getName())))
                .connectingTo(connectOptions(server(), purpose))
                .with(netOptions())
                .with(options)
                .withConnectHandler(this::prepare)
                .build();
    }

    private NetClientOptions netOptions() {
        return new NetClientOptions()
                .setConnectTimeout((int) config.connectTimeout().toMillis())
                // Without it a broken route is noticed after a quarter of an hour.
                .setTcpUserTimeout((int) responseTimeout().toMillis())
                .setTcpKeepAlive(true);
    }

    private PoolOptions poolOptions(String purpose, int size) {
        return new PoolOptions()
                .setName(names.acquire(purpose))
                .setMaxSize(size)
                .setMaxWaitQueueSize(config.maxWaitQueueSize())
                .setConnectionTimeout((int) acquireTimeout().toMillis())
                .setConnectionTimeoutUnit(TimeUnit.MILLISECONDS)
                .setIdleTimeout(10)
                .setIdleTimeoutUnit(TimeUnit.MINUTES);
    }

    /** Fails if a connection of this pool has another session in each transaction, without transaction-pooling set. */
    public Future<Void> failIfSessionsShared(Pool pool) {
        return config.transactionPooling()
                ? Future.succeededFuture()
                : SessionCheck.isShared(pool)
                        .compose(shared -> shared
                                ? Future.failedFuture(
                                        "a connection has another session in its next transaction. " + Remedies.POOLER)
                                : Future.succeededFuture());
    }

    /**
     * Waits for a verification at the start; fails with a {@link StartupException} if it fails or takes too long. A lock of
     * another session, or a server that is restarting, does not fail the start.
     *
     * @param purpose what is verified, for the message
     */
    public Future<Void> verifyAtStart(String purpose, Future<?> attempt) {
        return attempt.timeout(responseTimeout().toMillis(), TimeUnit.MILLISECONDS)
                .<Void>mapEmpty()
                .recover(failure -> {
                    if (PgFailures.isTransient(failure)) {
                        LOG.warn("Could not verify that PostgreSQL serves {}: {}", purpose, failure.getMessage());
                        return Future.succeededFuture();
                    }
                    return Future.failedFuture(refusal(purpose, failure));
                });
    }

    private StartupException refusal(String purpose, Throwable failure) {
        return new StartupException(
                "PostgreSQL at " + server().getHost() + ":" + server().getPort() + " does not serve " + purpose + ": "
                        + explained(failure),
                failure);
    }

    private static String explained(Throwable failure) {
        if (Untrusted.isCauseOf(failure)) {
            return Untrusted.reason(failure) + ". Correct the host, its certificate, or sslrootcert.";
        }
        if (failure instanceof PgException refusal) {
            String sentence = String.valueOf(refusal.getErrorMessage());
            String remedy = Remedies.of(refusal.getSqlState(), sentence);
            return sentence + "." + (remedy == null ? "" : " " + remedy);
        }
        return Untrusted.reason(failure);
    }

    public Pool pool(Vertx vertx, String purpose) {
        return pool(vertx, purpose, config.poolSize());
    }

    /** A request may wait for a connection as long as a statement may take: beyond that the pool is the bottleneck. */
    private Duration acquireTimeout() {
        return responseTimeout().dividedBy(2);
    }
}
