package dev.shortwave.http;

import dev.shortwave.config.RunningConfig;
import dev.shortwave.config.Setting;
import dev.shortwave.config.SettingValue;
import dev.shortwave.config.Settings;
import dev.shortwave.problem.Problem;
import dev.shortwave.verticle.VerticleState;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** How many instances run of each verticle, and how many shall. On the management port only. */
final class VerticleRoutes {

    private static final String PATH = "/admin/verticles";
    private static final String ONE = PATH + "/:name";
    private static final String INSTANCES = "instances";

    private final Operators operators;

    VerticleRoutes(Operators operators) {
        this.operators = operators;
    }

    void mount(Routes routes) {
        routes.get(PATH, call -> Future.succeededFuture(list()));
        routes.get(ONE, call -> Future.succeededFuture(Answer.json(200, json(known(call)))));
        routes.withBody(HttpMethod.PATCH, ONE, this::scale);
    }

    private Answer list() {
        JsonArray all = new JsonArray();
        operators.verticles().states().forEach(state -> all.add(json(state)));
        return Answer.json(200, all);
    }

    private VerticleState known(Call call) {
        VerticleState state = operators.verticles().state(call.pathName("name"));
        if (state == null) {
            throw Problem.notFound("there is no verticle of this name").asException();
        }
        return state;
    }

    private Future<Answer> scale(Call call) {
        VerticleState state = known(call);
        String wanted = call.fields().numberOrText(INSTANCES);
        SettingValue value = value(state, wanted);
        return operators.live().apply(value).map(done -> Answer.json(200, json(known(call))));
    }

    private static SettingValue value(VerticleState state, String wanted) {
        String name = state.name();
        Setting<?> setting = Settings.find(settingOf(name));
        if (setting == null) {
            throw Fields.bad(INSTANCES, "of " + name + " can't be set");
        }
        if (!setting.type().allows(wanted)) {
            String hereToo = state.range().least() == state.range().most()
                    ? ""
                    : "; as this JVM is set there may be up to " + state.range().most() + ": "
                            + state.range().reason();
            throw Fields.bad(INSTANCES, "must be " + setting.type().allowed() + hereToo);
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
                .put("retiring", state.retiring())
                .put("event_loops", new JsonArray(state.eventLoops()))
                .put("connections", state.workload().connections())
                .put("requests_in_flight", state.workload().requests())
                .put("least", state.range().least())
                .put("most", state.range().most())
                .put("most_because", state.range().reason());
        RunningConfig config = operators.config();
        SettingValue value = config.value(settingOf(state.name()));
        return value == null
                ? json
                : json.put("setting", value.setting().key())
                        .put("value", value.shown())
                        .put("origin", value.origin());
    }
}
