package dev.shortwave.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import io.vertx.core.spi.VertxMetricsFactory;
import io.vertx.micrometer.MetricsDomain;
import io.vertx.micrometer.MicrometerMetricsFactory;
import io.vertx.micrometer.MicrometerMetricsOptions;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.LongConsumer;

/**
 * Everything that is counted. Redirects have counters of their own: Vert.x's HTTP server metrics cost more than the
 * redirect itself. No label ever holds a code or a URL, so the number of series is bounded. Thread-safe.
 */
public final class Metrics {

    private record Route(String method, String path, int status) {}

    /** Of which requests are counted one by one; a client may send any other word for one. */
    private static final Set<String> METHODS =
            Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT");

    private static final String OTHER_METHOD = "other";

    /** Far above what the routes and statuses give. */
    private static final int MAX_SERIES_PER_METER = 2_000;

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics garbageCollection = new JvmGcMetrics();
    private final RedirectMetrics redirects = new RedirectMetrics();
    private final List<DoubleSupplier> kept = new CopyOnWriteArrayList<>();
    private final Map<Route, Timer> routeToTimer = new ConcurrentHashMap<>();
    private final Map<Rejection, Counter> rejections = new EnumMap<>(Rejection.class);

    /**
     * @param build what runs, such as its version and that of Java; labels of {@code shortwave_build_info}
     */
    public Metrics(Map<String, String> build) {
        SeriesLimit limit = new SeriesLimit(MAX_SERIES_PER_METER);
        registry.config().meterFilter(limit).onMeterRemoved(limit::removed);
        registry.getPrometheusRegistry().register(redirects);
        Tags labels = Tags.empty();
        for (Map.Entry<String, String> label : build.entrySet()) {
            labels = labels.and(label.getKey(), label.getValue());
        }
        gauge("shortwave.build.info", "What runs here; always 1", labels, () -> 1);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        garbageCollection.bindTo(registry);
        for (Rejection rejection : Rejection.values()) {
            rejections.put(
                    rejection,
                    Counter.builder("shortwave.requests.rejected")
                            .description("Requests and connections turned away before a route handled them")
                            .tag("reason", rejection.label())
                            .register(registry));
        }
    }

    /** Gives Vert.x a place for its own metrics; {@link #options} says which. */
    public VertxMetricsFactory factory() {
        return new MicrometerMetricsFactory(registry);
    }

    /** Vert.x's metrics of pools and sockets; those of the HTTP server and the bus cost too much on the redirect. */
    public MicrometerMetricsOptions options() {
        return new MicrometerMetricsOptions()
                .setEnabled(true)
                // Under one name all services of a process would count for the first of them.
                .setRegistryName(UUID.randomUUID().toString())
                .setJvmMetricsEnabled(false)
                .addDisabledMetricsCategory(MetricsDomain.HTTP_SERVER)
                .addDisabledMetricsCategory(MetricsDomain.EVENT_BUS);
    }

    /** How late event loops are, and how busy. */
    public void watch(EventLoopGroup loops) {
        int number = 0;
        for (EventExecutor loop : loops) {
            EventLoopMeter meter = new EventLoopMeter(loop);
            Tags tags = Tags.of("loop", Integer.toString(number++));
            gauge(
                    "shortwave.event.loop.lag.seconds",
                    "The longest that a task of the last half minute waited for its event loop",
                    tags,
                    meter::lagSeconds);
            DoubleSupplier busy = meter::busySeconds;
            kept.add(busy);
            FunctionCounter.builder("shortwave.event.loop.cpu.seconds", busy, DoubleSupplier::getAsDouble)
                    .description(
                            "Processor time of the event loop; its rate is the utilisation, 1 is all of a processor")
                    .tags(tags)
                    .register(registry);
        }
    }

    /** Counts redirects for the calling event loop. */
    public RedirectMeter redirects() {
        return redirects.newMeter();
    }

    /** The method as labels and log lines have it: what HTTP does not define is {@code other}. */
    public static String method(String method) {
        return METHODS.contains(method) ? method : OTHER_METHOD;
    }

    /** Counts a request or a connection that was turned away. */
    public void rejected(Rejection why) {
        Objects.requireNonNull(rejections.get(why)).increment();
    }

    /** Counts one request of the API; {@code path} is the template of the route, never the path of the request. */
    public void request(String method, String path, int status, long nanoseconds) {
        routeToTimer
                .computeIfAbsent(
                        new Route(method(method), path, status),
                        route -> Timer.builder("http.server.request.duration")
                                .description("Requests of the API by route and status")
                                .tag("http.request.method", route.method())
                                .tag("http.route", route.path())
                                .tag("http.response.status.code", Integer.toString(route.status()))
                                .register(registry))
                .record(nanoseconds, TimeUnit.NANOSECONDS);
    }

    /** A value that is read when somebody looks. */
    public void gauge(String name, String description, DoubleSupplier value) {
        gauge(name, description, Tags.empty(), value);
    }

    /** As {@link #gauge(String, String, DoubleSupplier)}, of one thing out of the few that the label tells apart. */
    public void gauge(String name, String description, String label, String thing, DoubleSupplier value) {
        gauge(name, description, Tags.of(label, thing), value);
    }

    private void gauge(String name, String description, Tags tags, DoubleSupplier value) {
        Gauge.builder(name, value, DoubleSupplier::getAsDouble)
                .description(description)
                .tags(tags)
                .strongReference(true)
                .register(registry);
    }

    /** How often there were how many of something: a count for each bound, and the sum. What it gives is thread-safe. */
    public LongConsumer distribution(String name, String description, double... bounds) {
        DistributionSummary summary = DistributionSummary.builder(name)
                .description(description)
                .serviceLevelObjectives(bounds)
                .register(registry);
        return summary::record;
    }

    /** A count that only grows, read at each scrape. */
    public void counter(String name, String description, DoubleSupplier value) {
        counter(name, description, Tags.empty(), value);
    }

    /** As {@link #counter(String, String, DoubleSupplier)}, of one of the few values of a label. */
    public void counter(String name, String description, String label, String labelValue, DoubleSupplier value) {
        counter(name, description, Tags.of(label, labelValue), value);
    }

    private void counter(String name, String description, Tags tags, DoubleSupplier value) {
        // The registry itself would let go of it at the next collection.
        kept.add(value);
        FunctionCounter.builder(name, value, DoubleSupplier::getAsDouble)
                .description(description)
                .tags(tags)
                .register(registry);
    }

    /**
     * All of it in the Prometheus text format. For a worker: it reads files of the system, and takes milliseconds, tens of
     * them while the JVM has not compiled it.
     */
    public String scrape() {
        return registry.scrape();
    }

    public void close() {
        garbageCollection.close();
        registry.close();
    }
}
