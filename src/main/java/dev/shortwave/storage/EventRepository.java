package dev.shortwave.storage;

import dev.shortwave.bus.CreateEvent;
import dev.shortwave.bus.EventFilter;
import dev.shortwave.bus.FindEvent;
import dev.shortwave.bus.ListEvents;
import dev.shortwave.bus.Page;
import dev.shortwave.error.Problem;
import dev.shortwave.event.Event;
import dev.shortwave.stats.ClickCounts;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Events in PostgreSQL. On the event loop of its verticle. */
final class EventRepository {

    private static final String COLUMNS = "id, url_id, user_id, event_type, \"timestamp\", details";

    private static final String FIND = "SELECT " + COLUMNS + " FROM events WHERE id = $1::bigint";

    // A posted click is counted too, so that counter and history agree.
    private static final String CREATE = """
            WITH link AS (
                SELECT id FROM urls WHERE id = $1::bigint
            ), owner AS (
                SELECT id FROM users WHERE id = $2::bigint
            ), created AS (
                INSERT INTO events (url_id, user_id, event_type, details, "timestamp")
                SELECT link.id, $2::bigint, $3::text, $4::jsonb, coalesce($5::timestamptz, now())
                FROM link
                WHERE $2::bigint IS NULL OR EXISTS (SELECT FROM owner)
                RETURNING %1$s
            )
            SELECT %1$s, EXISTS (SELECT FROM link), CASE WHEN event_type = 'click' THEN %2$s END
            FROM (SELECT 1) AS always LEFT JOIN created ON true""".formatted(COLUMNS, ClickCounts.call(6));

    private final SqlClient client;
    private final ReplicaReads lists;

    EventRepository(SqlClient client, ReplicaReads lists) {
        this.client = client;
        this.lists = lists;
    }

    Future<Page<Event>> list(ListEvents request) {
        return lists.read(reader -> list(reader, request));
    }

    private static Future<Page<Event>> list(SqlClient reader, ListEvents request) {
        EventFilter filter = request.filter();
        return new PageQuery(COLUMNS, "events")
                .where("url_id = ?::bigint", filter.urlId())
                .where("user_id = ?::bigint", filter.userId())
                .where("event_type = ?::text", filter.type())
                // Lets the planner use the partial index without clicks.
                .where(
                        "event_type <> 'click'",
                        filter.type() != null && !filter.type().equals(Event.CLICK))
                .run(reader, request.page(), EventRepository::event);
    }

    Future<Event> find(FindEvent request) {
        return client.preparedQuery(FIND)
                .execute(Tuple.of(request.id()))
                .compose(rows -> rows.size() == 0
                        ? Future.failedFuture(
                                Problem.eventNotFound(request.id()).asException())
                        : Future.succeededFuture(event(rows.iterator().next())));
    }

    Future<Event> create(CreateEvent request) {
        return client.preparedQuery(CREATE)
                .execute(Tuple.tuple(parameters(request)))
                .compose(created -> {
                    Row row = created.iterator().next();
                    if (row.getLong(0) != null) {
                        return Future.succeededFuture(event(row));
                    }
                    Problem missing = row.getBoolean(6)
                            ? Problem.userNotFound(String.valueOf(request.userId()))
                            : Problem.linkNotFound(request.urlId());
                    return Future.failedFuture(missing.asException());
                });
    }

    /** A click has the time of this machine, as those of redirects, and is counted in its hour. */
    private static List<@Nullable Object> parameters(CreateEvent request) {
        List<@Nullable Object> parameters = new ArrayList<>(
                Arrays.asList(request.urlId(), request.userId(), request.type(), request.details(), null));
        ClickCounts counts = new ClickCounts();
        if (request.type().equals(Event.CLICK)) {
            Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
            parameters.set(4, now.atOffset(ZoneOffset.UTC));
            counts.add(
                    request.urlId(),
                    now.toEpochMilli(),
                    text(request.details().getValue("referrer")),
                    text(request.details().getValue("user_agent")));
        }
        parameters.addAll(counts.arguments());
        return parameters;
    }

    private static @Nullable String text(@Nullable Object value) {
        return value == null ? null : value.toString();
    }

    private static Event event(Row row) {
        Object details = row.getValue(5);
        return new Event(
                row.getLong(0),
                row.getLong(1),
                row.getLong(2),
                row.getString(3),
                row.getOffsetDateTime(4),
                details instanceof JsonObject object ? object : new JsonObject());
    }
}
