package dev.shortwave.storage.imports;

import dev.shortwave.link.Codes;
import dev.shortwave.link.Destinations;
import dev.shortwave.link.LinkTarget;
import dev.shortwave.link.Titles;
import dev.shortwave.storage.mapping.LinkRow;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import java.util.ArrayList;
import java.util.List;

/** Links from a file, taken as they are: no events are derived from them. A row whose id exists is updated. */
final class UrlImporter extends Importer {

    // Before the statement below takes its snapshot: the code that it finds in a row must be the one that it replaces.
    private static final String LOCK = """
            SELECT count(*) FROM (
                SELECT FROM urls
                WHERE id IN (SELECT item.id FROM import_batches, json_to_recordset(rows) AS item (id bigint)
                             WHERE import_id = $1::uuid AND batch = $2::integer)
                ORDER BY id FOR UPDATE
            ) AS locked""";

    // The second part gives the codes that a row had before: they are unknown now.
    private static final String MERGE = """
            WITH rows AS (
                SELECT DISTINCT ON (id) item.*
                FROM import_batches,
                     json_to_recordset(rows) AS item (
                         line bigint, id bigint, user_id bigint, short_code text, original_url text, title text,
                         is_active boolean, created_at timestamptz, updated_at timestamptz)
                WHERE import_id = $1::uuid AND batch = $2::integer
                ORDER BY id, line DESC
            ), before AS (
                SELECT urls.short_code, urls.version FROM urls JOIN rows USING (id) WHERE urls.short_code <> rows.short_code COLLATE "C"
            ), changed AS (
                INSERT INTO urls AS u (id, user_id, short_code, original_url, title, is_active, created_at, updated_at)
                SELECT id, rows.user_id, rows.short_code, rows.original_url, rows.title, rows.is_active,
                       coalesce(rows.created_at, existing.created_at, now()),
                       coalesce(rows.updated_at, existing.updated_at, rows.created_at, now())
                FROM rows LEFT JOIN urls AS existing USING (id)
                ORDER BY line
                ON CONFLICT (id) DO UPDATE
                SET user_id = EXCLUDED.user_id, short_code = EXCLUDED.short_code,
                    original_url = EXCLUDED.original_url, title = EXCLUDED.title, is_active = EXCLUDED.is_active,
                    created_at = EXCLUDED.created_at, updated_at = EXCLUDED.updated_at,
                    version = nextval('link_versions')
                WHERE (u.user_id, u.short_code, u.original_url, u.title, u.is_active, u.created_at, u.updated_at)
                    IS DISTINCT FROM (EXCLUDED.user_id, EXCLUDED.short_code, EXCLUDED.original_url, EXCLUDED.title,
                                      EXCLUDED.is_active, EXCLUDED.created_at, EXCLUDED.updated_at)
                RETURNING %1$s
            ), invalidation AS (
                INSERT INTO link_changes (short_code, version, deleted)
                SELECT short_code, version, false FROM changed WHERE $3::boolean
                UNION ALL
                SELECT short_code, version, true FROM before WHERE $3::boolean
                ON CONFLICT DO NOTHING
            )
            SELECT %1$s FROM changed
            UNION ALL
            SELECT NULL, NULL, short_code, NULL, NULL, NULL, NULL, NULL, version FROM before""".formatted(LinkRow.COLUMNS);

    private final Destinations destinations;
    private final boolean changesAreShared;

    UrlImporter(List<String> header, Destinations destinations, boolean changesAreShared) {
        super("urls", header);
        this.destinations = destinations;
        this.changesAreShared = changesAreShared;
    }

    @Override
    Staged stage(ColumnReader columns) {
        long maxId = columns.ids();
        columns.optionalReferences("user_id");
        columns.texts("short_code", code -> Codes.custom("short_code", code));
        columns.texts("original_url", url -> destinations.validate("original_url", url, null));
        columns.optionalTexts("title", Titles::checked);
        columns.flags("is_active");
        columns.optionalTimes("created_at");
        columns.optionalTimes("updated_at");
        return new Staged(columns.toJson(), maxId);
    }

    @Override
    Future<Merged> merge(SqlConnection connection, String importId, int batch) {
        return execute(connection, LOCK, importId, batch)
                .compose(locked -> execute(connection, MERGE, importId, batch, changesAreShared))
                .map(rows -> {
                    List<LinkTarget> targets = new ArrayList<>(rows.size());
                    long changed = 0;
                    for (Row row : rows) {
                        if (row.getLong(0) == null) {
                            targets.add(LinkTarget.unknown(row.getString(2), row.getLong(8)));
                        } else {
                            changed++;
                            targets.add(LinkRow.toLink(row).target());
                        }
                    }
                    return new Merged(changed, targets);
                });
    }
}
