package dev.shortwave.http;

import dev.shortwave.bus.Bus;
import dev.shortwave.bus.FlushPeers;
import dev.shortwave.cache.LinkCaches;
import dev.shortwave.cache.LinkFinder;
import dev.shortwave.click.ClickLog;
import dev.shortwave.config.Config;
import dev.shortwave.config.Release;
import dev.shortwave.health.Dependencies;
import dev.shortwave.health.HealthCheck;
import dev.shortwave.health.Readiness;
import dev.shortwave.link.Destinations;
import dev.shortwave.metrics.Metrics;
import dev.shortwave.verticle.InHand;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.internal.VertxInternal;
import io.vertx.ext.web.Router;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** The public server's routes, put together. One for each verticle instance. */
public final class PublicApi {

    /** What all instances share. */
    public record Shared(
            Config.Http config,
            Config.Links links,
            Config.Log log,
            ClickLog clicks,
            Metrics metrics,
            Readiness readiness,
            Dependencies dependencies,
            Assets assets,
            Release release,
            AddressLimit requestLimit) {}

    private static final long LONGEST_WAIT_FOR_CLICKS_SECONDS = 2;

    private final Redirector redirector;
    private final Routes routes;
    private final InHand inHand = new InHand();

    /** For one instance, with its own bus and cache, on its event loop. */
    public PublicApi(
            Vertx vertx, Bus bus, Shared shared, LinkCaches caches, LinkFinder links, ClickLog.Appender clicks) {
        Config.Http config = shared.config();
        Router router = Router.router(vertx);
        RequestIds requestIds = new RequestIds();
        Forwarding forwarding = new Forwarding(config.trustedProxies());
        AccessLog access = new AccessLog(shared.log(), forwarding);
        routes = new Routes(
                router,
                requestIds,
                inHand,
                shared.metrics(),
                access,
                forwarding,
                new OriginPolicy(forwarding, config.serviceHosts()),
                shared.requestLimit(),
                config);
        Supplier<Future<Void>> ownBooked = () -> patiently(shared.clicks().flush());
        Supplier<Future<Void>> allBooked = !caches.areShared()
                ? ownBooked
                : () -> Future.join(
                                ownBooked.get(),
                                patiently(bus.ask(new FlushPeers()).mapEmpty()))
                        .mapEmpty();
        redirector = new Redirector(
                links,
                clicks,
                caches.trust(),
                ownBooked,
                requestIds,
                shared.metrics().redirects(),
                access,
                inHand,
                Clock.systemUTC(),
                ((VertxInternal) vertx).tracer() != null,
                routes);

        SystemRoutes system = new SystemRoutes(
                new HealthCheck(bus, shared.dependencies()), shared.readiness(), shared.metrics(), shared.release());
        system.mountHealth(routes);
        if (config.metrics()) {
            system.mountMetrics(routes, vertx);
        }
        system.mountPages(routes, shared.assets(), config.metrics());
        new ProblemRoutes(shared.assets()).mount(routes);
        routes.raw("/urls/:code/redirect", redirector::redirect);
        new UserRoutes(bus, new Uploads(vertx, bus, config, shared.metrics())).mount(routes);
        new LinkRoutes(
                        bus,
                        new Destinations(config.serviceHosts(), shared.links().maxUrlLength()),
                        config)
                .mount(routes);
        new StatsRoutes(bus, allBooked, Clock.systemUTC()).mount(routes);
        new EventRoutes(bus, allBooked).mount(routes);
        routes.raw("/:code", redirector::redirect);
        routes.checkOtherMethods("/:code", call -> redirector.isActive(call.pathName("code")));
        routes.finish();
    }

    /** After an outage there may be millions to book: then a read answers without the last of them. */
    private static Future<Void> patiently(Future<Void> booked) {
        return booked.timeout(LONGEST_WAIT_FOR_CLICKS_SECONDS, TimeUnit.SECONDS).otherwiseEmpty();
    }

    Handler<HttpServerRequest> handler() {
        return redirector;
    }

    Handler<HttpServerRequest> invalidRequestHandler() {
        return routes::refuseInvalid;
    }

    InHand inHand() {
        return inHand;
    }

    /** Every mounted route, for the comparison with the OpenAPI document. */
    public Map<String, List<HttpMethod>> routes() {
        return routes.all();
    }
}
