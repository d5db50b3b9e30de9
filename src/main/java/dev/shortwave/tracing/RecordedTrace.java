package dev.shortwave.tracing;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;

/**
 * A trace of which a part is exported: what is done for a request or a message with this one has spans below its own, until
 * that has ended.
 *
 * @param verb what its name begins with
 */
record RecordedTrace(Span span, String verb) implements Trace {

    private static final AttributeKey<String> ROUTE = AttributeKey.stringKey("http.route");

    @Override
    public String traceId() {
        return span.getSpanContext().getTraceId();
    }

    @Override
    public String header() {
        return "00-" + traceId() + "-" + span.getSpanContext().getSpanId() + "-01";
    }

    /** Words for why there is no route are for the log alone. */
    @Override
    public void route(String template) {
        if (template.startsWith("/")) {
            span.updateName(verb + " " + template).setAttribute(ROUTE, template);
        }
    }
}
