package dev.shortwave.http;

import dev.shortwave.bus.Bus;
import dev.shortwave.click.ClickLog;
import dev.shortwave.config.Config;
import dev.shortwave.config.Release;
import dev.shortwave.health.HealthCheck;
import dev.shortwave.health.Readiness;
import dev.shortwave.link.Destinations;
import dev.shortwave.link.LinkCache;
import dev.shortwave.metrics.Metrics;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import java.net.URI;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** The public server's routes, put together. One for each verticle instance. */
public final class PublicApi {

    /** What all instances share. */
    public record Shared(
            Config.Http config,
            ClickLog clicks,
            boolean onlyJvm,
            Metrics metrics,
            Readiness readiness,
            Assets assets,
            Release release) {}

    private static final long LONGEST_WAIT_FOR_CLICKS_SECONDS = 2;

    private final Redirector redirector;
    private final Routes routes;
    private final RequestIds requestIds = new RequestIds();

    /** For one instance, with its own bus and cache, on its event loop. */
    public PublicApi(Vertx vertx, Shared shared, LinkCache cache, ClickLog.Appender clicks) {
        Config.Http config = shared.config();
        Bus bus = new Bus(vertx.eventBus(), config.requestTimeout(), config.maxRequestsInFlight());
        Router router = Router.router(vertx);
        routes = new Routes(router, requestIds, shared.metrics(), config.bodyLimit());
        // After an outage there may be millions to book: then a read answers without the last of them.
        Supplier<Future<Void>> clicksBooked = () -> shared.clicks()
                .flush()
                .timeout(LONGEST_WAIT_FOR_CLICKS_SECONDS, TimeUnit.SECONDS)
                .otherwiseEmpty();
        redirector = new Redirector(
                cache,
                clicks,
                beforeAnswer(shared, clicksBooked),
                bus,
                requestIds,
                shared.metrics(),
                Clock.systemUTC(),
                routes.handler());

        SystemRoutes system =
                new SystemRoutes(new HealthCheck(bus, cache), shared.readiness(), shared.metrics(), shared.release());
        system.mountHealth(routes);
        if (config.metrics()) {
            system.mountMetrics(routes);
        }
        system.mountPages(routes, shared.assets(), config.metrics());
        routes.raw("/urls/:code/redirect", redirector::redirect);
        new UserRoutes(bus, new Uploads(vertx, bus, config)).mount(routes);
        new LinkRoutes(bus, clicksBooked, new Destinations(ownHosts(config)), config.publicUrl()).mount(routes);
        new EventRoutes(bus, clicksBooked).mount(routes);
        routes.raw("/:code", redirector::redirect);
        routes.finish();
    }

    /**
     * The very next read must see the click. In a single JVM reads wait for the journal; with others beside it, which
     * could be asked next and know nothing of this journal, the redirect waits instead.
     */
    private static Supplier<Future<Void>> beforeAnswer(Shared shared, Supplier<Future<Void>> clicksBooked) {
        Future<Void> nothing = Future.succeededFuture();
        return shared.onlyJvm() ? () -> nothing : clicksBooked;
    }

    Handler<HttpServerRequest> handler() {
        return redirector;
    }

    RequestIds requestIds() {
        return requestIds;
    }

    /** Every mounted route, for the comparison with the OpenAPI document. */
    public Map<String, List<HttpMethod>> routes() {
        return routes.all();
    }

    private static List<String> ownHosts(Config.Http config) {
        List<String> hosts = new ArrayList<>(config.ownHosts());
        URI publicUrl = config.publicUrl();
        if (publicUrl != null) {
            hosts.add(publicUrl.getPort() < 0 ? publicUrl.getHost() : publicUrl.getHost() + ":" + publicUrl.getPort());
        }
        if (config.port() != 0) {
            List.of(config.host(), "localhost", "127.0.0.1", "[::1]")
                    .forEach(host -> hosts.add(host + ":" + config.port()));
        }
        return hosts;
    }
}
