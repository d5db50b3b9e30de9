package dev.shortwave.storage;

import dev.shortwave.event.Event;
import dev.shortwave.stats.ClickTally;
import io.vertx.core.Future;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;

/** Events from a file. One whose id exists is left alone: history does not change. */
final class ImportEvents extends ImportTable {

    private static final String WRITE = """
            WITH rows AS (
                SELECT DISTINCT ON (id) *
                FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::timestamptz[], $6::text[])
                    WITH ORDINALITY AS row (id, url_id, user_id, event_type, "timestamp", details, position)
                ORDER BY id, position DESC
            ), made AS (
                INSERT INTO events (id, url_id, user_id, event_type, "timestamp", details)
                SELECT id, url_id, user_id, event_type, "timestamp", details::jsonb
                FROM rows
                WHERE NOT EXISTS (SELECT FROM events WHERE events.id = rows.id)
                ORDER BY position
                RETURNING url_id, event_type, "timestamp", details
            )
            SELECT count(*),
                   array_agg(url_id) FILTER (WHERE event_type = 'click'),
                   array_agg("timestamp") FILTER (WHERE event_type = 'click'),
                   array_agg(details ->> 'referrer') FILTER (WHERE event_type = 'click'),
                   array_agg(details ->> 'user_agent') FILTER (WHERE event_type = 'click')
            FROM made""";

    private static final String COUNT = "SELECT " + ClickTally.call(1);

    /** Beyond these years rows go to {@code events_other}: a typing error must not make thousands of partitions. */
    private static final LocalDate EARLIEST = LocalDate.of(2000, 1, 1);

    private static final LocalDate LATEST = LocalDate.of(2099, 12, 31);

    ImportEvents(List<String> header) {
        super(header);
    }

    @Override
    Future<Written> write(SqlConnection connection, ImportColumns columns) {
        OffsetDateTime[] times = columns.timestamps("timestamp");
        Long[] ids = columns.ids("id");
        Long[] links = columns.ids("url_id");
        Long[] users = columns.optionalIds("user_id");
        String[] types = columns.texts("event_type", ImportEvents::type);
        String[] details = columns.cells("details", String[]::new, ImportEvents::details);
        return moveSequence(connection, "events", ids)
                .compose(moved -> ensurePartitions(connection, times))
                .compose(ensured -> execute(connection, WRITE, ids, links, users, types, times, details))
                .map(done -> done.iterator().next())
                .compose(made -> count(connection, made).map(new Written(made.getLong(0), List.of())));
    }

    /** The clicks among the events that were new. */
    private static Future<?> count(SqlConnection connection, Row made) {
        Long[] links = made.getArrayOfLongs(1);
        if (links == null) {
            return Future.succeededFuture();
        }
        OffsetDateTime[] times = made.getArrayOfOffsetDateTimes(2);
        String[] referrers = made.getArrayOfStrings(3);
        String[] userAgents = made.getArrayOfStrings(4);
        ClickTally tally = new ClickTally();
        for (int at = 0; at < links.length; at++) {
            tally.add(links[at], times[at].toInstant().toEpochMilli(), referrers[at], userAgents[at]);
        }
        return execute(connection, COUNT, tally.arguments().toArray());
    }

    private static Future<?> ensurePartitions(SqlConnection connection, OffsetDateTime[] times) {
        LocalDate[] months = Arrays.stream(times)
                .map(OffsetDateTime::toLocalDate)
                .filter(day -> !day.isBefore(EARLIEST) && !day.isAfter(LATEST))
                .map(day -> day.withDayOfMonth(1))
                .distinct()
                .sorted()
                .toArray(LocalDate[]::new);
        return execute(
                connection, "SELECT ensure_event_partitions(month, month) FROM unnest($1::date[]) AS month", (Object)
                        months);
    }

    private static String type(String text) {
        if (text.length() > Event.LONGEST_TYPE) {
            throw ImportColumns.bad("event_type", "must have at most " + Event.LONGEST_TYPE + " characters");
        }
        return text;
    }

    private static String details(String text) {
        if (text.isEmpty()) {
            return "{}";
        }
        try {
            String json = new JsonObject(text).encode();
            if (json.contains("\\u0000")) {
                throw ImportColumns.bad("details", "must not contain NUL characters");
            }
            return json;
        } catch (DecodeException e) {
            throw ImportColumns.bad("details", "must be a JSON object");
        }
    }
}
