package dev.shortwave.http.management;

import dev.shortwave.config.RunningConfig;
import dev.shortwave.config.Setting;
import dev.shortwave.config.SettingValue;
import dev.shortwave.config.Settings;
import dev.shortwave.error.Problem;
import dev.shortwave.http.api.ApiRequest;
import dev.shortwave.http.api.ApiResponse;
import dev.shortwave.http.api.JsonBody;
import dev.shortwave.http.api.Routes;
import dev.shortwave.runtime.VerticleState;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** How many instances run of each verticle, and how many shall. On the management port only. */
final class VerticleRoutes {

    private static final String PATH = "/admin/verticles";
    private static final String ONE = PATH + "/:name";
    private static final String INSTANCES = "instances";

    private final ManagementContext operators;

    VerticleRoutes(ManagementContext operators) {
        this.operators = operators;
    }

    void mount(Routes routes) {
        routes.get(PATH, call -> Future.succeededFuture(list()));
        routes.get(ONE, call -> Future.succeededFuture(ApiResponse.json(200, json(known(call)))));
        routes.withBody(HttpMethod.PATCH, ONE, this::scale);
    }

    private ApiResponse list() {
        JsonArray all = new JsonArray();
        operators.verticles().states().forEach(state -> all.add(json(state)));
        return ApiResponse.json(200, all);
    }

    private VerticleState known(ApiRequest call) {
        VerticleState state = operators.verticles().state(call.pathParameter("name"));
        if (state == null) {
            throw Problem.notFound("there is no verticle of this name").asException();
        }
        return state;
    }

    private Future<ApiResponse> scale(ApiRequest call) {
        VerticleState state = known(call);
        String wanted = call.body().numberOrText(INSTANCES);
        SettingValue value = value(state, wanted);
        return operators.live().applyValue(value).map(done -> ApiResponse.json(200, json(known(call))));
    }

    private static SettingValue value(VerticleState state, String wanted) {
        String name = state.name();
        Setting<?> setting = Settings.find(settingOf(name));
        if (setting == null) {
            throw JsonBody.bad(INSTANCES, "of " + name + " can't be set");
        }
        if (!setting.type().allows(wanted)) {
            String hereToo = state.limits().min() == state.limits().max()
                    ? ""
                    : "; as this JVM is set there may be up to "
                            + state.limits().max() + ": " + state.limits().reason();
            throw JsonBody.bad(INSTANCES, "must be " + setting.type().allowed() + hereToo);
        }
        return new SettingValue(setting, wanted, "PATCH " + PATH + "/" + name);
    }

    private static String settingOf(String name) {
        return "verticles." + name + ".instances";
    }

    private JsonObject json(VerticleState state) {
        JsonObject json = new JsonObject()
                .put("name", state.name())
                .put("desired", state.desired())
                .put("actual", state.actual())
                .put("draining", state.draining())
                .put("event_loops", new JsonArray(state.eventLoops()))
                .put("connections", state.load().connections())
                .put("requests_in_flight", state.load().requests())
                .put("min_instances", state.limits().min())
                .put("max_instances", state.limits().max())
                .put("limit_reason", state.limits().reason());
        RunningConfig config = operators.config();
        SettingValue value = config.value(settingOf(state.name()));
        return value == null
                ? json
                : json.put("setting", value.setting().key())
                        .put("value", value.redacted())
                        .put("origin", value.origin());
    }
}
