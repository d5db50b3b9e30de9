package dev.shortwave.bus;

import org.jspecify.annotations.Nullable;

/** Which links; null means any. {@code text} is searched in title, destination and code. */
public record LinkFilter(
        @Nullable Long userId,
        @Nullable Boolean active,
        @Nullable String code,
        @Nullable String text) {}
