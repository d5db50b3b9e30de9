package dev.shortwave.runtime;

import dev.shortwave.config.Config;
import dev.shortwave.config.ConfigException;
import dev.shortwave.config.ConfigProblem;
import dev.shortwave.config.RunningConfig;
import dev.shortwave.config.SettingValue;
import dev.shortwave.config.Settings;
import dev.shortwave.logging.Logging;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings changed settings into the running service: from the file, all of them or, if one is wrong, none; and single ones
 * that an operator sets. The last word counts, whoever has it. Thread-safe.
 */
public final class LiveSettings {

    private static final Logger LOG = LoggerFactory.getLogger(LiveSettings.class);

    private static final Pattern INSTANCES = Pattern.compile("verticles\\.(.+)\\.instances");

    private final RunningConfig running;
    private final VerticleManager verticles;
    private final Supplier<Future<Config>> source;
    private volatile @Nullable Refusal refusal;

    /**
     * Why the settings are not taken over as they are written now.
     *
     * @param blocksStart whether they are wrong as such; else they are only too much for this JVM as it was started
     * @param since when they were refused first, of those that nobody has put right since
     * @param problems each with the setting, its value and where that is from
     */
    public record Refusal(boolean blocksStart, Instant since, List<String> problems) {}

    /**
     * @param source reads the configuration anew
     */
    public LiveSettings(RunningConfig running, VerticleManager verticles, Supplier<Future<Config>> source) {
        this.running = running;
        this.verticles = verticles;
        this.source = source;
    }

    /**
     * Reads the configuration again and takes over what has changed.
     *
     * @return the changes; fails with {@link ConfigException} if anything is wrong, and then nothing has changed
     */
    public Future<List<SettingValue>> reload() {
        return source.get().onFailure(wrong -> refuse(wrong, true)).compose(this::applyChanges);
    }

    /** Of the last time that the settings were read; null if they could be taken over. */
    public @Nullable Refusal refusal() {
        return refusal;
    }

    /** With a field, so that each is written: whoever edits again wants to know of this attempt, not of the one before. */
    private void refuse(Throwable failure, boolean startWouldFail) {
        List<String> problems = failure instanceof ConfigException wrong
                ? wrong.problems().stream().map(ConfigProblem::toString).toList()
                : List.of(String.valueOf(failure.getMessage()));
        Refusal before = refusal;
        refusal = new Refusal(startWouldFail, before == null ? Instant.now() : before.since(), problems);
        LOG.atError()
                .addKeyValue("problems", problems.size())
                .log(
                        "The changed settings are refused, the service goes on as it is:\n  {}",
                        String.join("\n", problems).replace("\n", "\n  "));
    }

    private Future<List<SettingValue>> applyChanges(Config reread) {
        List<SettingValue> changes = running.changes(reread);
        List<ConfigProblem> problems =
                changes.stream().map(this::problem).filter(Objects::nonNull).toList();
        if (!problems.isEmpty()) {
            ConfigException tooMuch = new ConfigException(problems);
            refuse(tooMuch, false);
            return Future.failedFuture(tooMuch);
        }
        running.reread(reread);
        if (changes.isEmpty()) {
            LOG.info(
                    refusal != null
                            ? "The settings can be read again, and none has another value than before"
                            : "The settings were read again, and none has another value (those of the environment and of"
                                    + " system properties win over the file)");
        }
        refusal = null;
        List<Future<Void>> applied = changes.stream().map(this::apply).toList();
        return Future.join(applied)
                .onFailure(failure -> LOG.error("Not all of the changed settings count: {}", failure.getMessage()))
                .map(changes);
    }

    private @Nullable ConfigProblem problem(SettingValue value) {
        Matcher instances = INSTANCES.matcher(value.setting().key());
        String objection = instances.matches() ? verticles.objection(instances.group(1), number(value)) : null;
        return objection == null
                ? null
                : new ConfigProblem(value.setting().key(), value.redacted(), value.origin(), objection);
    }

    private Future<Void> apply(SettingValue value) {
        if (value.setting().isReloadable()) {
            return applyValue(value);
        }
        SettingValue now = running.value(value.setting().key());
        if (running.pending(value.setting().key()) == null) {
            LOG.info("{} is again what the service runs on", value);
        } else {
            LOG.warn(
                    "{} can't change while the service runs: it is {} until the next start",
                    value,
                    now == null ? "" : now.redacted());
        }
        return Future.succeededFuture();
    }

    /** Lets a setting count that {@link dev.shortwave.config.Setting#changesLive changes live}. */
    public Future<Void> applyValue(SettingValue value) {
        Matcher instances = INSTANCES.matcher(value.setting().key());
        Future<Void> applied;
        if (instances.matches()) {
            applied = verticles.scale(instances.group(1), number(value), value.origin());
        } else if (value.setting().key().equals(Settings.LOG_LEVEL_KEY)) {
            Logging.setLevel(Config.LogLevel.valueOf(value.text().toUpperCase(Locale.ROOT)));
            LOG.info("{} counts from now on", value);
            applied = Future.succeededFuture();
        } else {
            throw new IllegalArgumentException(value.setting().key() + " does not change live");
        }
        return applied.onSuccess(done -> running.isRunning(value));
    }

    private static int number(SettingValue value) {
        return (Integer) value.setting().type().parse().apply(value.text());
    }
}
