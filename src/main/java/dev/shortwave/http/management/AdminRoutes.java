package dev.shortwave.http.management;

import dev.shortwave.bus.BeginImport;
import dev.shortwave.bus.Bus;
import dev.shortwave.bus.WarmCache;
import dev.shortwave.config.Config;
import dev.shortwave.config.ConfigException;
import dev.shortwave.config.SettingValue;
import dev.shortwave.csv.CsvImport;
import dev.shortwave.error.Problem;
import dev.shortwave.http.api.ApiRequest;
import dev.shortwave.http.api.ApiResponse;
import dev.shortwave.http.api.Routes;
import dev.shortwave.http.connection.ClientPipeline;
import dev.shortwave.runtime.LiveSettings;
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
    private final ManagementContext operators;

    AdminRoutes(Vertx vertx, Bus bus, Config.Http config, ManagementContext operators) {
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
    private ApiResponse configuration() {
        JsonObject settings = new JsonObject();
        for (SettingValue value : operators.config().values()) {
            JsonObject setting = json(value);
            SettingValue pending = operators.config().pending(value.setting().key());
            if (pending != null) {
                setting.put("pending_restart", json(pending));
            }
            settings.put(value.setting().key(), setting);
        }
        return ApiResponse.json(200, settings);
    }

    private static JsonObject json(SettingValue value) {
        return new JsonObject().put("value", value.redacted()).put("origin", value.origin());
    }

    /** Whether the settings could be taken over as they are written now; if not, why, and whether a start could. */
    JsonObject settings() {
        LiveSettings.Refusal refusal = operators.live().refusal();
        return refusal == null
                ? new JsonObject().put("state", "ok")
                : new JsonObject()
                        .put("state", "refused")
                        .put("blocks_start", refusal.blocksStart())
                        .put(
                                "since",
                                refusal.since().truncatedTo(ChronoUnit.MILLIS).toString())
                        .put("problems", new JsonArray(refusal.problems()));
    }

    /** Does not wait for the watch on the file. */
    private Future<ApiResponse> reload() {
        return operators
                .live()
                .reload()
                .map(changes -> {
                    JsonObject live = new JsonObject();
                    JsonObject afterRestart = new JsonObject();
                    for (SettingValue change : changes) {
                        String key = change.setting().key();
                        if (change.setting().isReloadable()) {
                            live.put(key, json(change));
                        } else if (operators.config().pending(key) != null) {
                            afterRestart.put(key, json(change));
                        }
                    }
                    return ApiResponse.json(
                            200, new JsonObject().put("changed", live).put("pending_restart", afterRestart));
                })
                .recover(failure -> failure instanceof ConfigException refused
                        ? Future.failedFuture(Problem.badRequest(
                                        "the settings are refused, nothing has changed: " + refused.getMessage())
                                .asException())
                        : Future.failedFuture(failure));
    }

    private Future<ApiResponse> warm() {
        return bus.request(new WarmCache())
                .map(result -> ApiResponse.json(
                        200, new JsonObject().put("links", result.links()).put("milliseconds", result.milliseconds())));
    }

    /** The body is the CSV file itself. */
    private Future<ApiResponse> load(ApiRequest call, BeginImport.Kind kind) {
        ClientPipeline.exemptBody(call.request());
        return new CsvImport(
                        vertx,
                        bus,
                        kind,
                        new CsvImport.Limits(Long.MAX_VALUE, config.uploadIdleTimeout(), 0),
                        bytes -> {})
                .run(call.request())
                .map(imported -> ApiResponse.json(
                        200, new JsonObject().put("rows", imported.rows()).put("changed", imported.changed())));
    }
}
