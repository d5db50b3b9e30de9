/** Counters and timers, cheap enough for the redirect, in the Prometheus format. */
@NullMarked
package dev.shortwave.metrics;

import org.jspecify.annotations.NullMarked;
