package dev.shortwave.storage;

import dev.shortwave.link.Codes;
import dev.shortwave.link.Destinations;
import dev.shortwave.link.Target;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Links from a file, taken as they are: no events are derived from them. A row whose id exists is updated. */
final class ImportUrls extends ImportTable {

    // Before the statement below takes its snapshot: the code that it finds in a row must be the one that it replaces.
    private static final String LOCK =
            "SELECT count(*) FROM (SELECT FROM urls WHERE id = ANY($1::bigint[]) ORDER BY id FOR UPDATE) locked";

    // The second part gives the codes that a row had before: they lead nowhere now.
    private static final String WRITE = """
            WITH rows AS (
                SELECT DISTINCT ON (id) *
                FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::boolean[],
                            $7::timestamptz[], $8::timestamptz[])
                    WITH ORDINALITY AS row (id, user_id, short_code, original_url, title, is_active, created_at,
                                            updated_at, position)
                ORDER BY id, position DESC
            ), before AS (
                SELECT urls.short_code, urls.version FROM urls JOIN rows USING (id) WHERE urls.short_code <> rows.short_code COLLATE "C"
            ), changed AS (
                INSERT INTO urls AS u (id, user_id, short_code, original_url, title, is_active, created_at, updated_at)
                SELECT id, user_id, short_code, original_url, title, is_active, created_at, updated_at
                FROM rows ORDER BY position
                ON CONFLICT (id) DO UPDATE
                SET user_id = EXCLUDED.user_id, short_code = EXCLUDED.short_code,
                    original_url = EXCLUDED.original_url, title = EXCLUDED.title, is_active = EXCLUDED.is_active,
                    created_at = EXCLUDED.created_at, updated_at = EXCLUDED.updated_at,
                    version = nextval('link_versions')
                WHERE (u.user_id, u.short_code, u.original_url, u.title, u.is_active, u.created_at, u.updated_at)
                    IS DISTINCT FROM (EXCLUDED.user_id, EXCLUDED.short_code, EXCLUDED.original_url, EXCLUDED.title,
                                      EXCLUDED.is_active, EXCLUDED.created_at, EXCLUDED.updated_at)
                RETURNING %1$s
            ), to_announce AS (
                INSERT INTO link_changes (short_code, version, deleted)
                SELECT short_code, version, false FROM changed WHERE $9::boolean
                UNION ALL
                SELECT short_code, version, true FROM before WHERE $9::boolean
                ON CONFLICT DO NOTHING
            )
            SELECT %1$s FROM changed
            UNION ALL
            SELECT NULL, NULL, short_code, NULL, NULL, NULL, NULL, NULL, version FROM before""".formatted(PgLinks.COLUMNS);

    private final boolean changesAreShared;

    ImportUrls(List<String> header, boolean changesAreShared) {
        super(header);
        this.changesAreShared = changesAreShared;
    }

    @Override
    Future<Written> write(SqlConnection connection, ImportColumns columns) {
        Long[] ids = columns.ids("id");
        Object[] parameters = {
            ids,
            columns.optionalIds("user_id"),
            columns.texts("short_code", ImportUrls::code),
            columns.texts("original_url", url -> Destinations.wellFormed("original_url", url)),
            columns.optionalTexts("title", Function.identity()),
            columns.flags("is_active"),
            columns.timestamps("created_at"),
            columns.timestamps("updated_at"),
            changesAreShared
        };
        return moveSequence(connection, "urls", ids)
                .compose(moved -> execute(connection, LOCK, (Object) ids))
                .compose(locked -> execute(connection, WRITE, parameters))
                .map(rows -> {
                    List<Target> targets = new ArrayList<>(rows.size());
                    long changed = 0;
                    for (Row row : rows) {
                        if (row.getLong(0) == null) {
                            targets.add(Target.unknown(row.getString(2), row.getLong(8)));
                        } else {
                            changed++;
                            targets.add(PgLinks.link(row).target());
                        }
                    }
                    return new Written(changed, targets);
                });
    }

    /** A reserved code is taken as it is too: {@code /urls/{code}/redirect} reaches it. */
    private static String code(String text) {
        if (!Codes.isCode(text)) {
            throw ImportColumns.bad("short_code", "must have 1 to " + Codes.LONGEST + " characters of A-Z a-z 0-9 _ -");
        }
        return text;
    }
}
