package dev.shortwave.http.management;

import dev.shortwave.config.Config;
import dev.shortwave.config.Setting;
import dev.shortwave.config.SettingValue;
import dev.shortwave.config.Settings;
import dev.shortwave.diagnostics.FlightRecording;
import dev.shortwave.diagnostics.ThreadDump;
import dev.shortwave.error.Problem;
import dev.shortwave.http.api.ApiRequest;
import dev.shortwave.http.api.ApiResponse;
import dev.shortwave.http.api.JsonBody;
import dev.shortwave.http.api.Routes;
import dev.shortwave.logging.Logging;
import dev.shortwave.runtime.LiveSettings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** What helps to find out what is wrong: threads, log, levels, a recording. On the management port only. */
final class DiagnosticsRoutes {

    private static final String LOGGERS = "/admin/loggers";
    private static final String LEVEL = "level";
    private static final String INHERITED = "default";
    private static final long MAX_RECORDING_SECONDS = 600;
    private static final long DEFAULT_RECORDING_SECONDS = 30;

    private final Vertx vertx;
    private final LiveSettings live;
    private boolean recording;

    DiagnosticsRoutes(Vertx vertx, LiveSettings live) {
        this.vertx = vertx;
        this.live = live;
    }

    void mount(Routes routes) {
        routes.get(
                "/admin/threads",
                call -> vertx.executeBlocking(ThreadDump::take).map(ApiResponse::text));
        routes.get("/admin/log", call -> Future.succeededFuture(ApiResponse.text(String.join("", Logging.recent()))));
        routes.get(LOGGERS, call -> Future.succeededFuture(levels()));
        routes.withBody(HttpMethod.PATCH, LOGGERS + "/:name", this::setLevel);
        routes.withoutBody(HttpMethod.POST, "/admin/jfr", this::record);
    }

    private static ApiResponse levels() {
        JsonObject levels = new JsonObject();
        Logging.levels().forEach(levels::put);
        return ApiResponse.json(200, levels);
    }

    /** Until the next start; of the logger above all of ours it is the setting {@code log.level}. */
    private Future<ApiResponse> setLevel(ApiRequest call) {
        String logger = call.pathParameter("name");
        if (!logger.matches("[A-Za-z][A-Za-z0-9_.$]{0,199}")) {
            throw Problem.notFound("there can't be a logger of this name").asException();
        }
        String level = call.body().text(LEVEL);
        Setting<?> setting = Objects.requireNonNull(Settings.find(Settings.LOG_LEVEL_KEY));
        boolean reset = level.equals(INHERITED) && !logger.equals(Logging.OURS);
        if (!reset && !setting.type().allows(level)) {
            throw JsonBody.bad(
                    LEVEL, "must be " + setting.type().allowed() + ", or default for that of the logger above");
        }
        if (logger.equals(Logging.OURS)) {
            SettingValue value = new SettingValue(setting, level, "PATCH " + LOGGERS + "/" + logger);
            return live.applyValue(value).map(done -> levels());
        }
        Logging.setLevel(logger, reset ? null : Config.LogLevel.valueOf(level.toUpperCase(Locale.ROOT)));
        return Future.succeededFuture(levels());
    }

    /** One at a time: each costs a few per cent of the processor. */
    private Future<ApiResponse> record(ApiRequest call) {
        Long asked = call.queryNumber("seconds", 1, MAX_RECORDING_SECONDS);
        if (recording) {
            throw Problem.of(Problem.Kind.CONFLICT, "a recording is under way, try again when it is done")
                    .asException();
        }
        recording = true;
        return vertx.executeBlocking(FlightRecording::start)
                .compose(begun -> vertx.timer(asked == null ? DEFAULT_RECORDING_SECONDS : asked, TimeUnit.SECONDS)
                        .compose(over -> vertx.executeBlocking(begun::finish)))
                .onComplete(done -> recording = false)
                .map(bytes -> ApiResponse.of(200, "application/octet-stream", Buffer.buffer(bytes))
                        .with("content-disposition", "attachment; filename=\"shortwave.jfr\""));
    }
}
