package dev.shortwave.click;

import dev.shortwave.stats.ClickTally;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Clicks into PostgreSQL: events, counters, roll-ups and checkpoint in one statement, therefore in one transaction. */
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
            ), booked AS (
                INSERT INTO events (url_id, user_id, event_type, "timestamp", details)
                SELECT url_id, user_id, 'click', at, details::jsonb
                FROM unnest($4::bigint[], $5::bigint[], $6::timestamptz[], $7::text[])
                    AS click (url_id, user_id, at, details)
                WHERE EXISTS (SELECT FROM moved)
            )
            SELECT %s FROM moved""".formatted(ClickTally.call(8));

    /** Neighbours in the batch are then neighbours in the indexes of events, and those of one link keep their order. */
    private static final Comparator<Click> BY_OWNER_AND_LINK = Comparator.comparingLong(
                    (Click click) -> click.ownerId() == null ? Long.MAX_VALUE : click.ownerId())
            .thenComparingLong(Click::linkId);

    private final Vertx vertx;
    private final SqlClient client;

    PgClickSink(Vertx vertx, SqlClient client) {
        this.vertx = vertx;
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
        return vertx.executeBlocking(() -> arguments(stream, expected, next, clicks))
                .compose(arguments -> client.preparedQuery(WRITE).execute(arguments))
                .map(done -> done.size() == 1);
    }

    /** On a worker: for thousands of clicks it takes longer than a redirect may wait. */
    private static Tuple arguments(String stream, long expected, long next, List<Click> clicks) {
        int size = clicks.size();
        Long[] links = new Long[size];
        Long[] owners = new Long[size];
        OffsetDateTime[] times = new OffsetDateTime[size];
        String[] details = new String[size];
        ClickTally tally = new ClickTally();
        List<Click> sorted = clicks.stream().sorted(BY_OWNER_AND_LINK).toList();
        for (int at = 0; at < size; at++) {
            Click click = sorted.get(at);
            links[at] = click.linkId();
            owners[at] = click.ownerId();
            times[at] = click.timestamp();
            details[at] = click.details();
            click.addTo(tally);
        }
        List<Object> parameters = new ArrayList<>(List.of(stream, expected, next, links, owners, times, details));
        parameters.addAll(tally.arguments());
        return Tuple.tuple(parameters);
    }

    @Override
    public Future<Void> forget(String stream) {
        return client.preparedQuery(FORGET).execute(Tuple.of(stream)).mapEmpty();
    }
}
