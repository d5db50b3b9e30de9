package dev.shortwave.bus;

import java.util.List;

/**
 * One page of a list.
 *
 * @param hasMore whether there are further rows behind it
 */
public record Page<T>(List<T> rows, boolean hasMore) {}
