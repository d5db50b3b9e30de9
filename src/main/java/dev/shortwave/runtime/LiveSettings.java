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
 * Applies changed settings to the running service: from the file, all of them or, if one is invalid, none; and single ones
 * that an operator sets. The last change wins. Thread-safe.
 */
public final class LiveSettings {

    private static final Logger LOG = LoggerFactory.getLogger(LiveSettings.class);

    private static final Pattern INSTANCES = Pattern.compile("verticles\\.(.+)\\.instances");

    private final RunningConfig running;
    private final VerticleManager verticles;
    private final Supplier<Future<Config>> source;
    private volatile @Nullable Refusal refusal;

    /**
     * Why the current settings are not applied.
     *
     * @param blocksStart whether they are invalid; otherwise they only exceed what this JVM was started with
     * @param since when they were first refused, without a success since
     * @param problems each with the setting, its value and origin
     */
    public record Refusal(boolean blocksStart, Instant since, List<String> problems) {}

    /**
     * @param source reads the configuration
     */
    public LiveSettings(RunningConfig running, VerticleManager verticles, Supplier<Future<Config>> source) {
        this.running = running;
        this.verticles = verticles;
        this.source = source;
    }

    /**
     * Reads the configuration again and applies what has changed.
     *
     * @return the changes; fails with {@link ConfigException} if anything is invalid, and then nothing has changed
     */
    public Future<List<SettingValue>> reload() {
        return source.get().onFailure(invalid -> refuse(invalid, true)).compose(this::applyChanges);
    }

    /** The refusal of the last reload; null if it was applied. */
    public @Nullable Refusal refusal() {
        return refusal;
    }

    /** Logs with a field, so that the filter of duplicates lets each attempt through. */
    private void refuse(Throwable failure, boolean blocksStart) {
        List<String> problems = failure instanceof ConfigException invalid
                ? invalid.problems().stream().map(ConfigProblem::toString).toList()
                : List.of(String.valueOf(failure.getMessage()));
        Refusal before = refusal;
        refusal = new Refusal(blocksStart, before == null ? Instant.now() : before.since(), problems);
        LOG.atError()
                .addKeyValue("problems", problems.size())
                .log(
                        "Config reload failed; the service keeps the current settings:\n  {}",
                        String.join("\n", problems).replace("\n", "\n  "));
    }

    private Future<List<SettingValue>> applyChanges(Config reloaded) {
        List<SettingValue> changes = running.changes(reloaded);
        List<ConfigProblem> problems =
                changes.stream().map(this::problem).filter(Objects::nonNull).toList();
        if (!problems.isEmpty()) {
            ConfigException exceeded = new ConfigException(problems);
            refuse(exceeded, false);
            return Future.failedFuture(exceeded);
        }
        running.setRead(reloaded);
        if (changes.isEmpty()) {
            LOG.info(
                    refusal != null
                            ? "The settings are valid again, and no value has changed"
                            : "Settings reloaded, no value has changed (the environment and system properties take precedence"
                                    + " over the file)");
        }
        refusal = null;
        List<Future<Void>> applied = changes.stream().map(this::apply).toList();
        return Future.join(applied)
                .onFailure(failure -> LOG.error("Not all changed settings were applied: {}", failure.getMessage()))
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
        SettingValue current = running.value(value.setting().key());
        if (running.pending(value.setting().key()) == null) {
            LOG.info("{} equals the running value again", value);
        } else {
            LOG.warn(
                    "{} takes effect at the next start; until then it is {}",
                    value,
                    current == null ? "" : current.redacted());
        }
        return Future.succeededFuture();
    }

    /** Applies a {@linkplain dev.shortwave.config.Setting#isReloadable reloadable} setting. */
    public Future<Void> applyValue(SettingValue value) {
        Matcher instances = INSTANCES.matcher(value.setting().key());
        Future<Void> applied;
        if (instances.matches()) {
            applied = verticles.scale(instances.group(1), number(value), value.origin());
        } else if (value.setting().key().equals(Settings.LOG_LEVEL_KEY)) {
            Logging.setLevel(Config.LogLevel.valueOf(value.text().toUpperCase(Locale.ROOT)));
            LOG.info("Applied {}", value);
            applied = Future.succeededFuture();
        } else {
            throw new IllegalArgumentException(value.setting().key() + " is not reloadable");
        }
        return applied.onSuccess(any -> running.setRunning(value));
    }

    private static int number(SettingValue value) {
        return (Integer) value.setting().type().parse().apply(value.text());
    }
}
