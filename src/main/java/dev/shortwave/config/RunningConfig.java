package dev.shortwave.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The settings that this process runs on. They part from what the file says when the file is edited, until the next start,
 * and when an operator changes one over the management port. Thread-safe.
 */
public final class RunningConfig {

    private final Map<String, SettingValue> running = new LinkedHashMap<>();
    private final Map<String, SettingValue> read = new LinkedHashMap<>();

    public RunningConfig(Config config) {
        config.values().forEach(value -> running.put(value.setting().key(), value));
        read.putAll(running);
    }

    /** All settings as they count now, in the order of the file. */
    public synchronized List<SettingValue> values() {
        return Settings.all().stream()
                .flatMap(setting -> Stream.ofNullable(running.get(setting.key())))
                .toList();
    }

    /** What counts now of one setting, or null if there is none of this key. */
    public synchronized @Nullable SettingValue value(String key) {
        return running.get(key);
    }

    /** What will count after the next start, or null if nothing else will. */
    public synchronized @Nullable SettingValue pending(String key) {
        SettingValue now = running.get(key);
        SettingValue next = read.get(key);
        boolean waits = now != null
                && next != null
                && !next.setting().isReloadable()
                && !next.text().equals(now.text());
        return waits ? next : null;
    }

    /** What has changed since the sources were read the last time. */
    public synchronized List<SettingValue> changes(Config reread) {
        return reread.values().stream()
                .filter(value -> {
                    SettingValue before = read.get(value.setting().key());
                    return before == null || !before.text().equals(value.text());
                })
                .toList();
    }

    /** This is what the sources say now. */
    public synchronized void reread(Config config) {
        config.values().forEach(value -> read.put(value.setting().key(), value));
    }

    /** This counts from now on. */
    public synchronized void isRunning(SettingValue value) {
        running.put(value.setting().key(), value);
    }
}
