package dev.shortwave.http;

import dev.shortwave.cache.LinkFinder;
import dev.shortwave.cache.LinkInspector;
import dev.shortwave.cache.LinkInspector.Findings;
import dev.shortwave.cache.LinkInspector.Sight;
import dev.shortwave.link.Codes;
import dev.shortwave.link.Destinations;
import dev.shortwave.link.Target;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Says how this JVM would answer a code, and why. Books no click and fills no cache. On the management port only. */
final class ExplainRoutes {

    private final LinkInspector inspector;

    ExplainRoutes(LinkInspector inspector) {
        this.inspector = inspector;
    }

    void mount(Routes routes) {
        routes.get("/admin/links/:code/explain", call -> explain(call.pathName("code")));
    }

    private Future<Answer> explain(String code) {
        if (!Codes.isCode(code) || Codes.isReserved(code)) {
            String why = Codes.isCode(code)
                    ? "the code is reserved for a route of the service"
                    : "this can't be a code: up to 32 of A-Z a-z 0-9 - _";
            JsonObject answer = new JsonObject().put("status", 404).put("why", why);
            return Future.succeededFuture(
                    Answer.json(200, new JsonObject().put("code", code).put("answer", answer)));
        }
        return inspector.inspect(code).map(findings -> Answer.json(200, json(code, findings)));
    }

    private static JsonObject json(String code, Findings findings) {
        return new JsonObject()
                .put("code", code)
                .put("answer", answer(code, findings))
                .put("memory", json(findings.memory()))
                .put("redis", json(findings.redis()))
                .put("database", json(findings.database()))
                .put("notes", notes(findings));
    }

    private static JsonObject answer(String code, Findings findings) {
        LinkFinder.Source source = findings.source();
        Target target = findings.target();
        if (source == null || target == null) {
            return new JsonObject()
                    .put("status", 503)
                    .put("why", "nobody who can be asked knows the code, and PostgreSQL can't be asked");
        }
        boolean redirects = target.state() == Target.State.ACTIVE;
        JsonObject headers = new JsonObject()
                .put(Redirector.X_CACHE.toString(), Redirector.hitOrMiss(source).toString())
                .put(HttpHeaders.CACHE_CONTROL.toString(), Redirector.NO_STORE.toString());
        if (redirects) {
            headers.put(HttpHeaders.LOCATION.toString(), Destinations.location(target.destination()));
        }
        JsonObject answer = new JsonObject()
                .put("status", redirects ? 302 : 404)
                .put("headers", headers)
                .put("from", lower(source));
        if (!redirects) {
            answer.put("error", Redirector.noActiveLink(code).error());
        }
        return answer.put("why", why(source, target));
    }

    private static String why(LinkFinder.Source source, Target target) {
        String place = switch (source) {
            case MEMORY -> "this JVM has it in memory, and what is there counts";
            case REDIS -> "memory has nothing that counts, and Redis has it";
            case DATABASE -> "neither memory nor Redis has anything that counts, so PostgreSQL is asked";
            case LAST_KNOWN -> "PostgreSQL can't be asked, so what was known last is answered";
        };
        return place
                + switch (target.state()) {
                    case ACTIVE -> "; the link is active";
                    case INACTIVE -> "; the link is not active";
                    case UNKNOWN ->
                        target.version() == Target.NEVER_SEEN ? "; there is no such code" : "; the link was deleted";
                };
    }

    private static JsonObject json(Sight sight) {
        JsonObject json = new JsonObject().put("why", sight.why()).put("counts", sight.counts());
        Target target = sight.target();
        if (target == null) {
            return json.put("state", null);
        }
        json.put("state", lower(target.state())).put("version", target.version());
        return target.state() == Target.State.UNKNOWN
                ? json
                : json.put("link_id", target.linkId())
                        .put("user_id", target.ownerId())
                        .put("destination", target.destination());
    }

    private static JsonArray notes(Findings findings) {
        JsonArray notes = new JsonArray();
        Target row = findings.database().target();
        noteAge("memory", findings.memory().target(), row, notes);
        noteAge("Redis", findings.redis().target(), row, notes);
        if (!findings.trusted()) {
            notes.add(
                    findings.source() == LinkFinder.Source.LAST_KNOWN
                            ? "this JVM holds no lease, and can't have one without PostgreSQL; clicks wait in the journal"
                            : "this JVM holds no lease: it asks PostgreSQL, and books a click before it redirects");
        }
        return notes;
    }

    private static void noteAge(String place, @Nullable Target seen, @Nullable Target row, JsonArray notes) {
        if (seen != null && row != null && row.isNewerThan(seen)) {
            notes.add(place + " has version " + seen.version() + ", PostgreSQL version " + row.version());
        }
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
