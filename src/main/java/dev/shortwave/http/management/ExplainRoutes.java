package dev.shortwave.http.management;

import dev.shortwave.cache.LinkDiagnostics;
import dev.shortwave.cache.LinkDiagnostics.CacheLookup;
import dev.shortwave.cache.LinkDiagnostics.Diagnosis;
import dev.shortwave.cache.LinkResolver;
import dev.shortwave.http.api.ApiResponse;
import dev.shortwave.http.api.Routes;
import dev.shortwave.http.redirect.RedirectHandler;
import dev.shortwave.link.Codes;
import dev.shortwave.link.Destinations;
import dev.shortwave.link.LinkTarget;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Says how this JVM would answer a code, and why. Books no click and fills no cache. On the management port only. */
final class ExplainRoutes {

    private final LinkDiagnostics diagnostics;

    ExplainRoutes(LinkDiagnostics inspector) {
        this.diagnostics = inspector;
    }

    void mount(Routes routes) {
        routes.get("/admin/links/:code/explain", call -> explain(call.pathParameter("code")));
    }

    private Future<ApiResponse> explain(String code) {
        if (!Codes.isCode(code) || Codes.isReserved(code)) {
            String why = Codes.isCode(code)
                    ? "the code is reserved for a route of the service"
                    : "this can't be a code: up to 32 of A-Z a-z 0-9 - _";
            JsonObject answer = new JsonObject().put("status", 404).put("why", why);
            return Future.succeededFuture(
                    ApiResponse.json(200, new JsonObject().put("code", code).put("answer", answer)));
        }
        return diagnostics.inspect(code).map(findings -> ApiResponse.json(200, json(code, findings)));
    }

    private static JsonObject json(String code, Diagnosis findings) {
        return new JsonObject()
                .put("code", code)
                .put("answer", answer(code, findings))
                .put("memory", json(findings.memory()))
                .put("redis", json(findings.redis()))
                .put("database", json(findings.database()))
                .put("notes", notes(findings));
    }

    private static JsonObject answer(String code, Diagnosis findings) {
        LinkResolver.Source source = findings.source();
        LinkTarget target = findings.target();
        if (source == null || target == null) {
            return new JsonObject()
                    .put("status", 503)
                    .put("why", "nobody who can be asked knows the code, and PostgreSQL can't be asked");
        }
        boolean redirects = target.state() == LinkTarget.State.ACTIVE;
        JsonObject headers = new JsonObject()
                .put(
                        RedirectHandler.X_CACHE.toString(),
                        RedirectHandler.hitOrMiss(source).toString())
                .put(HttpHeaders.CACHE_CONTROL.toString(), RedirectHandler.NO_STORE.toString());
        if (redirects) {
            headers.put(HttpHeaders.LOCATION.toString(), Destinations.location(target.destination()));
        }
        JsonObject answer = new JsonObject()
                .put("status", redirects ? 302 : 404)
                .put("headers", headers)
                .put("from", lower(source));
        if (!redirects) {
            answer.put("error", RedirectHandler.noActiveLink(code).error());
        }
        return answer.put("why", reason(source, target));
    }

    private static String reason(LinkResolver.Source source, LinkTarget target) {
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
                        target.version() == LinkTarget.NEVER_SEEN
                                ? "; there is no such code"
                                : "; the link was deleted";
                };
    }

    private static JsonObject json(CacheLookup sight) {
        JsonObject json = new JsonObject().put("why", sight.reason()).put("counts", sight.isCurrent());
        LinkTarget target = sight.target();
        if (target == null) {
            return json.put("state", null);
        }
        json.put("state", lower(target.state())).put("version", target.version());
        return target.state() == LinkTarget.State.UNKNOWN
                ? json
                : json.put("link_id", target.linkId())
                        .put("user_id", target.ownerId())
                        .put("destination", target.destination());
    }

    private static JsonArray notes(Diagnosis findings) {
        JsonArray notes = new JsonArray();
        LinkTarget row = findings.database().target();
        noteAge("memory", findings.memory().target(), row, notes);
        noteAge("Redis", findings.redis().target(), row, notes);
        if (!findings.leaseValid()) {
            notes.add(
                    findings.source() == LinkResolver.Source.LAST_KNOWN
                            ? "this JVM holds no lease, and can't have one without PostgreSQL; clicks wait in the journal"
                            : "this JVM holds no lease: it asks PostgreSQL, and books a click before it redirects");
        }
        return notes;
    }

    private static void noteAge(String place, @Nullable LinkTarget seen, @Nullable LinkTarget row, JsonArray notes) {
        if (seen != null && row != null && row.isNewerThan(seen)) {
            notes.add(place + " has version " + seen.version() + ", PostgreSQL version " + row.version());
        }
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
