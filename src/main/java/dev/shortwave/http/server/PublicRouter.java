package dev.shortwave.http.server;

import dev.shortwave.bus.Bus;
import dev.shortwave.bus.FlushCluster;
import dev.shortwave.cache.LinkCache;
import dev.shortwave.cache.LinkResolver;
import dev.shortwave.click.ClickAppenders;
import dev.shortwave.config.BuildInfo;
import dev.shortwave.config.Config;
import dev.shortwave.health.Dependencies;
import dev.shortwave.health.HealthCheck;
import dev.shortwave.health.Readiness;
import dev.shortwave.http.api.AccessLog;
import dev.shortwave.http.api.EventRoutes;
import dev.shortwave.http.api.Forwarding;
import dev.shortwave.http.api.LinkRoutes;
import dev.shortwave.http.api.MultipartUploads;
import dev.shortwave.http.api.OriginPolicy;
import dev.shortwave.http.api.RequestIds;
import dev.shortwave.http.api.Routes;
import dev.shortwave.http.api.StatsRoutes;
import dev.shortwave.http.api.UserRoutes;
import dev.shortwave.http.connection.AddressLimit;
import dev.shortwave.http.redirect.RedirectHandler;
import dev.shortwave.http.web.Assets;
import dev.shortwave.http.web.ProblemRoutes;
import dev.shortwave.http.web.SystemRoutes;
import dev.shortwave.link.Destinations;
import dev.shortwave.metrics.Metrics;
import dev.shortwave.runtime.InFlight;
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
public final class PublicRouter {

    /** What all instances share. */
    public record Context(
            Config.Http config,
            Config.Links links,
            Config.Log log,
            ClickAppenders clicks,
            Metrics metrics,
            Readiness readiness,
            Dependencies dependencies,
            Assets assets,
            BuildInfo release,
            AddressLimit requestLimit) {}

    private static final long FLUSH_TIMEOUT_SECONDS = 2;

    private final RedirectHandler redirects;
    private final Routes routes;
    private final InFlight inFlight = new InFlight();

    /** For one instance, with its own bus and cache, on its event loop. */
    public PublicRouter(
            Vertx vertx,
            Bus bus,
            Context shared,
            LinkCache caches,
            LinkResolver links,
            ClickAppenders.ClickAppender clicks) {
        Config.Http config = shared.config();
        Router router = Router.router(vertx);
        RequestIds requestIds = new RequestIds();
        Forwarding forwarding = new Forwarding(config.trustedProxies());
        AccessLog access = new AccessLog(shared.log(), forwarding);
        routes = new Routes(
                router,
                requestIds,
                inFlight,
                shared.metrics(),
                access,
                forwarding,
                new OriginPolicy(forwarding, config.serviceHosts()),
                shared.requestLimit(),
                config);
        Supplier<Future<Void>> ownBooked = () -> withTimeout(shared.clicks().flush());
        Supplier<Future<Void>> allBooked = !caches.areShared()
                ? ownBooked
                : () -> Future.join(
                                ownBooked.get(),
                                withTimeout(bus.request(new FlushCluster()).mapEmpty()))
                        .mapEmpty();
        redirects = new RedirectHandler(
                links,
                clicks,
                caches.lease(),
                ownBooked,
                requestIds,
                shared.metrics().redirects(),
                access,
                inFlight,
                Clock.systemUTC(),
                ((VertxInternal) vertx).tracer() != null,
                routes);

        SystemRoutes system = new SystemRoutes(
                new HealthCheck(bus, shared.dependencies()), shared.readiness(), shared.metrics(), shared.release());
        system.mountHealth(routes);
        if (config.metricsEnabled()) {
            system.mountMetrics(routes, vertx);
        }
        system.mountPages(routes, shared.assets(), config.metricsEnabled());
        new ProblemRoutes(shared.assets()).mount(routes);
        routes.raw("/urls/:code/redirect", redirects::redirect);
        new UserRoutes(bus, new MultipartUploads(vertx, bus, config, shared.metrics())).mount(routes);
        new LinkRoutes(
                        bus,
                        new Destinations(config.serviceHosts(), shared.links().maxUrlLength()),
                        config)
                .mount(routes);
        new StatsRoutes(bus, allBooked, Clock.systemUTC()).mount(routes);
        new EventRoutes(bus, allBooked).mount(routes);
        routes.raw("/:code", redirects::redirect);
        routes.checkOtherMethods("/:code", call -> redirects.isActive(call.pathParameter("code")));
        routes.finish();
    }

    /** After an outage there may be millions to book: then a read answers without the last of them. */
    private static Future<Void> withTimeout(Future<Void> booked) {
        return booked.timeout(FLUSH_TIMEOUT_SECONDS, TimeUnit.SECONDS).otherwiseEmpty();
    }

    Handler<HttpServerRequest> handler() {
        return redirects;
    }

    Handler<HttpServerRequest> invalidRequestHandler() {
        return routes::refuseInvalid;
    }

    InFlight inFlight() {
        return inFlight;
    }

    /** Every mounted route, for the comparison with the OpenAPI document. */
    public Map<String, List<HttpMethod>> routes() {
        return routes.all();
    }
}
