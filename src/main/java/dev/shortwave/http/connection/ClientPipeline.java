package dev.shortwave.http.connection;

import dev.shortwave.config.Config;
import dev.shortwave.metrics.Metrics;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.impl.HttpServerConnection;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** How both ports speak HTTP: the limits of their servers, and what each connection gets in addition to Vert.x's own. */
public final class ClientPipeline {

    private static final int MAX_INITIAL_LINE_LENGTH = 8 * 1024;
    private static final int MAX_HEADER_SIZE = 16 * 1024;

    /** Vert.x's own names. */
    private static final String DECODER = "httpDecoder";

    private static final String HANDLER = "handler";
    private static final String GUARD = "guard";

    private final HttpServerOptions options;
    private final Config.Http config;
    private final Metrics metrics;

    public ClientPipeline(HttpServerOptions options, Config.Http config, Metrics metrics) {
        this.options = options;
        this.config = config;
        this.metrics = metrics;
    }

    /** The options of a server, without its address. */
    public static HttpServerOptions options(Config.Http config) {
        return new HttpServerOptions()
                // Of reading only: watching writes too costs each answer a promise.
                .setReadIdleTimeout((int) config.idleTimeout().toSeconds())
                .setIdleTimeoutUnit(TimeUnit.SECONDS)
                .setMaxInitialLineLength(MAX_INITIAL_LINE_LENGTH)
                .setMaxHeaderSize(MAX_HEADER_SIZE)
                .setHttp2ClearTextEnabled(false)
                .setCompressionSupported(false)
                // There are no WebSockets here, and what waits for them looks at every request and answer.
                .setPerFrameWebSocketCompressionSupported(false)
                .setPerMessageWebSocketCompressionSupported(false);
    }

    /** Prepares a connection before its first request; {@code handler} then gets its requests. */
    public void install(HttpConnection connection, Handler<HttpServerRequest> handler) {
        HttpServerConnection server = (HttpServerConnection) connection;
        ChannelPipeline pipeline = server.channelHandlerContext().pipeline();
        RequestDecoder decoder = new RequestDecoder(options, config.headerTimeout(), config.bodyTimeout());
        ConnectionGuard guard = new ConnectionGuard(decoder, metrics);
        pipeline.replace(DECODER, DECODER, decoder);
        pipeline.addBefore(HANDLER, GUARD, guard);
        ChannelHandlerContext context = Objects.requireNonNull(pipeline.context(guard));
        decoder.onBodyTimeout(timeout -> guard.bodyTimedOut(context, timeout));
        connection.exceptionHandler(guard::failed);
        server.handler(request -> {
            guard.begin(request);
            handler.handle(request);
        });
    }

    public static Channel channel(HttpConnection connection) {
        return ((HttpServerConnection) connection).channelHandlerContext().channel();
    }

    /** Lifts the deadline of a request's body, which has limits of its own. */
    public static void exemptBody(HttpServerRequest request) {
        RequestDecoder decoder = decoder(request);
        if (decoder != null) {
            decoder.exemptBody();
        }
    }

    /** Sets the deadline again for what is left of a body, once the request is answered without it. */
    public static void limitBody(HttpServerRequest request) {
        RequestDecoder decoder = decoder(request);
        if (decoder != null && !request.isEnded()) {
            decoder.limitBody();
        }
    }

    private static @Nullable RequestDecoder decoder(HttpServerRequest request) {
        return channel(request.connection()).pipeline().get(RequestDecoder.class);
    }
}
