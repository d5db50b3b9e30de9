package dev.shortwave.http;

import dev.shortwave.bus.Bus;
import dev.shortwave.cache.LinkCaches;
import dev.shortwave.cache.LinkFinder;
import dev.shortwave.click.ClickLog;
import dev.shortwave.config.Config;
import dev.shortwave.verticle.Scalable;
import dev.shortwave.verticle.Workload;
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
    private static final long LONGEST_FAREWELL_HOURS = 24;

    private final PublicApi.Shared shared;
    private final LinkCaches caches;
    private final Acceptor acceptor;
    private final AddressLimit connectionLimit;
    private final IntConsumer listening;
    private @Nullable LinkFinder links;
    private ClickLog.@Nullable Appender clicks;
    private volatile @Nullable Serving serving;
    private @Nullable Future<Void> retired;

    /** What there is while it serves. */
    private record Serving(HttpServer server, PublicApi api, Connections connections) {}

    /**
     * @param acceptor of the port that all instances share
     * @param connectionLimit of clients, for all instances together
     * @param listening is told the port once the server listens
     */
    public HttpVerticle(
            PublicApi.Shared shared,
            LinkCaches caches,
            Acceptor acceptor,
            AddressLimit connectionLimit,
            IntConsumer listening) {
        this.shared = shared;
        this.caches = caches;
        this.acceptor = acceptor;
        this.connectionLimit = connectionLimit;
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
        Connections connections = new Connections(
                vertx, acceptor, connectionLimit, shared.config().trustedProxies(), shared.metrics());
        Handler<HttpServerRequest> handler = api.handler();
        HttpServerOptions options = options(shared.config());
        ClientPipeline pipeline = new ClientPipeline(options, shared.config(), shared.metrics());
        Handler<HttpServerRequest> requests = request -> {
            connections.asked(request);
            handler.handle(request);
        };
        HttpServer made = vertx.createHttpServer(options)
                .connectionHandler(connection -> {
                    pipeline.install(connection, requests);
                    connections.opened(connection);
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
    public Workload workload() {
        Serving now = serving;
        return now == null
                ? new Workload(0, 0)
                : new Workload(now.connections().count(), now.api().inHand().count());
    }

    @Override
    public Future<Void> retire() {
        Serving now = serving;
        if (now == null) {
            return Future.succeededFuture();
        }
        now.connections().part();
        Promise<Void> alone = Promise.promise();
        acceptor.whileNothingComes(
                context,
                () -> now.server()
                        .shutdown(LONGEST_FAREWELL_HOURS, TimeUnit.HOURS)
                        .onComplete(alone));
        // A client that went away may have left a redirect behind, and its click.
        Future<Void> done = alone.future().compose(gone -> now.api().inHand().nothing());
        retired = done;
        return done;
    }

    @Override
    public Future<?> stop() {
        return drain().onComplete(done -> {
                    if (clicks != null) {
                        clicks.close();
                    }
                })
                .eventually(() -> links == null ? Future.succeededFuture() : links.close());
    }

    private Future<Void> drain() {
        Serving now = serving;
        long patience = shared.config().drainTimeout().toMillis();
        if (now == null) {
            return Future.succeededFuture();
        } else if (retired == null) {
            return now.server().shutdown(patience, TimeUnit.MILLISECONDS);
        }
        now.connections().closeIdle();
        return retired.isComplete() || patience == 0
                ? Future.succeededFuture()
                : retired.timeout(patience, TimeUnit.MILLISECONDS).otherwiseEmpty();
    }
}
