package dev.shortwave.http;

import dev.shortwave.bus.Bus;
import dev.shortwave.cache.LinkCaches;
import dev.shortwave.cache.LinkFinder;
import dev.shortwave.click.ClickLog;
import dev.shortwave.config.Config;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The public server. Its instances share the port; each connection stays with one instance and its event loop. At the
 * stop no new connection is taken, and requests in flight get the configured time.
 */
public final class HttpVerticle extends VerticleBase {

    private static final int LONGEST_REQUEST_LINE = 8 * 1024;
    private static final int LARGEST_HEADERS = 16 * 1024;

    private final PublicApi.Shared shared;
    private final LinkCaches caches;
    private final IntConsumer listening;
    private @Nullable HttpServer server;
    private @Nullable LinkFinder links;
    private ClickLog.@Nullable Appender clicks;

    /**
     * @param listening is told the port once the server listens
     */
    public HttpVerticle(PublicApi.Shared shared, LinkCaches caches, IntConsumer listening) {
        this.shared = shared;
        this.caches = caches;
        this.listening = listening;
    }

    @Override
    public Future<?> start() {
        Config.Http config = shared.config();
        Bus bus = new Bus(vertx.eventBus(), config.requestTimeout(), config.maxRequestsInFlight());
        return caches.openFinder(vertx, bus).compose(opened -> {
            links = opened;
            return shared.clicks().open().compose(appender -> listen(bus, opened, appender));
        });
    }

    private Future<?> listen(Bus bus, LinkFinder opened, ClickLog.Appender appender) {
        clicks = appender;
        PublicApi api = new PublicApi(vertx, bus, shared, caches, opened, appender);
        HttpServer made = vertx.createHttpServer(options(shared.config()))
                .requestHandler(api.handler())
                .invalidRequestHandler(request -> refuse(request, api.requestIds()))
                // A client that goes away is no failure of ours.
                .exceptionHandler(gone -> {});
        server = made;
        return made.listen().onSuccess(bound -> listening.accept(bound.actualPort()));
    }

    private static HttpServerOptions options(Config.Http config) {
        return new HttpServerOptions()
                .setHost(config.host())
                // A negative port is a free one that all instances share.
                .setPort(config.port() == 0 ? -1 : config.port())
                .setAcceptBacklog(config.acceptBacklog())
                // Of reading only: watching writes too costs each answer a promise.
                .setReadIdleTimeout((int) config.idleTimeout().toSeconds())
                .setIdleTimeoutUnit(TimeUnit.SECONDS)
                .setMaxInitialLineLength(LONGEST_REQUEST_LINE)
                .setMaxHeaderSize(LARGEST_HEADERS)
                .setHttp2ClearTextEnabled(false)
                .setCompressionSupported(false)
                // There are no WebSockets here, and what waits for them looks at every request and answer.
                .setPerFrameWebSocketCompressionSupported(false)
                .setPerMessageWebSocketCompressionSupported(false)
                .setHandle100ContinueAutomatically(true);
    }

    /** What is not HTTP, or too long for us, never reaches a route. */
    private static void refuse(HttpServerRequest request, RequestIds requestIds) {
        Throwable cause = request.decoderResult().cause();
        int status = 400;
        if (cause instanceof TooLongHttpLineException) {
            status = 414;
        } else if (cause instanceof TooLongHttpHeaderException) {
            status = 431;
        }
        Answer answer = Answer.problem(Problems.ofStatus(status)).with(HttpHeaders.CONNECTION, "close");
        Routes.send(request, requestIds.of(request), answer);
        request.connection().close();
    }

    @Override
    public Future<?> stop() {
        Future<Void> drained = server == null
                ? Future.succeededFuture()
                : server.shutdown(shared.config().drainTimeout().toMillis(), TimeUnit.MILLISECONDS);
        return drained.onComplete(done -> {
                    if (clicks != null) {
                        clicks.close();
                    }
                })
                .eventually(() -> links == null ? Future.succeededFuture() : links.close());
    }
}
