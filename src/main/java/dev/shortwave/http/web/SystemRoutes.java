package dev.shortwave.http.web;

import dev.shortwave.config.BuildInfo;
import dev.shortwave.health.Dependencies;
import dev.shortwave.health.HealthCheck;
import dev.shortwave.health.Readiness;
import dev.shortwave.http.api.ApiResponse;
import dev.shortwave.http.api.Routes;
import dev.shortwave.metrics.Metrics;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonObject;
import java.lang.management.ManagementFactory;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Supplier;

/** What the service says of itself: health, metrics, pages. For the public port and the management port. */
public final class SystemRoutes {

    private static final String METRICS_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final HealthCheck health;
    private final Readiness readiness;
    private final Metrics metrics;
    private final BuildInfo release;

    public SystemRoutes(HealthCheck health, Readiness readiness, Metrics metrics, BuildInfo release) {
        this.health = health;
        this.readiness = readiness;
        this.metrics = metrics;
        this.release = release;
    }

    /** Without the details, which are for operators. */
    public void mountHealth(Routes routes) {
        mountHealth(routes, report -> new JsonObject());
    }

    /**
     * With since when each dependency is in its state, and how long it took to answer.
     *
     * @param settings tells of the settings, which don't count for the status
     */
    public void mountDetailedHealth(Routes routes, Supplier<JsonObject> settings) {
        mountHealth(
                routes,
                report -> new JsonObject()
                        .put("settings", settings.get())
                        .put(
                                "dependencies",
                                new JsonObject()
                                        .put(
                                                Dependencies.DATABASE,
                                                withClock(dependency(report.database()), health.clockOffsetSeconds()))
                                        .put(Dependencies.REDIS, dependency(report.redis()))
                                        .put(Dependencies.LEASE, dependency(report.lease()))
                                        .put(Dependencies.CLICKS, dependency(report.clicks()))));
    }

    /** Of a server that has never answered nothing is known, and JSON has no word for that. */
    private static JsonObject withClock(JsonObject database, double offsetSeconds) {
        return Double.isNaN(offsetSeconds) ? database : database.put("clock_offset_seconds", offsetSeconds);
    }

    private static JsonObject dependency(Dependencies.Status seen) {
        JsonObject dependency = new JsonObject()
                .put("state", seen.state())
                .put("since", seen.since().truncatedTo(ChronoUnit.MILLIS).toString());
        return seen.nanoseconds() < 0 ? dependency : dependency.put("milliseconds", seen.nanoseconds() / 1e6);
    }

    private void mountHealth(Routes routes, Function<HealthCheck.Report, JsonObject> details) {
        routes.get("/health", call -> health(details));
        routes.get("/health/live", call -> Future.succeededFuture(live()));
        routes.get("/health/ready", call -> ready(details));
    }

    /** On a worker: redirects on the event loop that took the request do not wait until all is read and written down. */
    public void mountMetrics(Routes routes, Vertx vertx) {
        routes.get(
                "/metrics",
                call -> vertx.executeBlocking(() -> Buffer.buffer(metrics.scrape()), false)
                        .map(page -> ApiResponse.of(200, METRICS_CONTENT_TYPE, page)));
    }

    public void mountPages(Routes routes, Assets assets, boolean hasMetrics) {
        for (String path : assets.paths()) {
            if (!path.equals("/")) {
                routes.get(path, call -> Future.succeededFuture(assets.at(path)));
            }
        }
        ApiResponse forPrograms = ApiResponse.json(200, index(hasMetrics)).with(HttpHeaders.VARY, HttpHeaders.ACCEPT);
        routes.get("/", call -> Future.succeededFuture(call.wantsHtml() ? assets.at("/") : forPrograms));
    }

    private JsonObject index(boolean hasMetrics) {
        JsonObject index = new JsonObject()
                .put("name", "Shortwave")
                .put("version", release.version())
                .put("documentation", "/docs")
                .put("openapi", "/openapi.yaml")
                .put("health", "/health");
        return hasMetrics ? index.put("metrics", "/metrics") : index;
    }

    private Future<ApiResponse> health(Function<HealthCheck.Report, JsonObject> details) {
        return health.report()
                .map(report -> answer(report.isAvailable(), report.status(), report, details.apply(report)));
    }

    /** Only whether the process answers: a restart mends neither PostgreSQL nor Redis. */
    private ApiResponse live() {
        return ApiResponse.json(200, new JsonObject().put("status", "ok"));
    }

    private Future<ApiResponse> ready(Function<HealthCheck.Report, JsonObject> details) {
        if (!readiness.isReady()) {
            return Future.succeededFuture(ApiResponse.json(
                            503,
                            new JsonObject()
                                    .put("status", "unavailable")
                                    .put("phase", readiness.phase().name().toLowerCase(Locale.ROOT)))
                    .with(HttpHeaders.RETRY_AFTER, "1"));
        }
        // Without PostgreSQL cached links still redirect: taking every JVM out of the proxy would end that too.
        return health.report()
                .map(report -> answer(
                        true, report.isAvailable() ? report.status() : "degraded", report, details.apply(report)));
    }

    private ApiResponse answer(boolean available, String status, HealthCheck.Report report, JsonObject details) {
        JsonObject json = new JsonObject()
                .put("status", status)
                .put("database", report.database().state())
                .put("redis", report.redis().state())
                .put("version", release.version())
                .put("uptime_seconds", ManagementFactory.getRuntimeMXBean().getUptime() / 1000)
                .mergeIn(details);
        ApiResponse answer = ApiResponse.json(available ? 200 : 503, json);
        return available ? answer : answer.with(HttpHeaders.RETRY_AFTER, "1");
    }
}
