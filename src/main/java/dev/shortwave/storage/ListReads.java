package dev.shortwave.storage;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
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
final class ListReads {

    private static final Logger LOG = LoggerFactory.getLogger(ListReads.class);

    /** Of what is written, flushed or not: without synchronous commits, others see a change before it is flushed. */
    private static final String POSITION = """
            SELECT pg_current_wal_insert_lsn()::text, system_identifier::text, current_database()::text
            FROM pg_control_system()""";

    /** Null where it is no replica. */
    private static final String HAS_REPLAYED = """
            SELECT pg_last_wal_replay_lsn() >= $1::text::pg_lsn
                   AND system_identifier::text = $2::text AND current_database()::text = $3::text
            FROM pg_control_system()""";

    private static final long FIRST_PAUSE_MILLISECONDS = 2;
    private static final long LONGEST_PAUSE_MILLISECONDS = 32;

    /** A replica that fails or lags is not asked for so long. */
    private static final long REST_NANOSECONDS = TimeUnit.SECONDS.toNanos(2);

    private final Vertx vertx;
    private final SqlClient server;
    private final @Nullable Pool replica;
    private boolean resting;
    private long restUntil;

    ListReads(Vertx vertx, SqlClient server, @Nullable Pool replica) {
        this.vertx = vertx;
        this.server = server;
        this.replica = replica;
    }

    /**
     * Runs a list.
     *
     * @param list may be run twice: what the replica fails is asked of the server
     */
    <T> Future<T> read(Function<SqlClient, Future<T>> list) {
        Pool lists = replica;
        if (lists == null || resting && restUntil - System.nanoTime() > 0) {
            return list.apply(server);
        }
        return server.preparedQuery(POSITION).execute().compose(found -> {
            Row position = found.iterator().next();
            Tuple reached = Tuple.of(position.getString(0), position.getString(1), position.getString(2));
            return lists.withConnection(connection -> caughtUp(connection, reached, FIRST_PAUSE_MILLISECONDS)
                            .compose(done -> list.apply(connection)))
                    .onSuccess(read -> resting = false)
                    .recover(failure -> {
                        rest(failure);
                        return list.apply(server);
                    });
        });
    }

    /** A statement of its own: the list's view of the data must begin after it. */
    private Future<Void> caughtUp(SqlConnection connection, Tuple position, long pauseMilliseconds) {
        return connection.preparedQuery(HAS_REPLAYED).execute(position).compose(found -> {
            if (Boolean.TRUE.equals(found.iterator().next().getBoolean(0))) {
                return Future.succeededFuture();
            }
            return pauseMilliseconds > LONGEST_PAUSE_MILLISECONDS
                    ? Future.failedFuture("it lags, or is no replica of this database")
                    : vertx.timer(pauseMilliseconds, TimeUnit.MILLISECONDS)
                            .compose(later -> caughtUp(connection, position, pauseMilliseconds * 2));
        });
    }

    private void rest(Throwable failure) {
        if (!resting) {
            LOG.warn("The replica of the database answers no lists for now: {}", failure.getMessage());
        }
        resting = true;
        restUntil = System.nanoTime() + REST_NANOSECONDS;
    }
}
