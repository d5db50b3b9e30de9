package dev.shortwave.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One setting: its key in the file, its default, its type, and its aliases.
 *
 * @param key dotted path in {@code conf/shortwave.yaml}, for example {@code http.idle-timeout}
 * @param defaultText the default as it would stand in the file; empty means "not set"
 * @param type how the text becomes a value, and what is allowed
 * @param secret whether the value must never be shown
 * @param aliases environment variables under which platforms set it, besides {@link #environmentName()}
 * @param isReloadable whether a change takes effect while the service runs
 */
public record Setting<T>(
        String key,
        String defaultText,
        SettingType<T> type,
        boolean secret,
        List<String> aliases,
        boolean isReloadable) {

    /** Prefix of the environment variable that every setting has. */
    public static final String ENVIRONMENT_PREFIX = "SHORTWAVE_";

    /** Prefix of the system property that every setting has. */
    public static final String PROPERTY_PREFIX = "shortwave.";

    static <T> Setting<T> of(String key, String defaultText, SettingType<T> type, String... aliases) {
        return new Setting<>(key, defaultText, type, false, List.of(aliases), false);
    }

    static <T> Setting<T> secret(String key, SettingType<T> type, String... aliases) {
        return new Setting<>(key, "", type, true, List.of(aliases), false);
    }

    /** A copy whose changes take effect at once. */
    Setting<T> reloadable() {
        return new Setting<>(key, defaultText, type, secret, aliases, true);
    }

    /** {@code http.idle-timeout} is {@code SHORTWAVE_HTTP_IDLE_TIMEOUT} in the environment. */
    public String environmentName() {
        return environmentName(key);
    }

    static String environmentName(String key) {
        return ENVIRONMENT_PREFIX
                + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    /** {@code http.port} is {@code -Dshortwave.http.port} on the command line. */
    public String propertyName() {
        return propertyName(key);
    }

    static String propertyName(String key) {
        return PROPERTY_PREFIX + key;
    }

    /** All environment variables that set it, in the order of precedence. */
    public List<String> environmentNames() {
        List<String> names = new ArrayList<>();
        names.add(environmentName());
        names.addAll(aliases);
        return names;
    }
}
