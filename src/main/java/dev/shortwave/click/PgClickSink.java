package dev.shortwave.click;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.UUID;

/**
 * Clicks into PostgreSQL: events, counters and the checkpoint in one statement, therefore in one transaction. On the
 * event loop of its verticle.
 */
final class PgClickSink implements ClickSink {

    private static final String WRITE = """
            WITH moved AS (
                INSERT INTO click_checkpoints AS c (journal, position) VALUES ($1::text, $2::bigint)
                ON CONFLICT (journal) DO UPDATE SET position = EXCLUDED.position, updated_at = now()
                WHERE c.position < EXCLUDED.position
                RETURNING 1
            ), batch AS (
                SELECT *
                FROM unnest($3::bigint[], $4::bigint[], $5::timestamptz[], $6::text[])
                    WITH ORDINALITY AS click (url_id, user_id, at, details, position)
                WHERE EXISTS (SELECT FROM moved)
            ), booked AS (
                INSERT INTO events (url_id, user_id, event_type, "timestamp", details)
                SELECT url_id, user_id, 'click', at, details::jsonb FROM batch ORDER BY position
            )
            INSERT INTO link_clicks AS c (url_id, clicks, last_clicked_at)
            SELECT url_id, count(*), max(at) FROM batch GROUP BY url_id ORDER BY url_id
            ON CONFLICT (url_id) DO UPDATE
            SET clicks = c.clicks + EXCLUDED.clicks, last_clicked_at = greatest(c.last_clicked_at, EXCLUDED.last_clicked_at)""";

    private final SqlClient client;
    private final String journal = UUID.randomUUID().toString();

    PgClickSink(SqlClient client) {
        this.client = client;
    }

    @Override
    public Future<Void> write(long position, List<Click> batch) {
        int size = batch.size();
        Long[] links = new Long[size];
        Long[] owners = new Long[size];
        OffsetDateTime[] times = new OffsetDateTime[size];
        String[] details = new String[size];
        for (int at = 0; at < size; at++) {
            Click click = batch.get(at);
            links[at] = click.target().linkId();
            owners[at] = click.target().ownerId();
            times[at] = click.timestamp();
            details[at] = click.details();
        }
        return client.preparedQuery(WRITE)
                .execute(Tuple.of(journal, position, links, owners, times, details))
                .mapEmpty();
    }

    /** Forgets the checkpoint: nothing of this recorder can be repeated any more. Also those of long-gone recorders. */
    Future<Void> close() {
        return client.preparedQuery(
                        "DELETE FROM click_checkpoints WHERE journal = $1::text OR updated_at < now() - interval '7 days'")
                .execute(Tuple.of(journal))
                .mapEmpty();
    }
}
