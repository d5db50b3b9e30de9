package dev.shortwave.config;

import org.jspecify.annotations.Nullable;

/**
 * One thing that is wrong with the configuration, with all that is needed to correct it.
 *
 * @param key the setting, or the unknown name
 * @param value what was given, {@code <hidden>} for a secret, null where there is no single value
 * @param origin where it came from, in words
 * @param remedy the rest of the sentence: what is allowed, or what to do
 */
public record ConfigProblem(
        String key, @Nullable String value, @Nullable String origin, String remedy) {

    @Override
    public String toString() {
        StringBuilder line = new StringBuilder(key);
        if (value != null) {
            line.append(" = \"").append(value).append('"');
        }
        if (origin != null) {
            line.append(" (").append(origin).append(')');
        }
        return line.append(": ").append(remedy).toString();
    }
}
