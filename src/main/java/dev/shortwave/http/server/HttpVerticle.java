package dev.shortwave.http.server;

import dev.shortwave.bus.Bus;
import dev.shortwave.cache.LinkCache;
import dev.shortwave.cache.LinkResolver;
import dev.shortwave.click.ClickAppenders;
import dev.shortwave.config.Config;
import dev.shortwave.http.connection.AddressLimit;
import dev.shortwave.http.connection.ClientPipeline;
import dev.shortwave.runtime.Load;
import dev.shortwave.runtime.Scalable;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The public server. Its instances share the port; each connection stays with one instance and its event loop. At the
 * stop no new connection is taken, and requests in flight get the configured time. An instance that goes while others stay
 * takes all the time that its clients need.
 */
public final class HttpVerticle extends VerticleBase implements Scalable {

    private static final int MAX_FORM_FIELD_SIZE = 64 * 1024;
    private static final int MAX_FORM_FIELDS = 16;

    /** Only an upload could take so long. */
    private static final long MAX_DRAIN_HOURS = 24;

    private final PublicRouter.Context shared;
    private final LinkCache caches;
    private final AcceptGate acceptGate;
    private final AddressLimit connectionLimit;
    private final IntConsumer listening;
    private @Nullable LinkResolver links;
    private ClickAppenders.@Nullable ClickAppender clicks;
    private volatile @Nullable Serving serving;
    private @Nullable Future<Void> drained;

    /** What there is while it serves. */
    private record Serving(HttpServer server, PublicRouter api, ConnectionDrainer connections) {}

    /**
     * @param acceptor of the port that all instances share
     * @param connectionLimit of clients, for all instances together
     * @param listening is told the port once the server listens
     */
    public HttpVerticle(
            PublicRouter.Context shared,
            LinkCache caches,
            AcceptGate acceptor,
            AddressLimit connectionLimit,
            IntConsumer listening) {
        this.shared = shared;
        this.caches = caches;
        this.acceptGate = acceptor;
        this.connectionLimit = connectionLimit;
        this.listening = listening;
    }

    @Override
    public Future<?> start() {
        Config.Http config = shared.config();
        Bus bus = new Bus(vertx.eventBus(), config.requestTimeout(), config.maxRequestsInFlight());
        return caches.openResolver(vertx, bus).compose(opened -> {
            links = opened;
            return shared.clicks().open().compose(appender -> listen(bus, opened, appender));
        });
    }

    private Future<?> listen(Bus bus, LinkResolver opened, ClickAppenders.ClickAppender appender) {
        clicks = appender;
        PublicRouter api = new PublicRouter(vertx, bus, shared, caches, opened, appender);
        ConnectionDrainer connections = new ConnectionDrainer(
                vertx, acceptGate, connectionLimit, shared.config().trustedProxies(), shared.metrics());
        Handler<HttpServerRequest> handler = api.handler();
        HttpServerOptions options = options(shared.config());
        ClientPipeline pipeline = new ClientPipeline(options, shared.config(), shared.metrics());
        Handler<HttpServerRequest> requests = request -> {
            connections.onRequest(request);
            handler.handle(request);
        };
        HttpServer made = vertx.createHttpServer(options)
                .connectionHandler(connection -> {
                    pipeline.install(connection, requests);
                    connections.onOpen(connection);
                })
                .requestHandler(requests)
                .invalidRequestHandler(api.invalidRequestHandler())
                // A client that goes away is no failure of ours.
                .exceptionHandler(gone -> {});
        serving = new Serving(made, api, connections);
        return made.listen().onSuccess(bound -> listening.accept(bound.actualPort()));
    }

    private static HttpServerOptions options(Config.Http config) {
        return ClientPipeline.options(config)
                .setHost(config.host())
                // A negative port is a free one that all instances share.
                .setPort(config.port() == 0 ? -1 : config.port())
                .setAcceptBacklog(config.acceptBacklog())
                // A part of a form without the name of a file is held in memory as a whole.
                .setMaxFormAttributeSize(MAX_FORM_FIELD_SIZE)
                .setMaxFormFields(MAX_FORM_FIELDS);
    }

    @Override
    public Load load() {
        Serving now = serving;
        return now == null
                ? new Load(0, 0)
                : new Load(now.connections().count(), now.api().inFlight().count());
    }

    @Override
    public Future<Void> drain() {
        Serving now = serving;
        if (now == null) {
            return Future.succeededFuture();
        }
        now.connections().startDraining();
        Promise<Void> alone = Promise.promise();
        acceptGate.pauseAccept(
                context,
                () -> now.server().shutdown(MAX_DRAIN_HOURS, TimeUnit.HOURS).onComplete(alone));
        // A client that went away may have left a redirect behind, and its click.
        Future<Void> done = alone.future().compose(gone -> now.api().inFlight().whenIdle());
        drained = done;
        return done;
    }

    @Override
    public Future<?> stop() {
        return stopServer()
                .onComplete(done -> {
                    if (clicks != null) {
                        clicks.close();
                    }
                })
                .eventually(() -> links == null ? Future.succeededFuture() : links.close());
    }

    private Future<Void> stopServer() {
        Serving now = serving;
        long patience = shared.config().drainTimeout().toMillis();
        if (now == null) {
            return Future.succeededFuture();
        } else if (drained == null) {
            return now.server().shutdown(patience, TimeUnit.MILLISECONDS);
        }
        now.connections().closeIdle();
        return drained.isComplete() || patience == 0
                ? Future.succeededFuture()
                : drained.timeout(patience, TimeUnit.MILLISECONDS).otherwiseEmpty();
    }
}
