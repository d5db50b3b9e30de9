package dev.shortwave.bus;

import org.jspecify.annotations.Nullable;

/** The reply to a {@link Request}: a value, or a failure. Exactly one of the two is set. */
record Reply(@Nullable Object value, @Nullable Throwable failure) {}
