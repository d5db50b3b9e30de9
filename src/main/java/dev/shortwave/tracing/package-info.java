/** The trace context of a request, and the spans that go to an OpenTelemetry collector if {@code tracing.endpoint} names one. */
@NullMarked
package dev.shortwave.tracing;

import org.jspecify.annotations.NullMarked;
