package dev.shortwave.click;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.OffsetDateTime;
import java.util.List;

/** Clicks into PostgreSQL: events, counters and the checkpoint in one statement, therefore in one transaction. */
final class PgClickSink implements ClickSink {

    private static final String CHECKPOINT = "SELECT position FROM click_checkpoints WHERE journal = $1::text";

    private static final String FORGET = "DELETE FROM click_checkpoints WHERE journal = $1::text";

    private static final String WRITE = """
            WITH moved AS (
                INSERT INTO click_checkpoints AS c (journal, position)
                SELECT $1::text, $3::bigint
                WHERE $2::bigint = 0 OR EXISTS (SELECT FROM click_checkpoints WHERE journal = $1::text)
                ON CONFLICT (journal) DO UPDATE SET position = EXCLUDED.position, updated_at = now()
                WHERE c.position = $2::bigint
                RETURNING 1
            ), batch AS (
                SELECT *
                FROM unnest($4::bigint[], $5::bigint[], $6::timestamptz[], $7::text[])
                    WITH ORDINALITY AS click (url_id, user_id, at, details, position)
                WHERE EXISTS (SELECT FROM moved)
            ), booked AS (
                INSERT INTO events (url_id, user_id, event_type, "timestamp", details)
                SELECT url_id, user_id, 'click', at, details::jsonb FROM batch ORDER BY position
            ), counted AS (
                INSERT INTO link_clicks AS c (url_id, clicks, last_clicked_at)
                SELECT url_id, count(*), max(at) FROM batch GROUP BY url_id ORDER BY url_id
                ON CONFLICT (url_id) DO UPDATE
                SET clicks = c.clicks + EXCLUDED.clicks,
                    last_clicked_at = greatest(c.last_clicked_at, EXCLUDED.last_clicked_at)
            )
            SELECT EXISTS (SELECT FROM moved)""";

    private final SqlClient client;

    PgClickSink(SqlClient client) {
        this.client = client;
    }

    @Override
    public Future<Long> checkpoint(String stream) {
        return client.preparedQuery(CHECKPOINT)
                .execute(Tuple.of(stream))
                .map(found -> found.size() == 0 ? 0L : found.iterator().next().getLong(0));
    }

    @Override
    public Future<Boolean> write(String stream, long expected, long next, List<Click> clicks) {
        int size = clicks.size();
        Long[] links = new Long[size];
        Long[] owners = new Long[size];
        OffsetDateTime[] times = new OffsetDateTime[size];
        String[] details = new String[size];
        for (int at = 0; at < size; at++) {
            Click click = clicks.get(at);
            links[at] = click.linkId();
            owners[at] = click.ownerId();
            times[at] = click.timestamp();
            details[at] = click.details();
        }
        return client.preparedQuery(WRITE)
                .execute(Tuple.of(stream, expected, next, links, owners, times, details))
                .map(done -> done.iterator().next().getBoolean(0));
    }

    @Override
    public Future<Void> forget(String stream) {
        return client.preparedQuery(FORGET).execute(Tuple.of(stream)).mapEmpty();
    }
}
