package dev.shortwave.click.sink;

import dev.shortwave.stats.ClickCounts;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;

/** Clicks into PostgreSQL: events, counters, roll-ups and checkpoint in one statement, therefore in one transaction. */
public final class PgClickSink implements ClickSink {

    private static final String CHECKPOINT = "SELECT position FROM click_checkpoints WHERE journal = $1::text";

    private static final String REMOVE_CHECKPOINT = "DELETE FROM click_checkpoints WHERE journal = $1::text";

    private static final String WRITE = """
            WITH moved AS (
                INSERT INTO click_checkpoints AS c (journal, position)
                SELECT $1::text, $3::bigint
                WHERE $2::bigint = 0 OR EXISTS (SELECT FROM click_checkpoints WHERE journal = $1::text)
                ON CONFLICT (journal) DO UPDATE SET position = EXCLUDED.position, updated_at = now()
                WHERE c.position = $2::bigint
                RETURNING 1
            ), booked AS (
                INSERT INTO events (url_id, user_id, event_type, "timestamp", details)
                SELECT url_id, user_id, 'click', at, details::jsonb
                FROM unnest($4::bigint[], $5::bigint[], $6::timestamptz[], $7::text[])
                    AS click (url_id, user_id, at, details)
                WHERE EXISTS (SELECT FROM moved)
            )
            SELECT %s FROM moved""".formatted(ClickCounts.call(8));

    private final SqlClient client;

    public PgClickSink(SqlClient client) {
        this.client = client;
    }

    @Override
    public Future<Long> checkpoint(String stream) {
        return client.preparedQuery(CHECKPOINT)
                .execute(Tuple.of(stream))
                .map(rows -> rows.size() == 0 ? 0L : rows.iterator().next().getLong(0));
    }

    @Override
    public Future<Boolean> write(String stream, long expected, long next, ClickBatchParameters rows) {
        List<Object> parameters = new ArrayList<>(List.of(stream, expected, next));
        parameters.addAll(rows.parameters());
        return client.preparedQuery(WRITE).execute(Tuple.tuple(parameters)).map(moved -> moved.size() == 1);
    }

    @Override
    public Future<Void> removeCheckpoint(String stream) {
        return client.preparedQuery(REMOVE_CHECKPOINT).execute(Tuple.of(stream)).mapEmpty();
    }
}
