package dev.shortwave.storage.imports;

import dev.shortwave.user.UserRules;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.List;

/**
 * Users from a file. Names may repeat: uniqueness binds new users only. A row whose id exists is updated; without ids
 * each row is a new user. Without a time a new user gets the current one, and an existing user keeps its own.
 */
final class UserImporter extends Importer {

    private static final String MERGE = """
            WITH rows AS (
                SELECT DISTINCT ON (id) item.*
                FROM import_batches,
                     json_to_recordset(rows) AS item (line bigint, id bigint, username text, email text, created_at timestamptz)
                WHERE import_id = $1::uuid AND batch = $2::integer
                ORDER BY id, line DESC
            ), changed AS (
                INSERT INTO users AS u (id, username, email, created_at)
                SELECT rows.id, rows.username, rows.email, coalesce(rows.created_at, existing.created_at, now())
                FROM rows LEFT JOIN users AS existing ON existing.id = rows.id
                ORDER BY rows.id
                ON CONFLICT (id) DO UPDATE
                SET username = EXCLUDED.username, email = EXCLUDED.email, created_at = EXCLUDED.created_at,
                    claimed_username = NULL, claimed_email = NULL
                WHERE (u.username, u.email, u.created_at)
                    IS DISTINCT FROM (EXCLUDED.username, EXCLUDED.email, EXCLUDED.created_at)
                RETURNING 1
            )
            SELECT count(*) FROM changed""";

    private static final String MERGE_NEW = """
            WITH inserted AS (
                INSERT INTO users (username, email, created_at)
                SELECT username, email, coalesce(created_at, now())
                FROM import_batches,
                     json_to_recordset(rows) AS item (line bigint, username text, email text, created_at timestamptz)
                WHERE import_id = $1::uuid AND batch = $2::integer
                ORDER BY line
                RETURNING 1
            )
            SELECT count(*) FROM inserted""";

    private final boolean hasIds;

    UserImporter(List<String> header) {
        super("users", header);
        hasIds = header.contains("id");
    }

    @Override
    Staged stage(ColumnReader columns) {
        columns.texts("username", UserRules::username);
        columns.texts("email", UserRules::email);
        if (columns.has("created_at")) {
            columns.optionalTimes("created_at");
        }
        long maxId = hasIds ? columns.ids() : 0;
        return new Staged(columns.toJson(), maxId);
    }

    @Override
    Future<Merged> merge(SqlConnection connection, String importId, int batch) {
        return execute(connection, hasIds ? MERGE : MERGE_NEW, importId, batch)
                .map(rows -> new Merged(rows.iterator().next().getLong(0), List.of()));
    }
}
