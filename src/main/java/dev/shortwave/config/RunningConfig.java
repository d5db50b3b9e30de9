package dev.shortwave.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The settings that this process runs on. They differ from the file when it was edited, until the next start, and when an
 * operator changed one over the management port. Thread-safe.
 */
public final class RunningConfig {

    private final Map<String, SettingValue> running = new LinkedHashMap<>();
    private final Map<String, SettingValue> read = new LinkedHashMap<>();

    public RunningConfig(Config config) {
        config.values().forEach(value -> running.put(value.setting().key(), value));
        read.putAll(running);
    }

    /** All current settings, in the order of the file. */
    public synchronized List<SettingValue> values() {
        return Settings.all().stream()
                .flatMap(setting -> Stream.ofNullable(running.get(setting.key())))
                .toList();
    }

    /** The current value of one setting, or null if there is none of this key. */
    public synchronized @Nullable SettingValue value(String key) {
        return running.get(key);
    }

    /** The value after the next start, or null if it will not change. */
    public synchronized @Nullable SettingValue pending(String key) {
        SettingValue now = running.get(key);
        SettingValue next = read.get(key);
        boolean isPending = now != null
                && next != null
                && !next.setting().isReloadable()
                && !next.text().equals(now.text());
        return isPending ? next : null;
    }

    /** The values that differ from those that were read last. */
    public synchronized List<SettingValue> changes(Config reread) {
        return reread.values().stream()
                .filter(value -> {
                    SettingValue before = read.get(value.setting().key());
                    return before == null || !before.text().equals(value.text());
                })
                .toList();
    }

    /** Sets the values that were read last. */
    public synchronized void setRead(Config config) {
        config.values().forEach(value -> read.put(value.setting().key(), value));
    }

    /** Sets the value that the service runs on. */
    public synchronized void setRunning(SettingValue value) {
        running.put(value.setting().key(), value);
    }
}
