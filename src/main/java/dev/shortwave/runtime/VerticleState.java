package dev.shortwave.runtime;

import java.util.List;

/**
 * What runs of one verticle.
 *
 * @param desired how many instances there shall be
 * @param actual how many take work now
 * @param draining how many take no more work, and finish what they have
 * @param eventLoops how many run on each event loop, the retiring ones among them
 * @param load what all of them have in hand
 */
public record VerticleState(
        String name,
        int desired,
        int actual,
        int draining,
        InstanceLimits limits,
        List<Integer> eventLoops,
        Load load) {}
