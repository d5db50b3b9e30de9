package dev.shortwave.cluster;

import dev.shortwave.link.LinkTarget;
import dev.shortwave.postgres.ReconnectingPool;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The table {@code link_changes}: codes that have changed and of which perhaps not every JVM has heard. A write notes its
 * codes in its own transaction, and they are taken out once they are announced; what stays, because a JVM died or Redis
 * was away, is announced by whoever finds it.
 */
final class InvalidationOutbox {

    /** Codes read at once. */
    static final int BATCH = 500;

    private static final String READ = """
            SELECT c.short_code, c.version, u.id, u.user_id, u.original_url, u.is_active, u.version
            FROM (
                SELECT short_code, max(version) AS version
                FROM link_changes
                WHERE short_code > $1::text AND noted_at <= now() - $2::bigint * interval '1 millisecond'
                GROUP BY short_code
                ORDER BY short_code
                LIMIT $3::bigint
            ) c
            LEFT JOIN urls u USING (short_code)
            ORDER BY 1""";

    private static final String REMOVE = """
            DELETE FROM link_changes c
            USING unnest($1::text[], $2::bigint[], $3::boolean[]) AS known (short_code, version, deleted)
            WHERE c.short_code = known.short_code AND (c.version, c.deleted) <= (known.version, known.deleted)""";

    private final ReconnectingPool pool;

    InvalidationOutbox(ReconnectingPool pool) {
        this.pool = pool;
    }

    /**
     * What the noted codes lead to now, in the order of the codes, at most {@link #BATCH}.
     *
     * @param after only codes behind this one
     * @param age only what was noted so long ago
     */
    Future<List<LinkTarget>> read(String after, Duration age) {
        return pool.withPool(
                        client -> client.preparedQuery(READ).execute(Tuple.of(after, age.toMillis(), (long) BATCH)))
                .map(rows -> {
                    List<LinkTarget> targets = new ArrayList<>(rows.size());
                    for (Row row : rows) {
                        targets.add(target(row));
                    }
                    return targets;
                });
    }

    private static LinkTarget target(Row row) {
        String code = row.getString(0);
        if (row.getLong(2) == null) {
            return LinkTarget.unknown(code, row.getLong(1));
        }
        return new LinkTarget(
                code,
                row.getLong(6),
                row.getBoolean(5) ? LinkTarget.State.ACTIVE : LinkTarget.State.INACTIVE,
                row.getLong(2),
                row.getLong(3),
                row.getString(4));
    }

    /** These states are announced: they and what came before them need not be noted any more. */
    Future<Void> remove(List<LinkTarget> announced) {
        int size = announced.size();
        String[] codes = new String[size];
        Long[] versions = new Long[size];
        Boolean[] deleted = new Boolean[size];
        for (int at = 0; at < size; at++) {
            LinkTarget target = announced.get(at);
            codes[at] = target.code();
            versions[at] = target.version();
            deleted[at] = target.state() == LinkTarget.State.UNKNOWN;
        }
        return pool.withPool(client -> client.preparedQuery(REMOVE).execute(Tuple.of(codes, versions, deleted)))
                .mapEmpty();
    }
}
