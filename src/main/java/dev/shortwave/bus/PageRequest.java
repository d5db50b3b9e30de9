package dev.shortwave.bus;

/**
 * Which part of a list, in the order of ids.
 *
 * @param after rows beyond this id only: above it, or below it when {@code descending}; negative for no bound
 * @param offset rows to skip before the first; for numbered pages
 * @param limit maximum number of rows
 * @param descending newest first
 */
public record PageRequest(long after, long offset, int limit, boolean descending) {}
