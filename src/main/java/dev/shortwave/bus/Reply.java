package dev.shortwave.bus;

import org.jspecify.annotations.Nullable;

/** The answer to a {@link Request}: a value, or why there is none. Exactly one of the two counts. */
record Reply(@Nullable Object value, @Nullable Throwable failure) {}
