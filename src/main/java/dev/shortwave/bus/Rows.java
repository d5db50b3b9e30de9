package dev.shortwave.bus;

import java.util.List;

/**
 * A part of a list.
 *
 * @param more whether there are further rows behind it
 */
public record Rows<T>(List<T> rows, boolean more) {}
