package dev.shortwave.cache;

import dev.shortwave.link.Target;

/**
 * A link in memory.
 *
 * @param location the value of the {@code Location} header, ready to be sent
 * @param freshUntil of {@link System#nanoTime}: after that it has to be read again
 * @param epoch of {@link Trust} in which it was read
 */
public record CachedLink(Target target, String location, long freshUntil, int epoch) {}
