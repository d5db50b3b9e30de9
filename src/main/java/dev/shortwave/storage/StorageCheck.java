package dev.shortwave.storage;

import dev.shortwave.postgres.Database;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Verifies the database at the start, through the pools of requests: creates a user, a link, its event and its invalidation
 * and rolls back. On the event loop of its verticle.
 */
final class StorageCheck {

    private static final Logger LOG = LoggerFactory.getLogger(StorageCheck.class);

    /** With ids that no row has, so that no sequence advances. */
    private static final String CREATE = """
            WITH owner AS (
                INSERT INTO users (id, username, email, claimed_username, claimed_email)
                VALUES ($1::bigint, $2::text, $2::text, $2::text, $2::text)
                RETURNING id
            ), link AS (
                INSERT INTO urls (id, user_id, short_code, original_url, version)
                SELECT id, id, $2::text, 'https://start-check.invalid', 0 FROM owner
                RETURNING id, short_code
            ), event AS (
                INSERT INTO events (id, url_id, user_id, event_type) SELECT id, id, id, 'created' FROM link
            ), invalidation AS (
                INSERT INTO link_changes (short_code, version, deleted) SELECT short_code, 0, false FROM link
            )
            SELECT id FROM link""";

    private static final String CHANGE = """
            WITH link AS (
                UPDATE urls SET title = $2::text WHERE id = $1::bigint RETURNING short_code
            ), invalidation AS (
                DELETE FROM link_changes c USING link WHERE c.short_code = link.short_code
            )
            SELECT short_code FROM link""";

    private static final String DELETE = "DELETE FROM urls WHERE id = $1::bigint";

    /** Sequences that requests need besides: a rollback does not return their numbers. */
    private static final String UNUSABLE_SEQUENCES = """
            SELECT string_agg(name, ', ')
            FROM (VALUES (pg_get_serial_sequence('users', 'id')), (pg_get_serial_sequence('urls', 'id')),
                         ('events_id_seq'), ('link_versions')) AS sequence (name)
            WHERE NOT has_sequence_privilege(name, 'USAGE')""";

    private static final String FIND = "SELECT id FROM urls WHERE short_code = ANY($1::text[])";

    private static final String STATEMENT_TIMEOUT =
            "SELECT setting::bigint FROM pg_settings WHERE name = 'statement_timeout'";

    private final Database database;
    private final Pool pool;
    private final SqlClient lookups;
    private final ReplicaReads lists;

    StorageCheck(Database database, Pool pool, SqlClient lookups, ReplicaReads lists) {
        this.database = database;
        this.pool = pool;
        this.lookups = lookups;
        this.lists = lists;
    }

    /** Fails with {@link dev.shortwave.error.StartupException}, whose message names the remedy. */
    Future<Boolean> run() {
        return database.verifyAtStart(
                        "requests of the API",
                        database.failIfSessionsShared(pool)
                                .compose(unshared -> pool.getConnection())
                                .compose(connection ->
                                        createAndRollBack(connection).eventually(connection::close))
                                .compose(rolledBack -> sequences())
                                .compose(usable -> statementTimeout()))
                .compose(verified -> database.verifyAtStart(
                        "look-ups of redirects", lookups.preparedQuery(FIND).execute(Tuple.of(new String[] {name()}))))
                .compose(verified -> lists.check(database))
                .map(true);
    }

    private static Future<Void> createAndRollBack(SqlConnection connection) {
        long id = -1 - ThreadLocalRandom.current().nextLong(Long.MAX_VALUE);
        String name = name();
        return connection
                .begin()
                .compose(transaction -> connection
                        .preparedQuery(CREATE)
                        .execute(Tuple.of(id, name))
                        .compose(created -> connection.preparedQuery(CHANGE).execute(Tuple.of(id, name)))
                        .compose(changed -> connection.preparedQuery(DELETE).execute(Tuple.of(id)))
                        .transform(result -> transaction
                                .rollback()
                                .transform(any -> result.succeeded()
                                        ? Future.<Void>succeededFuture()
                                        : Future.failedFuture(result.cause()))));
    }

    private Future<Void> sequences() {
        return pool.preparedQuery(UNUSABLE_SEQUENCES).execute().compose(rows -> {
            String names = rows.iterator().next().getString(0);
            return names == null
                    ? Future.succeededFuture()
                    : Future.failedFuture(
                            "permission denied for " + names + ": give the user the right (GRANT USAGE ON SEQUENCE)");
        });
    }

    private Future<Void> statementTimeout() {
        return pool.preparedQuery(STATEMENT_TIMEOUT)
                .execute()
                .onSuccess(rows -> {
                    Row row = rows.iterator().next();
                    if (row.getLong(0) == 0) {
                        LOG.warn(
                                "PostgreSQL has no statement_timeout: behind a transaction pooler database.statement-timeout has no"
                                        + " effect. ALTER ROLE … SET statement_timeout = '5s' sets it");
                    }
                })
                .mapEmpty();
    }

    private static String name() {
        return "start-check-" + UUID.randomUUID();
    }
}
