package dev.shortwave.runtime;

import java.util.List;

/**
 * The state of one verticle.
 *
 * @param desired how many instances are configured
 * @param actual how many accept work
 * @param draining how many accept no work and finish their requests
 * @param eventLoops how many run on each event loop, draining ones included
 * @param load of all of them
 */
public record VerticleState(
        String name,
        int desired,
        int actual,
        int draining,
        InstanceLimits limits,
        List<Integer> eventLoops,
        Load load) {}
