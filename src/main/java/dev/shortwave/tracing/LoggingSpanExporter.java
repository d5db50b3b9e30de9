package dev.shortwave.tracing;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.io.IOException;
import java.util.Collection;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts what a collector has taken, and says in our log what it has not. On the thread of the batches. */
final class LoggingSpanExporter implements SpanExporter {

    private static final Logger LOG = LoggerFactory.getLogger(LoggingSpanExporter.class);

    private final SpanExporter exporter;
    private final String endpoint;
    private final LongAdder taken;

    /**
     * @param place for the log
     * @param taken counts spans
     */
    LoggingSpanExporter(SpanExporter exporter, String place, LongAdder taken) {
        this.exporter = exporter;
        this.endpoint = place;
        this.taken = taken;
    }

    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
        CompletableResultCode result = exporter.export(spans);
        return result.whenComplete(() -> {
            if (result.isSuccess()) {
                taken.add(spans.size());
            } else {
                LOG.warn(
                        "The collector at {} did not take {} span(s), which are lost: {}",
                        endpoint,
                        spans.size(),
                        reason(result));
            }
        });
    }

    private static String reason(CompletableResultCode result) {
        Throwable cause = result.getFailureThrowable();
        while (cause != null && !(cause instanceof IOException)) {
            cause = cause.getCause();
        }
        if (cause == null) {
            return "it answered something else than OTLP over HTTP does; is the path of tracing.endpoint right?";
        }
        String name = cause.getClass().getSimpleName();
        return cause.getMessage() == null ? name : name + ": " + cause.getMessage();
    }

    @Override
    public CompletableResultCode flush() {
        return exporter.flush();
    }

    @Override
    public CompletableResultCode shutdown() {
        return exporter.shutdown();
    }
}
