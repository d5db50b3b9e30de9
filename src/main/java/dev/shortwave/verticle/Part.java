package dev.shortwave.verticle;

import io.vertx.core.VerticleBase;
import java.util.function.Supplier;

/**
 * One entry of the list of verticles.
 *
 * @param name as in the setting {@code verticles.NAME.instances}, where there is one
 * @param instances how many there are at the start
 * @param range how many there may be
 * @param verticle makes a new instance
 */
public record Part(String name, int instances, Range range, Supplier<? extends VerticleBase> verticle) {}
