package dev.shortwave.http;

import dev.shortwave.config.Config;
import dev.shortwave.config.Setting;
import dev.shortwave.config.SettingValue;
import dev.shortwave.config.Settings;
import dev.shortwave.diagnosis.FlightRecording;
import dev.shortwave.diagnosis.ThreadDump;
import dev.shortwave.live.LiveSettings;
import dev.shortwave.log.Logging;
import dev.shortwave.problem.Problem;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** What helps to find out what is wrong: threads, log, levels, a recording. On the management port only. */
final class DiagnosisRoutes {

    private static final String LOGGERS = "/admin/loggers";
    private static final String LEVEL = "level";
    private static final String AS_ABOVE = "default";
    private static final long LONGEST_RECORDING_SECONDS = 600;
    private static final long USUAL_RECORDING_SECONDS = 30;

    private final Vertx vertx;
    private final LiveSettings live;
    private boolean recording;

    DiagnosisRoutes(Vertx vertx, LiveSettings live) {
        this.vertx = vertx;
        this.live = live;
    }

    void mount(Routes routes) {
        routes.get(
                "/admin/threads",
                call -> vertx.executeBlocking(ThreadDump::take).map(Answer::text));
        routes.get("/admin/log", call -> Future.succeededFuture(Answer.text(String.join("", Logging.recent()))));
        routes.get(LOGGERS, call -> Future.succeededFuture(levels()));
        routes.withBody(HttpMethod.PATCH, LOGGERS + "/:name", this::setLevel);
        routes.withoutBody(HttpMethod.POST, "/admin/recording", this::record);
    }

    private static Answer levels() {
        JsonObject levels = new JsonObject();
        Logging.levels().forEach(levels::put);
        return Answer.json(200, levels);
    }

    /** Until the next start; of the logger above all of ours it is the setting {@code log.level}. */
    private Future<Answer> setLevel(Call call) {
        String logger = call.pathName("name");
        if (!logger.matches("[A-Za-z][A-Za-z0-9_.$]{0,199}")) {
            throw Problem.notFound("there can't be a logger of this name").asException();
        }
        String level = call.fields().text(LEVEL);
        Setting<?> setting = Objects.requireNonNull(Settings.find(Settings.LOG_LEVEL_KEY));
        boolean reset = level.equals(AS_ABOVE) && !logger.equals(Logging.OURS);
        if (!reset && !setting.type().allows(level)) {
            throw Fields.bad(
                    LEVEL, "must be " + setting.type().allowed() + ", or default for that of the logger above");
        }
        if (logger.equals(Logging.OURS)) {
            SettingValue value = new SettingValue(setting, level, "PATCH " + LOGGERS + "/" + logger);
            return live.apply(value).map(done -> levels());
        }
        Logging.setLevel(logger, reset ? null : Config.LogLevel.valueOf(level.toUpperCase(Locale.ROOT)));
        return Future.succeededFuture(levels());
    }

    /** One at a time: each costs a few per cent of the processor. */
    private Future<Answer> record(Call call) {
        Long asked = call.queryNumber("seconds", 1, LONGEST_RECORDING_SECONDS);
        if (recording) {
            throw Problem.of(Problem.Kind.CONFLICT, "a recording is under way, try again when it is done")
                    .asException();
        }
        recording = true;
        return vertx.executeBlocking(FlightRecording::begin)
                .compose(begun -> vertx.timer(asked == null ? USUAL_RECORDING_SECONDS : asked, TimeUnit.SECONDS)
                        .compose(over -> vertx.executeBlocking(begun::finish)))
                .onComplete(done -> recording = false)
                .map(bytes -> Answer.of(200, "application/octet-stream", Buffer.buffer(bytes))
                        .with("content-disposition", "attachment; filename=\"shortwave.jfr\""));
    }
}
