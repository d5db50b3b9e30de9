package dev.shortwave.config;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where a configuration was read from, and can be read again.
 *
 * @param file the YAML file
 * @param home the folder that relative paths of settings start from
 * @param environment given instead of the process's own, or null
 * @param properties given instead of the process's own, or null
 */
public record ConfigSource(
        Path file,
        Path home,
        @Nullable Map<String, String> environment,
        @Nullable Map<String, String> properties) {

    /** Without what may be secret. */
    @Override
    public String toString() {
        return "ConfigSource[" + file + "]";
    }
}
