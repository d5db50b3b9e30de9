package dev.shortwave.http;

import dev.shortwave.bus.BeginImport;
import dev.shortwave.bus.Bus;
import dev.shortwave.bus.WarmCache;
import dev.shortwave.config.Config;
import dev.shortwave.config.ConfigException;
import dev.shortwave.config.SettingValue;
import dev.shortwave.csv.CsvImport;
import dev.shortwave.live.LiveSettings;
import dev.shortwave.problem.Problem;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** What operators may do: see the configuration, warm the cache, load seeds. On the management port only. */
final class AdminRoutes {

    private final Vertx vertx;
    private final Bus bus;
    private final Config.Http config;
    private final Operators operators;

    AdminRoutes(Vertx vertx, Bus bus, Config.Http config, Operators operators) {
        this.vertx = vertx;
        this.bus = bus;
        this.config = config;
        this.operators = operators;
    }

    void mount(Routes routes) {
        routes.get("/config", call -> Future.succeededFuture(configuration()));
        routes.withoutBody(HttpMethod.POST, "/admin/config/reload", call -> reload());
        routes.withoutBody(HttpMethod.POST, "/admin/cache/warm", call -> warm());
        for (BeginImport.Kind kind : BeginImport.Kind.values()) {
            String path = "/admin/seeds/" + kind.name().toLowerCase(Locale.ROOT);
            routes.withoutBody(HttpMethod.POST, path, call -> load(call, kind));
        }
    }

    /** What counts now; and what will after the next start, where the file says something else by now. */
    private Answer configuration() {
        JsonObject settings = new JsonObject();
        for (SettingValue value : operators.config().values()) {
            JsonObject setting = json(value);
            SettingValue pending = operators.config().pending(value.setting().key());
            if (pending != null) {
                setting.put("after_restart", json(pending));
            }
            settings.put(value.setting().key(), setting);
        }
        return Answer.json(200, settings);
    }

    private static JsonObject json(SettingValue value) {
        return new JsonObject().put("value", value.shown()).put("origin", value.origin());
    }

    /** Whether the settings could be taken over as they are written now; if not, why, and whether a start could. */
    JsonObject settings() {
        LiveSettings.Refusal refusal = operators.live().refusal();
        return refusal == null
                ? new JsonObject().put("state", "ok")
                : new JsonObject()
                        .put("state", "refused")
                        .put("start_would_fail", refusal.startWouldFail())
                        .put(
                                "since",
                                refusal.since().truncatedTo(ChronoUnit.MILLIS).toString())
                        .put("problems", new JsonArray(refusal.problems()));
    }

    /** Does not wait for the watch on the file. */
    private Future<Answer> reload() {
        return operators
                .live()
                .reload()
                .map(changes -> {
                    JsonObject live = new JsonObject();
                    JsonObject afterRestart = new JsonObject();
                    for (SettingValue change : changes) {
                        String key = change.setting().key();
                        if (change.setting().changesLive()) {
                            live.put(key, json(change));
                        } else if (operators.config().pending(key) != null) {
                            afterRestart.put(key, json(change));
                        }
                    }
                    return Answer.json(
                            200, new JsonObject().put("changed", live).put("after_restart", afterRestart));
                })
                .recover(failure -> failure instanceof ConfigException refused
                        ? Future.failedFuture(Problem.badRequest(
                                        "the settings are refused, nothing has changed: " + refused.getMessage())
                                .asException())
                        : Future.failedFuture(failure));
    }

    private Future<Answer> warm() {
        return bus.ask(new WarmCache())
                .map(result -> Answer.json(
                        200, new JsonObject().put("links", result.links()).put("milliseconds", result.milliseconds())));
    }

    /** The body is the CSV file itself. */
    private Future<Answer> load(Call call, BeginImport.Kind kind) {
        ClientPipeline.exemptBody(call.request());
        return new CsvImport(
                        vertx,
                        bus,
                        kind,
                        new CsvImport.Limits(Long.MAX_VALUE, config.uploadStallTimeout(), 0),
                        bytes -> {})
                .run(call.request())
                .map(imported -> Answer.json(
                        200, new JsonObject().put("rows", imported.rows()).put("changed", imported.changed())));
    }
}
