package dev.shortwave.storage;

import dev.shortwave.user.UserRules;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import java.time.OffsetDateTime;
import java.util.List;

/**
 * Users from a file. Names may repeat: uniqueness binds new users only. A row whose id exists is updated; without ids
 * each row is a new user.
 */
final class ImportUsers extends ImportTable {

    private static final String WRITE = """
            WITH rows AS (
                SELECT DISTINCT ON (id) *
                FROM unnest($1::bigint[], $2::text[], $3::text[], $4::timestamptz[])
                    WITH ORDINALITY AS row (id, username, email, created_at, position)
                ORDER BY id, position DESC
            ), changed AS (
                INSERT INTO users AS u (id, username, email, created_at)
                SELECT id, username, email, coalesce(created_at, now()) FROM rows ORDER BY position
                ON CONFLICT (id) DO UPDATE
                SET username = EXCLUDED.username, email = EXCLUDED.email, created_at = EXCLUDED.created_at,
                    claimed_username = NULL, claimed_email = NULL
                WHERE (u.username, u.email, u.created_at)
                    IS DISTINCT FROM (EXCLUDED.username, EXCLUDED.email, EXCLUDED.created_at)
                RETURNING 1
            )
            SELECT count(*) FROM changed""";

    private static final String WRITE_NEW = """
            WITH made AS (
                INSERT INTO users (username, email, created_at)
                SELECT username, email, coalesce(created_at, now())
                FROM unnest($1::text[], $2::text[], $3::timestamptz[])
                    WITH ORDINALITY AS row (username, email, created_at, position)
                ORDER BY position
                RETURNING 1
            )
            SELECT count(*) FROM made""";

    ImportUsers(List<String> header) {
        super(header);
    }

    @Override
    Future<Written> write(SqlConnection connection, ImportColumns columns) {
        String[] usernames = columns.texts("username", UserRules::username);
        String[] emails = columns.texts("email", UserRules::email);
        OffsetDateTime[] times =
                columns.has("created_at") ? columns.timestamps("created_at") : columns.absent(OffsetDateTime[]::new);
        return (columns.has("id")
                        ? writeWithIds(connection, columns.ids("id"), usernames, emails, times)
                        : execute(connection, WRITE_NEW, usernames, emails, times))
                .map(done -> new Written(done.iterator().next().getLong(0), List.of()));
    }

    private static Future<RowSet<Row>> writeWithIds(SqlConnection connection, Long[] ids, Object... others) {
        return moveSequence(connection, "users", ids)
                .compose(moved -> execute(connection, WRITE, ids, others[0], others[1], others[2]));
    }
}
