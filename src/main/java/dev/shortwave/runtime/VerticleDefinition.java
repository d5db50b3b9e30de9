package dev.shortwave.runtime;

import io.vertx.core.VerticleBase;
import java.util.function.Supplier;

/**
 * One verticle, as the topology lists it.
 *
 * @param name as in the setting {@code verticles.NAME.instances}, where there is one
 * @param instances how many there are at the start
 * @param limits how many there may be
 * @param verticle creates an instance
 */
public record VerticleDefinition(
        String name, int instances, InstanceLimits limits, Supplier<? extends VerticleBase> verticle) {}
