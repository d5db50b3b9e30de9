/** Spans of requests, and their way to a collector of OpenTelemetry. Loaded only where {@code tracing.endpoint} names one. */
@NullMarked
package dev.shortwave.span;

import org.jspecify.annotations.NullMarked;
