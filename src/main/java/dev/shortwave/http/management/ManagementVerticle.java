package dev.shortwave.http.management;

import dev.shortwave.bus.Bus;
import dev.shortwave.cache.LinkCache;
import dev.shortwave.cache.LinkDiagnostics;
import dev.shortwave.config.Config;
import dev.shortwave.error.Problem;
import dev.shortwave.health.HealthCheck;
import dev.shortwave.http.api.AccessLog;
import dev.shortwave.http.api.ApiResponse;
import dev.shortwave.http.api.Forwarding;
import dev.shortwave.http.api.OriginPolicy;
import dev.shortwave.http.api.RequestIds;
import dev.shortwave.http.api.Routes;
import dev.shortwave.http.connection.AddressLimit;
import dev.shortwave.http.connection.ClientPipeline;
import dev.shortwave.http.server.PublicRouter;
import dev.shortwave.http.web.ProblemRoutes;
import dev.shortwave.http.web.SystemRoutes;
import dev.shortwave.metrics.Rejection;
import dev.shortwave.runtime.InFlight;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.tracing.TracingPolicy;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.List;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** The operators' server, on a port of its own that no proxy passes on. Asks for the token if there is one. */
public final class ManagementVerticle extends VerticleBase {

    private static final String SCHEME = "Bearer ";

    /** Warming and loading take their time, and only operators ask for them. */
    private static final Duration REQUEST_TIMEOUT = Duration.ofMinutes(30);

    private static final int MAX_IN_FLIGHT = 64;

    private final PublicRouter.Context shared;
    private final LinkCache caches;
    private final Config config;
    private final ManagementContext management;
    private final IntConsumer listening;
    private final ManagementHosts hosts;
    private @Nullable HttpServer server;
    private @Nullable LinkDiagnostics inspector;

    /**
     * @param listening is told the port once the server listens
     */
    public ManagementVerticle(
            PublicRouter.Context shared,
            LinkCache caches,
            Config config,
            ManagementContext operators,
            IntConsumer listening) {
        this.shared = shared;
        this.caches = caches;
        this.config = config;
        this.management = operators;
        this.listening = listening;
        this.hosts = new ManagementHosts(config.management().host());
    }

    @Override
    public Future<?> start() {
        Bus bus = new Bus(vertx.eventBus(), REQUEST_TIMEOUT, MAX_IN_FLIGHT);
        return caches.openDiagnostics(vertx, bus).compose(opened -> {
            inspector = opened;
            return listen(routes(bus, opened));
        });
    }

    private Routes routes(Bus bus, LinkDiagnostics opened) {
        Router router = Router.router(vertx);
        Forwarding forwarding = new Forwarding(config.http().trustedProxies());
        Routes routes = new Routes(
                router,
                new RequestIds(),
                new InFlight(),
                shared.metrics(),
                new AccessLog(config.log(), forwarding),
                forwarding,
                new OriginPolicy(forwarding, List.of()),
                new AddressLimit(0),
                config.http());
        router.route().handler(context -> authorize(context, routes));
        SystemRoutes system = new SystemRoutes(
                new HealthCheck(bus, shared.dependencies()), shared.readiness(), shared.metrics(), shared.release());
        AdminRoutes admin = new AdminRoutes(vertx, bus, config.http(), management);
        system.mountDetailedHealth(routes, admin::settings);
        system.mountMetrics(routes, vertx);
        admin.mount(routes);
        new VerticleRoutes(management).mount(routes);
        new DiagnosticsRoutes(vertx, management.live()).mount(routes);
        new ExplainRoutes(opened).mount(routes);
        new ProblemRoutes(shared.assets()).mount(routes);
        routes.finish();
        return routes;
    }

    private Future<?> listen(Routes routes) {
        HttpServerOptions options = ClientPipeline.options(config.http())
                .setHost(config.management().host())
                .setPort(config.management().port())
                // Spans are of what clients wait for.
                .setTracingPolicy(TracingPolicy.IGNORE);
        ClientPipeline pipeline = new ClientPipeline(options, config.http(), shared.metrics());
        Handler<HttpServerRequest> handler = routes.handler();
        HttpServer made = vertx.createHttpServer(options)
                .connectionHandler(connection -> pipeline.install(connection, handler))
                .requestHandler(handler)
                .invalidRequestHandler(routes::refuseInvalid)
                // A client that goes away is no failure of ours.
                .exceptionHandler(gone -> {});
        server = made;
        return made.listen().onSuccess(bound -> listening.accept(bound.actualPort()));
    }

    private void authorize(RoutingContext context, Routes routes) {
        HttpServerRequest request = context.request();
        String token = config.management().token();
        // A page can lead its own name to this address (DNS rebinding). Where there is a token, it has none; and others
        // than people ask by names that nobody can list: of containers, or the addresses of pods.
        if ((token.isEmpty() || request.headers().contains(OriginPolicy.SEC_FETCH_SITE)) && !hosts.isOwn(request)) {
            shared.metrics().rejected(Rejection.FOREIGN_HOST);
            reject(
                    context,
                    routes,
                    Problem.of(
                            Problem.Kind.MISDIRECTED_REQUEST,
                            "this port answers for localhost, loopback addresses and management.host"));
            return;
        }
        if (context.request().headers().contains(HttpHeaders.ORIGIN)) {
            shared.metrics().rejected(Rejection.FOREIGN_ORIGIN);
            // Any page could let the operator's browser send this; nothing of ours calls this port from a page.
            reject(context, routes, Problem.of(Problem.Kind.FORBIDDEN, "this port is not for web pages"));
            return;
        }
        if (token.isEmpty() || isToken(context.request().getHeader(HttpHeaders.AUTHORIZATION), token)) {
            context.next();
            return;
        }
        reject(
                context,
                routes,
                Problem.of(Problem.Kind.UNAUTHORIZED, "send the management token as \"Authorization: Bearer …\""));
    }

    private static void reject(RoutingContext context, Routes routes, Problem problem) {
        ApiResponse answer = ApiResponse.problem(problem);
        if (problem.kind() == Problem.Kind.UNAUTHORIZED) {
            answer.with(HttpHeaders.createOptimized("www-authenticate"), "Bearer");
        }
        routes.send(context, "refused", answer);
    }

    /** Takes the same time wherever the difference is. */
    private static boolean isToken(@Nullable String header, String token) {
        return header != null
                && header.startsWith(SCHEME)
                && MessageDigest.isEqual(
                        header.substring(SCHEME.length()).getBytes(StandardCharsets.UTF_8),
                        token.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public Future<?> stop() {
        Future<Void> closed = server == null ? Future.succeededFuture() : server.close();
        return closed.eventually(() -> inspector == null ? Future.succeededFuture() : inspector.close());
    }
}
