package dev.shortwave.http.api;

import dev.shortwave.config.Config;
import dev.shortwave.logging.Logging;
import dev.shortwave.metrics.Metrics;
import dev.shortwave.tracing.CurrentTrace;
import dev.shortwave.tracing.Trace;
import dev.shortwave.tracing.TraceParent;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.internal.http.HttpServerRequestInternal;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Writes a line for each answered request, or for one in so many. Says by which route it went, and not what was asked: URLs
 * may hold secrets. One for each server, on its event loop, which never waits for the output.
 */
public final class AccessLog {

    private static final Logger LOG = LoggerFactory.getLogger(Logging.ACCESS);

    /** The ratio has nine digits at most, so whole billionths add up without an error. */
    private static final long BILLIONTHS_PER_LINE = 1_000_000_000;

    private final long billionthsPerRequest;
    private final boolean clientAddresses;
    private final Forwarding forwarding;
    private long billionths;

    public AccessLog(Config.Log config, Forwarding forwarding) {
        this.billionthsPerRequest = Math.round(config.accessRatio() * BILLIONTHS_PER_LINE);
        this.clientAddresses = config.accessClientAddress();
        this.forwarding = forwarding;
    }

    /**
     * After the answer was handed to its connection. When the log is off this is one comparison.
     *
     * @param route its template, or a word for why there is none
     * @param started of {@link System#nanoTime}
     */
    public void log(HttpServerRequest request, String route, long started) {
        if (billionthsPerRequest > 0 && (billionths += billionthsPerRequest) >= BILLIONTHS_PER_LINE) {
            billionths -= BILLIONTHS_PER_LINE;
            write(request, route, System.nanoTime() - started);
        }
    }

    private void write(HttpServerRequest request, String route, long nanoseconds) {
        HttpServerResponse response = request.response();
        CharSequence requestId = response.headers().get(RequestIds.HEADER);
        if (!response.ended() || requestId == null) {
            // The client had gone before it could be answered.
            return;
        }
        LoggingEventBuilder line = LOG.atInfo()
                .addKeyValue("method", Metrics.method(request.method().name()))
                .addKeyValue("route", route)
                .addKeyValue("status", response.getStatusCode())
                .addKeyValue("microseconds", nanoseconds / 1_000)
                .addKeyValue("bytes", request.method().equals(HttpMethod.HEAD) ? 0L : response.bytesWritten())
                .addKeyValue("request_id", requestId);
        Trace trace = traceOf(request);
        if (trace != null) {
            line = line.addKeyValue("trace_id", trace.traceId());
        }
        if (clientAddresses) {
            line = line.addKeyValue("client", client(request));
        }
        line.log("Answered");
    }

    /** Where nothing was passed on, nobody has looked at the header yet. */
    private static @Nullable Trace traceOf(HttpServerRequest request) {
        Trace known = CurrentTrace.of(((HttpServerRequestInternal) request).context());
        return known != null ? known : TraceParent.parse(request.getHeader(TraceParent.HEADER));
    }

    private @Nullable String client(HttpServerRequest request) {
        String client = forwarding.client(request);
        return client == null ? request.remoteAddress().hostAddress() : client;
    }
}
