package dev.shortwave.bus;

import org.jspecify.annotations.Nullable;

/** Which events; null means any. */
public record EventFilter(
        @Nullable Long urlId,
        @Nullable Long userId,
        @Nullable String type) {}
