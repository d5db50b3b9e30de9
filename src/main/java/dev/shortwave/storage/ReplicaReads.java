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
 * Has lists read by a replica, if there is one, and never an old one: the server says how far its log is at that moment,
 * and the replica answers only when it has replayed so much of it. So a list has every write that was answered before it
 * was asked for, through whichever JVM. Else the server answers. On the event loop of its verticle.
 */
final class ReplicaReads {

    private static final Logger LOG = LoggerFactory.getLogger(ReplicaReads.class);

    /**
     * Of what is written, flushed or not: without synchronous commits, others see a change before it is flushed. The name of
     * a file of the log begins with the timeline, which each promotion begins anew.
     */
    private static final String POSITION = """
            SELECT pg_current_wal_insert_lsn()::text, lower(left(pg_walfile_name(pg_current_wal_insert_lsn()), 8)),
                   system_identifier::text, current_database()::text
            FROM pg_control_system()""";

    /**
     * A server that was promoted keeps the position of before, and one that was left behind by a promotion may be further in
     * a log that counts no more. The timeline is that of its last checkpoint, and so never ahead of what it has replayed.
     */
    private static final String HAS_REPLAYED = """
            SELECT pg_is_in_recovery() AND pg_last_wal_replay_lsn() >= $1::text::pg_lsn
                   AND lpad(to_hex(timeline_id), 8, '0') = $2::text
                   AND system_identifier::text = $3::text AND current_database()::text = $4::text
            FROM pg_control_system(), pg_control_checkpoint()""";

    private static final long MIN_POLL_DELAY_MILLISECONDS = 2;
    private static final long MAX_POLL_DELAY_MILLISECONDS = 32;

    /** More than all pauses: what takes longer hangs. */
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
     * @param longestStatement what takes longer has no answer any more
     * @param transactionPooling whether a connection has one session only while it is in a transaction
     */
    ReplicaReads(
            Vertx vertx,
            SqlClient server,
            @Nullable ReconnectingPool replica,
            Duration longestStatement,
            boolean transactionPooling) {
        this.vertx = vertx;
        this.server = server;
        this.replica = replica;
        this.statementTimeout = longestStatement;
        this.transactionPooling = transactionPooling;
    }

    /**
     * Runs a list.
     *
     * @param list may be run twice: what the replica fails is asked of the server
     */
    <T> Future<T> read(Function<SqlClient, Future<T>> list) {
        if (replica == null || bypassed) {
            return list.apply(server);
        }
        Pool asked = replica.pool();
        return upToDate(replica, asked)
                .compose(connection -> replica.inTime(asked, list.apply(connection), statementTimeout)
                        .eventually(() -> done(connection)))
                .recover(failure -> {
                    bypass(failure);
                    return list.apply(server);
                });
    }

    /**
     * At the start: a replica that is away or lags is left alone until it is there; one that refuses this process is a
     * mistake that only the operator can correct.
     */
    Future<Void> check(Database database) {
        if (replica == null) {
            return Future.succeededFuture();
        }
        return upToDate(replica, replica.pool()).compose(ReplicaReads::done).recover(failure -> {
            if (Untrusted.isCauseOf(failure) || isRefusal(failure)) {
                return database.proved("lists from the replica at database.replica-url", Future.failedFuture(failure));
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

    /** A connection on which everything can be seen that the server had at this moment; to be closed by the caller. */
    private Future<SqlConnection> upToDate(ReconnectingPool owner, Pool asked) {
        return server.preparedQuery(POSITION).execute().compose(found -> {
            Row row = found.iterator().next();
            Tuple position = Tuple.of(row.getString(0), row.getString(1), row.getString(2), row.getString(3));
            // One connection for the question and the list: several replicas may share an address.
            return asked.getConnection()
                    .compose(connection -> owner.inTime(
                                    asked,
                                    oneSession(connection)
                                            .compose(ready ->
                                                    caughtUp(connection, position, MIN_POLL_DELAY_MILLISECONDS)),
                                    MAX_LAG)
                            .map(connection)
                            .onFailure(failure -> done(connection)));
        });
    }

    /** Behind a pooler that gives each transaction another session, it may be one of another replica. */
    private Future<?> oneSession(SqlConnection connection) {
        return transactionPooling ? connection.begin() : Future.succeededFuture();
    }

    private static Future<Void> done(SqlConnection connection) {
        Transaction transaction = connection.transaction();
        return (transaction == null ? Future.<Void>succeededFuture() : transaction.rollback())
                .eventually(connection::close);
    }

    /** A statement of its own: the list's view of the data must begin after it. */
    private Future<Void> caughtUp(SqlConnection connection, Tuple position, long pauseMilliseconds) {
        return connection.preparedQuery(HAS_REPLAYED).execute(position).compose(found -> {
            if (Boolean.TRUE.equals(found.iterator().next().getBoolean(0))) {
                return Future.succeededFuture();
            }
            return pauseMilliseconds > MAX_POLL_DELAY_MILLISECONDS
                    ? Future.failedFuture("the replica lags, or is none of this server")
                    : vertx.timer(pauseMilliseconds, TimeUnit.MILLISECONDS)
                            .compose(later -> caughtUp(connection, position, pauseMilliseconds * 2));
        });
    }

    /** Lists go to the server until the replica is found to have everything; none of them waits for that. */
    private void bypass(Throwable failure) {
        if (!bypassed) {
            bypassed = true;
            LOG.warn("Lists are not read from the replica for now: {}", failure.getMessage());
            scheduleRetry();
        }
    }

    private void scheduleRetry() {
        vertx.setTimer(RETRY_DELAY_MILLISECONDS, timer -> {
            if (replica != null) {
                upToDate(replica, replica.pool())
                        .onSuccess(connection -> {
                            done(connection);
                            bypassed = false;
                            LOG.info("Lists are read from the replica again");
                        })
                        .onFailure(failure -> scheduleRetry());
            }
        });
    }
}
