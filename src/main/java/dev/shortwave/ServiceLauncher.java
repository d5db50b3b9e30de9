package dev.shortwave;

import dev.shortwave.config.BuildInfo;
import dev.shortwave.config.Config;
import dev.shortwave.config.ConfigLoader;
import dev.shortwave.error.StartupException;
import dev.shortwave.link.Destinations;
import dev.shortwave.logging.Logging;
import dev.shortwave.metrics.Metrics;
import dev.shortwave.tracing.Tracing;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.internal.VertxInternal;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The service in this process: Vert.x with everything on it. For threads that may block: {@code main}, the shutdown hook,
 * tests.
 */
public final class ServiceLauncher {

    private static final Logger LOG = LoggerFactory.getLogger(ServiceLauncher.class);

    private static final long STOP_TIMEOUT_SECONDS = 120;

    private final long drainSeconds;
    private final Vertx vertx;
    private final Metrics metrics;
    private final @Nullable Tracing tracing;
    private final Topology topology;
    private final Future<Void> started;
    private boolean stopped;

    private ServiceLauncher(
            Vertx vertx, Config.Http config, Metrics metrics, @Nullable Tracing tracing, Topology topology) {
        this.drainSeconds = config.drainDelay().plus(config.drainTimeout()).toSeconds();
        this.vertx = vertx;
        this.metrics = metrics;
        this.tracing = tracing;
        this.topology = topology;
        this.started = topology.start();
        // On a worker, after the start: loading blocks.
        started.onSuccess(ready -> vertx.executeBlocking(() -> {
            Destinations.load();
            return null;
        }));
    }

    /**
     * Reads the configuration, on a small Vert.x of its own: the service's is created from what is read.
     *
     * @throws dev.shortwave.config.ConfigException if anything is wrong, with all that is
     */
    public static Config readConfig(Path file, Path home) {
        return readConfig(loader -> loader.load(file, home));
    }

    /** As {@link #readConfig(Path, Path)}, from sources that the caller chooses. */
    public static Config readConfig(Function<ConfigLoader, Future<Config>> read) {
        Vertx vertx = Vertx.vertx(options(1));
        try {
            return await(read.apply(new ConfigLoader(vertx)));
        } finally {
            await(vertx.close());
        }
    }

    /** Begins to start the service; {@link #awaitReady} waits for the result. */
    public static ServiceLauncher start(Config config) {
        return start(config, options -> options);
    }

    /** As {@link #start(Config)}, with options of Vert.x that tests change. */
    static ServiceLauncher start(Config config, UnaryOperator<VertxOptions> change) {
        Logging.keepRecent();
        BuildInfo build = BuildInfo.current();
        Metrics metrics = new Metrics(Map.of(
                "version",
                build.version(),
                "commit",
                build.commit(),
                "java",
                Runtime.version().toString(),
                "vertx",
                build.vertxVersion()));
        TransportSelector.Chosen transport =
                TransportSelector.choose(config.eventLoops().transport());
        Tracing tracing = openTracing(config.tracing(), build, metrics);
        Vertx vertx = Vertx.builder()
                .with(change.apply(options(config.eventLoops().count()).setMetricsOptions(metrics.options())))
                .withTransport(transport.transport())
                .withMetrics(metrics.factory())
                .withTracer(tracing == null ? null : tracing.factory())
                .build();
        metrics.watch(((VertxInternal) vertx).nettyEventLoopGroup());
        LOG.info(
                "Shortwave {} on Java {}, {} event loops over {}",
                build.version(),
                Runtime.version(),
                config.eventLoops().count(),
                transport.name());
        config.ignoredVariables()
                .forEach(name -> LOG.info("Ignoring {}: Kubernetes sets it to an address, it is no setting", name));
        return new ServiceLauncher(vertx, config.http(), metrics, tracing, new Topology(vertx, config, metrics, build));
    }

    private static @Nullable Tracing openTracing(Config.Tracing config, BuildInfo build, Metrics metrics) {
        URI endpoint = config.endpoint();
        return endpoint == null ? null : new Tracing(config, endpoint, build, Logging.instance(), metrics);
    }

    private static VertxOptions options(int eventLoops) {
        return new VertxOptions()
                .setEventLoopPoolSize(eventLoops)
                .setDisableTCCL(true)
                // Vert.x reads no file from the class path here, so it needs no cache folder in /tmp.
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false));
    }

    /**
     * Waits until the service is ready, however long a migration or the seeds take.
     *
     * @throws StartupException if it can't start; everything is then stopped again
     */
    public ServiceLauncher awaitReady() {
        try {
            await(started, Long.MAX_VALUE);
            return this;
        } catch (RuntimeException e) {
            stop();
            throw e;
        }
    }

    /** Stops the service and waits for it; cancels a start that is still running. Once. */
    public synchronized void stop() {
        if (stopped) {
            return;
        }
        stopped = true;
        topology.cancel();
        await(started.transform(any -> topology.stop()), drainSeconds + STOP_TIMEOUT_SECONDS);
        // Not composed onto the previous future: its event loop ends here, and could not complete it.
        await(vertx.close());
        if (tracing != null) {
            tracing.close();
        }
        metrics.close();
    }

    public int port() {
        return topology.port();
    }

    public int managementPort() {
        return topology.managementPort();
    }

    public Vertx vertx() {
        return vertx;
    }

    private static <T> T await(Future<T> future) {
        return await(future, STOP_TIMEOUT_SECONDS);
    }

    static <T> T await(Future<T> future, long seconds) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(seconds, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        } catch (TimeoutException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
