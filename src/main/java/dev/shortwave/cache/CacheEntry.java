package dev.shortwave.cache;

import dev.shortwave.link.LinkTarget;

/**
 * A link in memory.
 *
 * @param location the value of the {@code Location} header, ready to be sent
 * @param freshUntil of {@link System#nanoTime}: after that it has to be read again
 * @param epoch of {@link CacheLease} in which it was read
 */
public record CacheEntry(LinkTarget target, String location, long freshUntil, int epoch) {}
