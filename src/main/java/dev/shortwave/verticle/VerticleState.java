package dev.shortwave.verticle;

import java.util.List;

/**
 * What runs of one verticle.
 *
 * @param desired how many instances there shall be
 * @param actual how many take work now
 * @param retiring how many take no more work, and finish what they have
 * @param eventLoops how many run on each event loop, the retiring ones among them
 * @param workload what all of them have in hand
 */
public record VerticleState(
        String name, int desired, int actual, int retiring, Range range, List<Integer> eventLoops, Workload workload) {}
