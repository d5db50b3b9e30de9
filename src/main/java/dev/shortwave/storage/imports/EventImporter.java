package dev.shortwave.storage.imports;

import dev.shortwave.event.EventRules;
import dev.shortwave.stats.ClickCounts;
import io.vertx.core.Future;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Events from a file. One whose id exists is left alone: history does not change. */
final class EventImporter extends Importer {

    private static final String MERGE = """
            WITH rows AS (
                SELECT DISTINCT ON (id) item.*
                FROM import_batches,
                     json_to_recordset(rows) AS item (
                         line bigint, id bigint, url_id bigint, user_id bigint, event_type text, "timestamp" timestamptz,
                         details json)
                WHERE import_id = $1::uuid AND batch = $2::integer
                ORDER BY id, line DESC
            ), inserted AS (
                INSERT INTO events (id, url_id, user_id, event_type, "timestamp", details)
                SELECT id, url_id, user_id, event_type, "timestamp", details::jsonb
                FROM rows
                WHERE NOT EXISTS (SELECT FROM events WHERE events.id = rows.id)
                ORDER BY line
                RETURNING url_id, event_type, "timestamp", details
            )
            SELECT count(*),
                   array_agg(url_id) FILTER (WHERE event_type = 'click'),
                   array_agg("timestamp") FILTER (WHERE event_type = 'click'),
                   array_agg(details ->> 'referrer') FILTER (WHERE event_type = 'click'),
                   array_agg(details ->> 'user_agent') FILTER (WHERE event_type = 'click')
            FROM inserted""";

    private static final String COUNT = "SELECT " + ClickCounts.call(1);

    private static final String ENSURE_PARTITIONS =
            "SELECT ensure_event_partitions(month, month) FROM unnest($1::date[]) AS month";

    /** Beyond these years rows go to {@code events_other}: a typing error must not make thousands of partitions. */
    private static final LocalDate EARLIEST = LocalDate.of(2000, 1, 1);

    private static final LocalDate LATEST = LocalDate.of(2099, 12, 31);

    /** The first days of all months in the file. */
    private final Set<LocalDate> months = new TreeSet<>();

    EventImporter(List<String> header) {
        super("events", header);
    }

    @Override
    Staged stage(ColumnReader columns) {
        for (OffsetDateTime time : columns.times("timestamp")) {
            LocalDate day = time.toLocalDate();
            if (!day.isBefore(EARLIEST) && !day.isAfter(LATEST)) {
                months.add(day.withDayOfMonth(1));
            }
        }
        long maxId = columns.ids();
        columns.references("url_id");
        columns.optionalReferences("user_id");
        columns.texts("event_type", EventRules::type);
        columns.add("details", EventImporter::details);
        return new Staged(columns.toJson(), maxId);
    }

    /** In transactions of their own: a new partition locks all events until its transaction ends. */
    @Override
    Future<?> prepare(SqlClient client) {
        LocalDate[] all = months.toArray(LocalDate[]::new);
        return all.length == 0 ? Future.succeededFuture() : execute(client, ENSURE_PARTITIONS, (Object) all);
    }

    @Override
    Future<Merged> merge(SqlConnection connection, String importId, int batch) {
        return execute(connection, MERGE, importId, batch)
                .map(rows -> rows.iterator().next())
                .compose(inserted -> count(connection, inserted).map(new Merged(inserted.getLong(0), List.of())));
    }

    /** The clicks among the events that were new. */
    private static Future<?> count(SqlConnection connection, Row inserted) {
        Long[] links = inserted.getArrayOfLongs(1);
        if (links == null) {
            return Future.succeededFuture();
        }
        OffsetDateTime[] times = inserted.getArrayOfOffsetDateTimes(2);
        String[] referrers = inserted.getArrayOfStrings(3);
        String[] userAgents = inserted.getArrayOfStrings(4);
        ClickCounts counts = new ClickCounts();
        for (int at = 0; at < links.length; at++) {
            counts.add(links[at], times[at].toInstant().toEpochMilli(), referrers[at], userAgents[at]);
        }
        return execute(connection, COUNT, counts.arguments().toArray());
    }

    private static JsonObject details(String text) {
        if (text.isBlank()) {
            return new JsonObject();
        }
        try {
            return EventRules.details(new JsonObject(text));
        } catch (DecodeException e) {
            throw ColumnReader.bad("details", "must be a JSON object");
        }
    }
}
