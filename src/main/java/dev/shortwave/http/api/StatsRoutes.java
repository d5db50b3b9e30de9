package dev.shortwave.http.api;

import dev.shortwave.bus.Bus;
import dev.shortwave.bus.FindStats;
import dev.shortwave.error.Problem;
import dev.shortwave.error.Times;
import dev.shortwave.stats.LinkStats;
import dev.shortwave.stats.StatsRange;
import dev.shortwave.stats.StatsRange.Interval;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** {@code /urls/{id}/stats} and {@code /stats/{code}}. */
public final class StatsRoutes {

    private static final String FROM = "from";
    private static final String TO = "to";
    private static final String INTERVAL = "interval";
    private static final String CLICKS = "clicks";
    private static final String PEOPLE = "people";
    private static final String BOTS = "bots";

    private static final int MAX_REFERRERS = 10;
    private static final int LAST_YEAR = 9999;

    private final Bus bus;
    private final Supplier<Future<Void>> clicksBooked;
    private final Clock clock;

    public StatsRoutes(Bus bus, Supplier<Future<Void>> clicksBooked, Clock clock) {
        this.bus = bus;
        this.clicksBooked = clicksBooked;
        this.clock = clock;
    }

    public void mount(Routes routes) {
        routes.get(
                "/urls/:id/stats",
                call -> stats(new FindStats(call.pathId("id", Problem::linkNotFound), null, range(call))));
        routes.get("/stats/:code", call -> stats(new FindStats(null, call.pathCode("code"), range(call))));
    }

    private Future<ApiResponse> stats(FindStats request) {
        return clicksBooked
                .get()
                .compose(booked -> bus.request(request))
                .map(stats -> ApiResponse.json(200, json(stats)));
    }

    // The question

    private StatsRange range(ApiRequest call) {
        Interval interval = interval(call);
        OffsetDateTime from = time(call, FROM);
        OffsetDateTime named = time(call, TO);
        OffsetDateTime to = named == null ? OffsetDateTime.now(clock) : named;
        StatsRange range = from == null ? StatsRange.endingWith(interval, to) : StatsRange.covering(interval, from, to);
        if (from != null && !from.isBefore(to)) {
            throw Problem.badField(FROM, "from must lie before to" + (named == null ? ", which is now" : ""))
                    .asException();
        }
        if (range.points() > interval.maxPoints()) {
            throw Problem.badField(
                            FROM,
                            "from and to must not be more than " + interval.maxPoints() + " "
                                    + (interval == Interval.HOUR ? "hours" : "days") + " apart")
                    .asException();
        }
        return range;
    }

    private static Interval interval(ApiRequest call) {
        String text = call.query(INTERVAL);
        if (text == null || text.equals("day")) {
            return Interval.DAY;
        }
        if (text.equals("hour")) {
            return Interval.HOUR;
        }
        throw Problem.badField(INTERVAL, "interval must be hour or day").asException();
    }

    /** A day or a time in UTC, with or without the Z that says so. */
    private static @Nullable OffsetDateTime time(ApiRequest call, String name) {
        String text = call.query(name);
        if (text == null) {
            return null;
        }
        try {
            OffsetDateTime time = Times.parseDayOrTime(text);
            // The last interval of the last year ends in another one.
            if (time.getYear() < LAST_YEAR) {
                return time;
            }
        } catch (DateTimeException e) {
            // Falls through to the one answer for all that is no time.
        }
        throw Problem.badField(name, name + " must be a day or a time in UTC such as 2026-03-14 or 2026-03-14T09:26:53")
                .asException();
    }

    // The answer

    private static JsonObject json(LinkStats stats) {
        return JsonViews.link(stats.link())
                .put("click_count", stats.clicks())
                .put("last_clicked_at", JsonViews.timestamp(stats.lastClickedAt()))
                .put("totals", counts(stats.clicks(), stats.bots()))
                .put("series", series(stats))
                .put("referrers", referrers(stats))
                .put("agents", agents(stats));
    }

    private static JsonObject counts(long clicks, long bots) {
        return new JsonObject().put(CLICKS, clicks).put(PEOPLE, clicks - bots).put(BOTS, bots);
    }

    /** A point for each interval, also for those without clicks: charts need no care for gaps. */
    private static JsonObject series(LinkStats stats) {
        StatsRange range = stats.range();
        Map<Long, LinkStats.Point> secondToPoint = new HashMap<>();
        stats.points().forEach(point -> secondToPoint.put(point.at().toEpochSecond(), point));
        JsonArray points = new JsonArray();
        for (OffsetDateTime at = range.from();
                at.isBefore(range.to());
                at = at.plus(range.interval().length())) {
            LinkStats.Point point = secondToPoint.get(at.toEpochSecond());
            JsonObject counts = point == null ? counts(0, 0) : counts(point.clicks(), point.bots());
            points.add(new JsonObject().put("at", JsonViews.timestamp(at)).mergeIn(counts));
        }
        return new JsonObject()
                .put(INTERVAL, range.interval() == Interval.HOUR ? "hour" : "day")
                .put(FROM, JsonViews.timestamp(range.from()))
                .put(TO, JsonViews.timestamp(range.to()))
                .put("points", points);
    }

    /** What is neither direct nor from one of the hosts shown is other, so that all of them together are the clicks. */
    private static JsonObject referrers(LinkStats stats) {
        JsonArray hosts = new JsonArray();
        long other = stats.clicks() - stats.direct();
        for (LinkStats.Referrer referrer : stats.referrers()) {
            if (hosts.size() == MAX_REFERRERS) {
                break;
            }
            hosts.add(new JsonObject().put("host", referrer.host()).put(CLICKS, referrer.clicks()));
            other -= referrer.clicks();
        }
        return new JsonObject()
                .put("direct", stats.direct())
                .put("hosts", hosts)
                .put("other", other);
    }

    private static JsonArray agents(LinkStats stats) {
        JsonArray agents = new JsonArray();
        stats.agents().entrySet().stream()
                .sorted((one, other) -> Long.compare(other.getValue(), one.getValue()))
                .forEach(entry -> agents.add(new JsonObject()
                        .put("family", entry.getKey().title())
                        .put("bot", entry.getKey().isBot())
                        .put(CLICKS, entry.getValue())));
        return agents;
    }
}
