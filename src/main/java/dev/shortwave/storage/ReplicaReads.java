package dev.shortwave.storage;

import dev.shortwave.error.Untrusted;
import dev.shortwave.postgres.Database;
import dev.shortwave.postgres.ReconnectingPool;
import dev.shortwave.postgres.Remedies;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Transaction;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads lists from a replica, if there is one, without stale data: the primary returns its current WAL position, and the
 * replica is used only once it has replayed the log up to there. So a list has every write that any JVM confirmed before
 * the request. Otherwise the primary is used. On the event loop of its verticle.
 */
final class ReplicaReads {

    private static final Logger LOG = LoggerFactory.getLogger(ReplicaReads.class);

    /**
     * The insert position, flushed or not: without synchronous commits, others see a change before it is flushed. The name of
     * a WAL file begins with the timeline, which changes with each promotion.
     */
    private static final String POSITION = """
            SELECT pg_current_wal_insert_lsn()::text, lower(left(pg_walfile_name(pg_current_wal_insert_lsn()), 8)),
                   system_identifier::text, current_database()::text
            FROM pg_control_system()""";

    /**
     * A promoted server keeps its position, and one that a promotion left behind may be further in an obsolete log, so the
     * timelines are compared too. The timeline is that of its last checkpoint, and so never ahead of what it has replayed.
     */
    private static final String HAS_REPLAYED = """
            SELECT pg_is_in_recovery() AND pg_last_wal_replay_lsn() >= $1::text::pg_lsn
                   AND lpad(to_hex(timeline_id), 8, '0') = $2::text
                   AND system_identifier::text = $3::text AND current_database()::text = $4::text
            FROM pg_control_system(), pg_control_checkpoint()""";

    private static final long MIN_POLL_DELAY_MILLISECONDS = 2;
    private static final long MAX_POLL_DELAY_MILLISECONDS = 32;

    /** More than all pauses together. */
    private static final Duration MAX_LAG = Duration.ofMillis(250);

    private static final long RETRY_DELAY_MILLISECONDS = 2_000;

    private final Vertx vertx;
    private final SqlClient server;
    private final @Nullable ReconnectingPool replica;
    private final Duration statementTimeout;
    private final boolean transactionPooling;
    private boolean bypassed;

    /**
     * @param replica null if there is none
     * @param statementTimeout how long a statement may take
     * @param transactionPooling whether a connection has one session only while it is in a transaction
     */
    ReplicaReads(
            Vertx vertx,
            SqlClient server,
            @Nullable ReconnectingPool replica,
            Duration statementTimeout,
            boolean transactionPooling) {
        this.vertx = vertx;
        this.server = server;
        this.replica = replica;
        this.statementTimeout = statementTimeout;
        this.transactionPooling = transactionPooling;
    }

    /**
     * Runs a list.
     *
     * @param list may run twice: on the server after a failure of the replica
     */
    <T> Future<T> read(Function<SqlClient, Future<T>> list) {
        if (replica == null || bypassed) {
            return list.apply(server);
        }
        Pool current = replica.pool();
        return upToDate(replica, current)
                .compose(connection -> replica.withTimeout(current, list.apply(connection), statementTimeout)
                        .eventually(() -> release(connection)))
                .recover(failure -> {
                    bypass(failure);
                    return list.apply(server);
                });
    }

    /**
     * Verifies the replica at the start: one that is unavailable or lags is bypassed until it catches up; one that refuses
     * this process needs a correction by the operator.
     */
    Future<Void> check(Database database) {
        if (replica == null) {
            return Future.succeededFuture();
        }
        return upToDate(replica, replica.pool()).compose(ReplicaReads::release).recover(failure -> {
            if (Untrusted.isCauseOf(failure) || isRefusal(failure)) {
                return database.verifyAtStart(
                        "lists from the replica at database.replica-url", Future.failedFuture(failure));
            }
            bypass(failure);
            return Future.succeededFuture();
        });
    }

    /** Log-in, missing database, missing right, or a parameter that its pooler does not take. */
    private static boolean isRefusal(Throwable failure) {
        return failure instanceof PgException refusal
                && (String.valueOf(refusal.getSqlState()).matches("28.*|3D000|42.*")
                        || Remedies.isUnknownParameter(String.valueOf(refusal.getErrorMessage())));
    }

    /** A connection that sees all that the server has committed at this moment; the caller closes it. */
    private Future<SqlConnection> upToDate(ReconnectingPool owner, Pool current) {
        return server.preparedQuery(POSITION).execute().compose(rows -> {
            Row row = rows.iterator().next();
            Tuple position = Tuple.of(row.getString(0), row.getString(1), row.getString(2), row.getString(3));
            // One connection for the position and the list: several replicas may share an address.
            return current.getConnection()
                    .compose(connection -> owner.withTimeout(
                                    current,
                                    oneSession(connection)
                                            .compose(ready ->
                                                    caughtUp(connection, position, MIN_POLL_DELAY_MILLISECONDS)),
                                    MAX_LAG)
                            .map(connection)
                            .onFailure(failure -> release(connection)));
        });
    }

    /** Behind a pooler that gives each transaction another session, it may be one of another replica. */
    private Future<?> oneSession(SqlConnection connection) {
        return transactionPooling ? connection.begin() : Future.succeededFuture();
    }

    private static Future<Void> release(SqlConnection connection) {
        Transaction transaction = connection.transaction();
        return (transaction == null ? Future.<Void>succeededFuture() : transaction.rollback())
                .eventually(connection::close);
    }

    /** A statement of its own: the snapshot of the list must begin after it. */
    private Future<Void> caughtUp(SqlConnection connection, Tuple position, long pauseMilliseconds) {
        return connection.preparedQuery(HAS_REPLAYED).execute(position).compose(rows -> {
            if (Boolean.TRUE.equals(rows.iterator().next().getBoolean(0))) {
                return Future.succeededFuture();
            }
            return pauseMilliseconds > MAX_POLL_DELAY_MILLISECONDS
                    ? Future.failedFuture("the replica lags, or is not a replica of this server")
                    : vertx.timer(pauseMilliseconds, TimeUnit.MILLISECONDS)
                            .compose(timer -> caughtUp(connection, position, pauseMilliseconds * 2));
        });
    }

    /** Reads lists from the server until the replica has caught up; none of them waits for that. */
    private void bypass(Throwable failure) {
        if (!bypassed) {
            bypassed = true;
            LOG.warn("Bypassing the replica: {}; retrying every {} ms", failure.getMessage(), RETRY_DELAY_MILLISECONDS);
            scheduleRetry();
        }
    }

    private void scheduleRetry() {
        vertx.setTimer(RETRY_DELAY_MILLISECONDS, timer -> {
            if (replica != null) {
                upToDate(replica, replica.pool())
                        .onSuccess(connection -> {
                            release(connection);
                            bypassed = false;
                            LOG.info("Reading lists from the replica again");
                        })
                        .onFailure(failure -> scheduleRetry());
            }
        });
    }
}
