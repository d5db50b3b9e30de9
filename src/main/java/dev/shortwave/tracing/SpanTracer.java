package dev.shortwave.tracing;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.vertx.core.Context;
import io.vertx.core.eventbus.Message;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.spi.tracing.TagExtractor;
import io.vertx.core.spi.tracing.VertxTracer;
import io.vertx.core.tracing.TracingPolicy;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes spans where Vert.x says that something begins and ends, on its event loops. Attributes are those named here, and no
 * others: nothing that a caller sent but its request id, no message of a failure. A request that is not sampled costs a look
 * at one header and a random number.
 */
final class SpanTracer implements VertxTracer<@Nullable Span, @Nullable Span> {

    /** On messages of the bus, which stay in this JVM, so nobody else can send it. */
    private static final String PARENT = "recorded-parent";

    private static final Set<HttpMethod> METHODS = Set.of(
            HttpMethod.GET,
            HttpMethod.HEAD,
            HttpMethod.POST,
            HttpMethod.PUT,
            HttpMethod.PATCH,
            HttpMethod.DELETE,
            HttpMethod.OPTIONS);

    private static final AttributeKey<String> METHOD = AttributeKey.stringKey("http.request.method");
    private static final AttributeKey<Long> STATUS = AttributeKey.longKey("http.response.status_code");
    private static final AttributeKey<String> REQUEST_ID = AttributeKey.stringKey("shortwave.request_id");
    private static final AttributeKey<String> CACHE = AttributeKey.stringKey("shortwave.cache");
    private static final AttributeKey<String> MESSAGING = AttributeKey.stringKey("messaging.system");
    private static final AttributeKey<String> DESTINATION = AttributeKey.stringKey("messaging.destination.name");
    private static final AttributeKey<String> DATABASE = AttributeKey.stringKey("db.system.name");
    private static final AttributeKey<String> QUERY = AttributeKey.stringKey("db.query.text");
    private static final AttributeKey<String> OPERATION = AttributeKey.stringKey("db.operation.name");
    private static final AttributeKey<String> ERROR = AttributeKey.stringKey("error.type");

    private static final int FIRST_SERVER_ERROR = 500;

    private final Tracer tracer;
    private final RateLimitingSampler sampling;
    private final LongAdder ended;

    /**
     * @param ended counts spans
     */
    SpanTracer(Tracer tracer, RateLimitingSampler sampling, LongAdder ended) {
        this.tracer = tracer;
        this.sampling = sampling;
        this.ended = ended;
    }

    @Override
    public <R> @Nullable Span receiveRequest(
            Context context,
            io.vertx.core.spi.tracing.SpanKind kind,
            TracingPolicy policy,
            R request,
            String operation,
            Iterable<Map.Entry<String, String>> headers,
            TagExtractor<R> tags) {
        if (policy == TracingPolicy.IGNORE) {
            return null;
        } else if (request instanceof HttpServerRequest asked) {
            return serve(context, asked);
        } else if (request instanceof Message<?> message) {
            return process(context, message);
        }
        return null;
    }

    private @Nullable Span serve(Context context, HttpServerRequest request) {
        TraceParent caller = TraceParent.parse(request.getHeader(TraceParent.HEADER));
        if (!sampling.sample(caller)) {
            return null;
        }
        boolean isKnown = METHODS.contains(request.method());
        String verb = isKnown ? request.method().name() : "HTTP";
        SpanBuilder span = tracer.spanBuilder(verb)
                .setParent(caller == null ? root() : root().with(Span.wrap(remote(caller))))
                .setSpanKind(SpanKind.SERVER)
                .setAttribute(METHOD, isKnown ? verb : "_OTHER");
        return begin(context, span, verb);
    }

    private @Nullable Span process(Context context, Message<?> message) {
        TraceParent parent = TraceParent.parse(message.headers().get(PARENT));
        if (parent == null) {
            return null;
        }
        String name = "process " + message.address();
        SpanContext sent = SpanContext.create(
                parent.traceId(), parent.parentId(), TraceFlags.getSampled(), TraceState.getDefault());
        return begin(
                context, ofMessage(name, SpanKind.CONSUMER, message).setParent(root().with(Span.wrap(sent))), name);
    }

    private SpanBuilder ofMessage(String name, SpanKind kind, Message<?> message) {
        return tracer.spanBuilder(name)
                .setSpanKind(kind)
                .setAttribute(MESSAGING, "vertx-eventbus")
                .setAttribute(DESTINATION, message.address());
    }

    private static Span begin(Context context, SpanBuilder builder, String verb) {
        Span span = builder.startSpan();
        CurrentTrace.begin(context, new RecordedTrace(span, verb));
        return span;
    }

    private static SpanContext remote(TraceParent caller) {
        return SpanContext.createFromRemoteParent(
                caller.traceId(), caller.parentId(), TraceFlags.getSampled(), TraceState.getDefault());
    }

    /** Not Vert.x's context, and nothing of the thread. */
    private static io.opentelemetry.context.Context root() {
        return io.opentelemetry.context.Context.root();
    }

    @Override
    public <R> void sendResponse(
            Context context, R response, @Nullable Span span, @Nullable Throwable failure, TagExtractor<R> tags) {
        if (span == null) {
            return;
        }
        if (response instanceof HttpServerResponse answer) {
            span.setAttribute(STATUS, (long) answer.getStatusCode())
                    .setAttribute(REQUEST_ID, answer.headers().get("x-request-id"))
                    .setAttribute(CACHE, answer.headers().get("x-cache"));
            if (answer.getStatusCode() >= FIRST_SERVER_ERROR) {
                span.setStatus(StatusCode.ERROR);
            }
        }
        end(span, failure);
    }

    /** Only for what is done for a request or message that has a span, and for that only until its end. */
    @Override
    public <R> @Nullable Span sendRequest(
            Context context,
            io.vertx.core.spi.tracing.SpanKind kind,
            TracingPolicy policy,
            R request,
            String operation,
            BiConsumer<String, String> headers,
            TagExtractor<R> tags) {
        if (context == null
                || !(CurrentTrace.of(context) instanceof RecordedTrace parent)
                || !parent.span().isRecording()) {
            return null;
        }
        io.opentelemetry.context.Context above = root().with(parent.span());
        if (request instanceof Message<?> message) {
            if (message.replyAddress() == null) {
                // Nobody waits for what that leads to, and it may go on for ever.
                return null;
            }
            String name = "send " + message.address();
            Span span =
                    ofMessage(name, SpanKind.PRODUCER, message).setParent(above).startSpan();
            headers.accept(PARENT, new RecordedTrace(span, name).header());
            return span;
        }
        return ofQuery(request, tags).setParent(above).startSpan();
    }

    /** PostgreSQL has the statement, whose values are parameters; Redis the name of the command. */
    private <R> SpanBuilder ofQuery(R request, TagExtractor<R> tags) {
        String statement = tag(request, tags, QUERY.getKey());
        String operation = statement == null ? tag(request, tags, OPERATION.getKey()) : firstWord(statement);
        return tracer.spanBuilder(operation == null ? "query" : operation)
                .setSpanKind(SpanKind.CLIENT)
                .setAttribute(DATABASE, tag(request, tags, "db.system"))
                .setAttribute(QUERY, statement)
                .setAttribute(OPERATION, operation);
    }

    private static String firstWord(String statement) {
        return statement.strip().split("\\W", 2)[0].toUpperCase(Locale.ROOT);
    }

    private static <R> @Nullable String tag(R request, TagExtractor<R> tags, String name) {
        for (int at = 0; at < tags.len(request); at++) {
            if (tags.name(request, at).equals(name)) {
                return tags.value(request, at);
            }
        }
        return null;
    }

    @Override
    public <R> void receiveResponse(
            Context context, R response, @Nullable Span span, @Nullable Throwable failure, TagExtractor<R> tags) {
        if (span != null) {
            end(span, failure);
        }
    }

    /** The message of a failure may hold what a caller sent. */
    private void end(Span span, @Nullable Throwable failure) {
        if (failure != null) {
            span.setStatus(StatusCode.ERROR)
                    .setAttribute(ERROR, failure.getClass().getName());
        }
        span.end();
        ended.increment();
    }
}
