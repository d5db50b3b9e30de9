package dev.shortwave.http;

import dev.shortwave.bus.BeginImport;
import dev.shortwave.bus.Bus;
import dev.shortwave.bus.WarmCache;
import dev.shortwave.config.Config;
import dev.shortwave.config.SettingValue;
import dev.shortwave.csv.CsvImport;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import java.util.Locale;

/** What operators may do: see the configuration, warm the cache, load seeds. On the management port only. */
final class AdminRoutes {

    private final Vertx vertx;
    private final Bus bus;
    private final Config config;

    AdminRoutes(Vertx vertx, Bus bus, Config config) {
        this.vertx = vertx;
        this.bus = bus;
        this.config = config;
    }

    void mount(Routes routes) {
        routes.get("/config", call -> Future.succeededFuture(configuration()));
        routes.withoutBody(HttpMethod.POST, "/admin/cache/warm", call -> warm());
        for (BeginImport.Kind kind : BeginImport.Kind.values()) {
            String path = "/admin/seeds/" + kind.name().toLowerCase(Locale.ROOT);
            routes.withoutBody(HttpMethod.POST, path, call -> load(call, kind));
        }
    }

    private Answer configuration() {
        JsonObject settings = new JsonObject();
        for (SettingValue value : config.values()) {
            settings.put(
                    value.setting().key(),
                    new JsonObject().put("value", value.shown()).put("origin", value.origin()));
        }
        return Answer.json(200, settings);
    }

    private Future<Answer> warm() {
        return bus.ask(new WarmCache())
                .map(result -> Answer.json(
                        200, new JsonObject().put("links", result.links()).put("milliseconds", result.milliseconds())));
    }

    /** The body is the CSV file itself. */
    private Future<Answer> load(Call call, BeginImport.Kind kind) {
        Config.Http http = config.http();
        return new CsvImport(vertx, bus, kind, Long.MAX_VALUE, http.uploadStallTimeout(), bytes -> {})
                .run(call.request())
                .map(imported -> Answer.json(
                        200, new JsonObject().put("rows", imported.rows()).put("changed", imported.changed())));
    }
}
