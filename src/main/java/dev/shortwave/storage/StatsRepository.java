package dev.shortwave.storage;

import dev.shortwave.bus.FindStats;
import dev.shortwave.error.Problem;
import dev.shortwave.stats.LinkStats;
import dev.shortwave.stats.StatsRange;
import dev.shortwave.stats.UserAgentFamily;
import dev.shortwave.storage.mapping.LinkRow;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Stats from the counters and roll-ups in PostgreSQL, never from events: as fast for ten million clicks as for ten. On
 * the event loop of its verticle.
 */
final class StatsRepository {

    private static final UserAgentFamily[] FAMILIES = UserAgentFamily.values();

    private static final String AGENTS = Arrays.stream(FAMILIES)
            .map(family -> "agent_" + family.columnSuffix())
            .collect(Collectors.joining(", "));

    /** One round trip for all, and one row: its series are arrays. */
    private static final String FIND = """
            WITH link AS (
                SELECT %s FROM urls WHERE %s
            ), point AS (
                SELECT date_bin(interval '1 %s', hour, '2000-01-01 00:00:00+00') AS at,
                       sum(clicks) AS clicks, sum(bots) AS bots
                FROM link_hours
                WHERE url_id = (SELECT id FROM link) AND hour >= $2::timestamptz AND hour < $3::timestamptz
                GROUP BY at
            ), referrer AS (
                SELECT host, clicks FROM link_referrers WHERE url_id = (SELECT id FROM link)
            )
            SELECT link.*, c.clicks, c.last_clicked_at,
                   (SELECT array_agg(at ORDER BY at) FROM point),
                   (SELECT array_agg(clicks ORDER BY at) FROM point),
                   (SELECT array_agg(bots ORDER BY at) FROM point),
                   (SELECT array_agg(host ORDER BY clicks DESC, host) FROM referrer),
                   (SELECT array_agg(clicks ORDER BY clicks DESC, host) FROM referrer),
                   c.direct, %s
            FROM link LEFT JOIN link_clicks c ON c.url_id = link.id""";

    private static final int CLICKS = 9;
    private static final int LAST_CLICKED_AT = 10;
    private static final int POINTS = 11;
    private static final int REFERRERS = 14;
    private static final int DIRECT = 16;
    private static final int FIRST_AGENT = 17;

    private final SqlClient client;

    StatsRepository(SqlClient client) {
        this.client = client;
    }

    Future<LinkStats> find(FindStats request) {
        StatsRange range = request.range();
        boolean byCode = request.id() == null;
        String sql = FIND.formatted(
                LinkRow.COLUMNS,
                byCode ? "short_code = $1::text" : "id = $1::bigint",
                range.interval() == StatsRange.Interval.HOUR ? "hour" : "day",
                AGENTS);
        Object key = byCode ? request.code() : request.id();
        return client.preparedQuery(sql)
                .execute(Tuple.of(key, range.from(), range.to()))
                .compose(rows -> rows.size() == 0
                        ? Future.failedFuture(Problem.of(
                                        Problem.Kind.LINK_NOT_FOUND,
                                        "there is no link with the " + (byCode ? "code " : "id ") + key)
                                .asException())
                        : Future.succeededFuture(stats(rows.iterator().next(), range)));
    }

    private static LinkStats stats(Row row, StatsRange range) {
        return new LinkStats(
                LinkRow.toLink(row),
                number(row, CLICKS),
                row.getOffsetDateTime(LAST_CLICKED_AT),
                number(row, DIRECT),
                agents(row),
                referrers(row),
                range,
                points(row));
    }

    private static Map<UserAgentFamily, Long> agents(Row row) {
        Map<UserAgentFamily, Long> agents = new EnumMap<>(UserAgentFamily.class);
        for (UserAgentFamily family : FAMILIES) {
            long clicks = number(row, FIRST_AGENT + family.ordinal());
            if (clicks > 0) {
                agents.put(family, clicks);
            }
        }
        return agents;
    }

    private static List<LinkStats.Referrer> referrers(Row row) {
        List<LinkStats.Referrer> referrers = new ArrayList<>();
        String[] hosts = row.getArrayOfStrings(REFERRERS);
        Long[] clicks = row.getArrayOfLongs(REFERRERS + 1);
        for (int at = 0; hosts != null && clicks != null && at < hosts.length; at++) {
            referrers.add(new LinkStats.Referrer(hosts[at], clicks[at]));
        }
        return referrers;
    }

    private static List<LinkStats.Point> points(Row row) {
        List<LinkStats.Point> points = new ArrayList<>();
        OffsetDateTime[] times = row.getArrayOfOffsetDateTimes(POINTS);
        Long[] clicks = row.getArrayOfLongs(POINTS + 1);
        Long[] bots = row.getArrayOfLongs(POINTS + 2);
        for (int at = 0; times != null && clicks != null && bots != null && at < times.length; at++) {
            points.add(new LinkStats.Point(times[at], clicks[at], bots[at]));
        }
        return points;
    }

    /** 0 for null: a link without clicks has no row of counters. */
    private static long number(Row row, int position) {
        Long value = row.getLong(position);
        return value == null ? 0 : value;
    }
}
