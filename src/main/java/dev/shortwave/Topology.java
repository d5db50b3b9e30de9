package dev.shortwave;

import dev.shortwave.bus.Bus;
import dev.shortwave.bus.CheckStorage;
import dev.shortwave.bus.Codecs;
import dev.shortwave.bus.EventFilter;
import dev.shortwave.bus.FlushClicks;
import dev.shortwave.bus.LinkFilter;
import dev.shortwave.bus.ListEvents;
import dev.shortwave.bus.ListLinks;
import dev.shortwave.bus.PageRequest;
import dev.shortwave.bus.WarmCache;
import dev.shortwave.cache.CacheWarmerVerticle;
import dev.shortwave.cache.LinkCache;
import dev.shortwave.click.journal.ClickJournal;
import dev.shortwave.click.recorder.EventRecorderVerticle;
import dev.shortwave.cluster.ClusterVerticle;
import dev.shortwave.config.BuildInfo;
import dev.shortwave.config.Config;
import dev.shortwave.config.ConfigLoader;
import dev.shortwave.config.ConfigWatch;
import dev.shortwave.config.RunningConfig;
import dev.shortwave.error.StartupException;
import dev.shortwave.health.Dependencies;
import dev.shortwave.health.DependencyWatch;
import dev.shortwave.health.Readiness;
import dev.shortwave.http.connection.AddressLimit;
import dev.shortwave.http.management.ManagementContext;
import dev.shortwave.http.management.ManagementVerticle;
import dev.shortwave.http.server.AcceptGate;
import dev.shortwave.http.server.HttpVerticle;
import dev.shortwave.http.server.PublicRouter;
import dev.shortwave.http.web.Assets;
import dev.shortwave.logging.Logging;
import dev.shortwave.metrics.Metrics;
import dev.shortwave.postgres.Database;
import dev.shortwave.postgres.embedded.EmbeddedDatabase;
import dev.shortwave.postgres.migration.Migrations;
import dev.shortwave.redis.RedisCheck;
import dev.shortwave.runtime.InstanceLimits;
import dev.shortwave.runtime.LiveSettings;
import dev.shortwave.runtime.VerticleDefinition;
import dev.shortwave.runtime.VerticleManager;
import dev.shortwave.runtime.VerticleState;
import dev.shortwave.seeding.SeedFolder;
import dev.shortwave.storage.UrlStorageVerticle;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.File;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The list of all verticles. Starts them in this order and stops them in the reverse: {@code vertx.close()} would undeploy
 * all at once. Nothing else deploys.
 */
public final class Topology {

    private static final Logger LOG = LoggerFactory.getLogger(Topology.class);

    private static final Duration STORAGE_TIMEOUT = Duration.ofMinutes(30);
    private static final String STORAGE = "url-storage";
    private static final String RECORDER = "event-recorder";
    private static final String WARMER = "cache-warmer";
    private static final String HTTP = "http";
    private static final String MANAGEMENT = "management";
    private static final long FLUSH_TIMEOUT_SECONDS = 10;
    private static final int MAX_INSTANCES = 1024;

    /** Up to the largest batch that can be set. */
    private static final double[] BATCH_BOUNDS = {1, 10, 100, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000};

    private final Vertx vertx;
    private final Config config;
    private final Metrics metrics;
    private final BuildInfo build;
    private final Readiness readiness = new Readiness();
    private final Bus bus;
    private final VerticleManager verticles;
    private final RunningConfig runningConfig;
    private final LiveSettings liveSettings;
    private @Nullable DependencyWatch dependencyWatch;
    private @Nullable ConfigWatch configWatch;
    private @Nullable ClickJournal journal;
    private volatile @Nullable EmbeddedDatabase embedded;
    private volatile @Nullable Migrations migrations;
    private volatile boolean cancelled;
    private volatile int port;
    private volatile int managementPort;

    public Topology(Vertx vertx, Config config, Metrics metrics, BuildInfo build) {
        this.vertx = vertx;
        this.config = config;
        this.metrics = metrics;
        this.build = build;
        this.bus = new Bus(vertx.eventBus(), STORAGE_TIMEOUT, Integer.MAX_VALUE);
        this.verticles = new VerticleManager(vertx);
        this.runningConfig = new RunningConfig(config);
        this.liveSettings =
                new LiveSettings(runningConfig, verticles, () -> new ConfigLoader(vertx).load(config.source()));
    }

    /** All verticles, in the order of their start, and how many of each there may be. */
    private List<VerticleDefinition> definitions(
            Database database, LinkCache caches, ClickJournal journal, Dependencies dependencies, Assets assets) {
        PublicRouter.Context shared = new PublicRouter.Context(
                config.http(),
                config.links(),
                config.log(),
                journal,
                metrics,
                readiness,
                dependencies,
                assets,
                build,
                new AddressLimit(config.http().maxRequestsPerAddress()));
        Config.Verticles instances = config.verticles();
        LongConsumer batches = metrics.distribution(
                "shortwave.clicks.booked.batch.size", "Clicks booked by one statement", BATCH_BOUNDS);
        AcceptGate acceptGate = new AcceptGate();
        AddressLimit connectionLimit = new AddressLimit(config.http().maxConnectionsPerAddress());
        ManagementContext managementContext = new ManagementContext(runningConfig, liveSettings, verticles);
        return List.of(
                new VerticleDefinition(
                        STORAGE,
                        instances.urlStorage(),
                        InstanceLimits.upTo(MAX_INSTANCES, "more threads and connections have no effect"),
                        () -> new UrlStorageVerticle(database, caches, config)),
                new VerticleDefinition(
                        RECORDER,
                        instances.eventRecorder(),
                        InstanceLimits.exactly(1, "one recorder books the clicks of all instances"),
                        () -> new EventRecorderVerticle(database, journal, config.clicks(), batches)),
                new VerticleDefinition(
                        "peers",
                        caches.areShared() ? 1 : 0,
                        InstanceLimits.exactly(
                                caches.areShared() ? 1 : 0, "a JVM is one member of the cluster, if there is Redis"),
                        () -> new ClusterVerticle(database, caches, config)),
                new VerticleDefinition(
                        WARMER,
                        instances.cacheWarmer(),
                        InstanceLimits.exactly(1, "a second instance would read the same links"),
                        () -> new CacheWarmerVerticle(database, caches, config)),
                new VerticleDefinition(
                        HTTP,
                        instances.http(),
                        InstanceLimits.upTo(
                                Math.max(
                                        instances.http(),
                                        Math.min(MAX_INSTANCES, config.clicks().maxWriters())),
                                "each one needs room in the click journal (clicks.max-journal-size, clicks.segment-size)"),
                        () -> new HttpVerticle(shared, caches, acceptGate, connectionLimit, bound -> port = bound)),
                new VerticleDefinition(
                        MANAGEMENT,
                        config.management().enabled() ? 1 : 0,
                        InstanceLimits.exactly(config.management().enabled() ? 1 : 0, "one server binds the port"),
                        () -> new ManagementVerticle(
                                shared, caches, config, managementContext, bound -> managementPort = bound)));
    }

    /** One series for each verticle of the list. */
    private void publish(VerticleDefinition definition) {
        metrics.gauge(
                "shortwave.verticle.instances",
                "Instances that take work",
                "verticle",
                definition.name(),
                () -> state(definition).actual());
        metrics.gauge(
                "shortwave.verticle.draining",
                "Instances that finish their requests, and are then undeployed",
                "verticle",
                definition.name(),
                () -> state(definition).draining());
        metrics.gauge(
                "shortwave.verticle.open.connections",
                "Open connections of clients",
                "verticle",
                definition.name(),
                () -> state(definition).load().connections());
        metrics.gauge(
                "shortwave.verticle.active.requests",
                "Requests without a response yet; of redirects those that missed the local cache",
                "verticle",
                definition.name(),
                () -> state(definition).load().requests());
    }

    private VerticleState state(VerticleDefinition definition) {
        return Objects.requireNonNull(verticles.state(definition.name()));
    }

    private void publish(ClickJournal clicks) {
        metrics.counter("shortwave.clicks.appended", "Clicks appended to the journal", clicks::appended);
        metrics.counter("shortwave.clicks.booked", "Clicks committed in PostgreSQL", clicks::booked);
        String dropped = "Clicks that are lost: the journal had no room, or PostgreSQL rejected them";
        metrics.counter("shortwave.clicks.dropped", dropped, "reason", "journal_full", clicks::dropped);
        metrics.counter("shortwave.clicks.dropped", dropped, "reason", "database_rejected", clicks::rejected);
        metrics.counter(
                "shortwave.journal.replays",
                "Streams of clicks read again from their checkpoint, after a failed batch or the end of a process",
                clicks::replays);
        metrics.counter(
                "shortwave.journal.corrupt.bytes", "Bytes of the journal that are corrupt", clicks::damagedBytes);
        metrics.gauge("shortwave.clicks.pending", "Clicks of this process not booked yet", clicks::pendingClicks);
        metrics.gauge(
                "shortwave.journal.pending.bytes",
                "Clicks not booked yet, those of ended processes included, in bytes",
                clicks::pendingBytes);
        metrics.gauge(
                "shortwave.clicks.failing.seconds",
                "For how long the booking of clicks has failed; 0 while it succeeds",
                clicks::failingSeconds);
        metrics.gauge("shortwave.clicks.lag.seconds", "Age of the oldest click not booked yet", clicks::lagSeconds);
        metrics.gauge("shortwave.journal.size.bytes", "Size of the journal's files", clicks::fileBytes);
        metrics.gauge(
                "shortwave.journal.max.bytes",
                "Maximum size of the journal (clicks.max-journal-size)",
                () -> config.clicks().maxJournalBytes());
        File folder = config.clicks().directory().toFile();
        metrics.gauge(
                "shortwave.journal.filesystem.size.bytes",
                "Size of the file system that holds the journal",
                folder::getTotalSpace);
        metrics.gauge(
                "shortwave.journal.filesystem.avail.bytes",
                "Free space of the file system that holds the journal",
                folder::getUsableSpace);
    }

    private void publish(LinkCache caches) {
        metrics.gauge("shortwave.cache.size.bytes", "Size of the local cache", caches.local()::bytes);
        metrics.gauge("shortwave.cache.entries", "Links in the local cache", caches.local()::size);
        metrics.gauge(
                "shortwave.cache.lease.valid",
                "1 while this JVM receives all invalidations, and so may answer from its local cache",
                () -> caches.lease().isValid(System.nanoTime()) ? 1 : 0);
        String lookups = "Lookups of codes that missed the local cache, each code once";
        metrics.gauge("shortwave.cache.lookups.in.flight", lookups, "source", "redis", caches.lookups()::inRedis);
        metrics.gauge("shortwave.cache.lookups.in.flight", lookups, "source", "database", caches.lookups()::inDatabase);
        metrics.counter(
                "shortwave.cache.lookups.coalesced",
                "Redirects that waited for the lookup of another one",
                caches.lookups()::coalesced);
    }

    /**
     * Starts everything. Fails with {@link StartupException}, whose message names the remedy; {@link #stop} then stops what
     * was started.
     */
    public Future<Void> start() {
        Codecs.registerAll(vertx.eventBus());
        Future<Assets> assets = vertx.executeBlocking(() -> Assets.load(build));
        Future<Void> redis = RedisCheck.run(vertx, config.redis());
        return vertx.executeBlocking(this::checkPorts)
                .compose(portsFree -> database())
                .compose(settings -> migrate(settings)
                        .compose(installation -> redis.map(installation))
                        .compose(installation -> openJournal(installation)
                                .compose(journal -> assets.compose(
                                        loaded -> deployAll(new Database(settings), installation, journal, loaded)))))
                .compose(deployed -> startConfigWatch())
                .onSuccess(started -> readiness.set(Readiness.Phase.READY));
    }

    private Future<Void> deployAll(Database database, String installation, ClickJournal clicks, Assets assets) {
        LinkCache caches = new LinkCache(config.redis(), config.cache(), installation);
        publish(caches);
        metrics.counter(
                "shortwave.access.log.dropped",
                "Lines of the access log that were dropped because the output was too slow",
                Logging::accessLinesDropped);
        Dependencies dependencies = new Dependencies(
                Clock.systemUTC(),
                caches.areShared(),
                caches::redisNanoseconds,
                () -> caches.lease().isValid(System.nanoTime()),
                clicks::failingSeconds);
        return deployAll(definitions(database, caches, clicks, dependencies, assets))
                .onSuccess(deployed -> {
                    publish(dependencies, caches.areShared());
                    DependencyWatch watch = new DependencyWatch(vertx, dependencies);
                    dependencyWatch = watch;
                    watch.start();
                });
    }

    /** A dependency that was not probed yet has no value. */
    private void publish(Dependencies dependencies, boolean hasRedis) {
        metrics.gauge(
                "shortwave.database.up",
                "1 while PostgreSQL responds within a second",
                () -> valueOf(dependencies, Dependencies.DATABASE, status -> status.isOk() ? 1 : 0));
        metrics.gauge(
                "shortwave.database.clock.offset.seconds",
                "How far PostgreSQL's clock is ahead of this machine's",
                dependencies::clockOffsetSeconds);
        if (hasRedis) {
            metrics.gauge(
                    "shortwave.redis.up",
                    "1 while Redis responds within a lease",
                    () -> valueOf(dependencies, Dependencies.REDIS, status -> status.isOk() ? 1 : 0));
        }
        for (String name :
                hasRedis ? List.of(Dependencies.DATABASE, Dependencies.REDIS) : List.of(Dependencies.DATABASE)) {
            metrics.gauge(
                    "shortwave.dependency.probe.duration.seconds",
                    "Duration of the last probe",
                    "dependency",
                    name,
                    () -> valueOf(dependencies, name, Dependencies.Status::seconds));
        }
    }

    private static double valueOf(Dependencies dependencies, String name, ToDoubleFunction<Dependencies.Status> value) {
        Dependencies.Status status = dependencies.status(name);
        return status == null ? Double.NaN : value.applyAsDouble(status);
    }

    /** Applies edits of the settings file from here on. */
    private Future<Void> startConfigWatch() {
        metrics.gauge(
                "shortwave.config.reload.successful",
                "0 while the settings file is invalid, so that the next start would fail",
                () -> isStartBlocked() ? 0 : 1);
        if (config.watchInterval().isZero()) {
            return Future.succeededFuture();
        }
        ConfigWatch watch =
                new ConfigWatch(vertx, config.source().file(), config.watchInterval(), () -> liveSettings.reload());
        configWatch = watch;
        return watch.start();
    }

    private boolean isStartBlocked() {
        LiveSettings.Refusal refusal = liveSettings.refusal();
        return refusal != null && refusal.blocksStart();
    }

    private Future<String> migrate(Config.Database settings) {
        Migrations started = new Migrations(settings);
        migrations = started;
        if (cancelled) {
            started.cancel();
        }
        return started.run(vertx);
    }

    private Future<ClickJournal> openJournal(String installation) {
        ClickJournal opened = new ClickJournal(vertx, config.clicks(), installation);
        journal = opened;
        publish(opened);
        return opened.start().map(opened);
    }

    /** Lets a running start fail soon; has no effect after it. For any thread. */
    void cancel() {
        cancelled = true;
        Migrations running = migrations;
        if (running != null) {
            running.cancel();
        }
        EmbeddedDatabase starting = embedded;
        if (starting != null) {
            starting.cancel();
        }
    }

    /** Checks early, before a database is created for a service that can't listen. Blocking. */
    private Void checkPorts() {
        checkPort(true, config.http().host(), config.http().port());
        if (config.management().enabled()) {
            checkPort(false, config.management().host(), config.management().port());
        }
        return null;
    }

    private void checkPort(boolean isPublic, String host, int port) {
        if (port == 0) {
            return;
        }
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(host, port));
        } catch (IOException e) {
            throw notListening(isPublic, e);
        }
    }

    /** The configured server, or the embedded one. */
    private Future<Config.Database> database() {
        if (config.database().server() != null) {
            return Future.succeededFuture(config.database());
        }
        if (!EmbeddedDatabase.isAvailable()) {
            return Future.failedFuture(new StartupException(
                    "No database is configured, and this distribution has no embedded one. Set DATABASE_URL."));
        }
        EmbeddedDatabase server = new EmbeddedDatabase(config.embedded());
        embedded = server;
        return server.start(vertx).map(config.database()::withServer);
    }

    private Future<Void> deployAll(List<VerticleDefinition> definitions) {
        Future<Void> all = Future.succeededFuture();
        for (VerticleDefinition definition : definitions) {
            all = all.compose(before -> deploy(definition));
            if (definition.name().equals(STORAGE)) {
                all = all.compose(storage -> bus.request(new CheckStorage())).compose(verified -> loadSeeds());
            } else if (definition.name().equals(WARMER)) {
                all = all.compose(warmer -> warm());
            }
        }
        return all;
    }

    private Future<Void> deploy(VerticleDefinition definition) {
        if (cancelled) {
            return Future.failedFuture(new StartupException("The start was cancelled."));
        }
        Future<Void> started = verticles.start(definition);
        publish(definition);
        return started.onSuccess(all -> {
                    if (definition.instances() > 0) {
                        LOG.info("Started {} × {}", definition.instances(), definition.name());
                    }
                })
                .recover(failure -> Future.failedFuture(withRemedy(definition, failure)));
    }

    /** A server that can't listen, for any reason of the system, needs another address. */
    private Throwable withRemedy(VerticleDefinition definition, Throwable failure) {
        boolean isPublic = definition.name().equals(HTTP);
        if (!(failure instanceof IOException) || !(isPublic || definition.name().equals(MANAGEMENT))) {
            return failure;
        }
        return notListening(isPublic, failure);
    }

    private StartupException notListening(boolean isPublic, Throwable failure) {
        String host = isPublic ? config.http().host() : config.management().host();
        int port = isPublic ? config.http().port() : config.management().port();
        String reason = String.valueOf(failure.getMessage())
                .lines()
                .findFirst()
                .orElse("")
                .strip();
        return new StartupException(
                "Port " + port + " on " + host + " can't be used (" + reason
                        + "). Stop what uses it, or choose another one with " + (isPublic ? "PORT" : "MANAGEMENT_PORT")
                        + "=… (0 takes a free one), or another address with "
                        + (isPublic ? "http.host" : "management.host")
                        + ".",
                failure);
    }

    /** Only into the embedded database, and only while it is empty. */
    private Future<Void> loadSeeds() {
        Path seeds = config.embedded().seedDirectory();
        if (embedded == null || seeds == null) {
            return Future.succeededFuture();
        }
        return isEmpty().compose(empty -> {
            if (!empty) {
                return Future.succeededFuture();
            }
            LOG.info("Loading the seeds of {}", seeds);
            return new SeedFolder(vertx, bus, seeds, (file, bytes) -> {})
                    .load()
                    .onSuccess(loaded -> LOG.info("Loaded {} users, links and events", loaded.rows()))
                    .mapEmpty();
        });
    }

    private Future<Boolean> isEmpty() {
        PageRequest first = new PageRequest(-1, 0, 1, false);
        return bus.request(new ListLinks(new LinkFilter(null, null, null, null), first))
                .compose(links -> bus.request(new ListEvents(new EventFilter(null, null, null), first))
                        .map(events -> links.rows().isEmpty() && events.rows().isEmpty()));
    }

    /** The start waits at most so long for the warm-up, which continues while the service runs. */
    private Future<Void> warm() {
        if (!config.cache().warmAtStart()) {
            return Future.succeededFuture();
        }
        long wait = config.cache().warmTimeout().toMillis();
        Future<WarmCache.Result> warming = bus.request(new WarmCache());
        return (wait == 0 ? Future.<WarmCache.Result>succeededFuture() : warming.timeout(wait, TimeUnit.MILLISECONDS))
                .transform(any -> {
                    if (!warming.isComplete()) {
                        LOG.info("Serving before the cache warm-up finished");
                    }
                    return Future.succeededFuture();
                });
    }

    /** Where the public server listens. */
    public int port() {
        return port;
    }

    /** Where the management server listens, 0 if there is none. */
    public int managementPort() {
        return managementPort;
    }

    /** Reports not ready, drains connections, books clicks, then stops the rest. Never fails. */
    public Future<Void> stop() {
        boolean wasReady = readiness.isReady();
        readiness.set(Readiness.Phase.DRAINING);
        if (dependencyWatch != null) {
            dependencyWatch.stop();
        }
        long delay = wasReady ? config.http().drainDelay().toMillis() : 0;
        Future<?> noticed = delay == 0 ? Future.succeededFuture() : vertx.timer(delay, TimeUnit.MILLISECONDS);
        return noticed.compose(drained -> configWatch == null ? Future.succeededFuture() : configWatch.stop())
                .compose(unwatched -> stopAll())
                .compose(stopped -> journal == null ? Future.succeededFuture() : journal.stop())
                .compose(stopped -> embedded == null ? Future.succeededFuture() : embedded.stop(vertx))
                .otherwiseEmpty();
    }

    private Future<Void> stopAll() {
        List<String> names = new ArrayList<>(verticles.names());
        Collections.reverse(names);
        Future<Void> all = Future.succeededFuture();
        for (String name : names) {
            all = all.compose(before -> stop(name));
        }
        return all;
    }

    private Future<Void> stop(String name) {
        Future<?> before = name.equals(RECORDER) ? flush() : Future.succeededFuture();
        return before.compose(ready -> verticles.stop(name))
                .onFailure(failure -> LOG.warn("{} did not stop cleanly: {}", name, failure.getMessage()))
                .otherwiseEmpty();
    }

    private Future<?> flush() {
        return bus.request(new FlushClicks())
                .timeout(FLUSH_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .otherwiseEmpty()
                .onSuccess(flushed -> {
                    long pending = journal == null ? 0 : journal.pendingClicks();
                    if (pending > 0) {
                        LOG.warn("{} clicks are not booked; they stay in the journal for the next start", pending);
                    }
                });
    }
}
