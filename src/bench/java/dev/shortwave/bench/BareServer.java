package dev.shortwave.bench;

import dev.shortwave.cache.LinkResolver;
import dev.shortwave.metrics.Metrics;
import dev.shortwave.metrics.RedirectMeter;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.transport.Transport;
import java.util.Map;
import java.util.concurrent.ExecutionException;

/**
 * The floor: a Vert.x server that answers every request with the same redirect, and does nothing else. What a redirect
 * costs beyond it is ours.
 */
public final class BareServer extends VerticleBase {

    private static final String USAGE = """
            Usage: BareServer PORT EVENT_LOOPS TRANSPORT [metrics]

            Answers every request on 127.0.0.1:PORT with a constant 302, on so many event loops, over epoll, io_uring or
            nio. With metrics, it counts as the service does. Says when it is ready, and ends on a signal.
            """;

    /** As long as the destinations of the seeds are on average. */
    private static final CharSequence DESTINATION =
            HttpHeaders.createOptimized("https://fernhill.example/guides/the-bare-server");

    private static final CharSequence ZERO = HttpHeaders.createOptimized("0");

    private final int port;
    private final RedirectMeter meter;

    /**
     * @param meter for its event loop, or null to count nothing
     */
    private BareServer(int port, RedirectMeter meter) {
        this.port = port;
        this.meter = meter;
    }

    public static void main(String[] arguments) throws InterruptedException, ExecutionException {
        boolean metered = arguments.length == 4 && arguments[3].equals("metrics");
        if (arguments.length != 3 && !metered) {
            System.err.print(USAGE);
            System.exit(2);
        }
        int port = Integer.parseInt(arguments[0]);
        int eventLoops = Integer.parseInt(arguments[1]);
        Metrics metrics = metered ? new Metrics(Map.of()) : null;
        Vertx vertx = vertx(eventLoops, transport(arguments[2]), metrics);
        vertx.deployVerticle(
                        () -> new BareServer(port, metered ? metrics.redirects() : null),
                        new DeploymentOptions().setInstances(eventLoops))
                .toCompletionStage()
                .toCompletableFuture()
                .get();
        System.out.println("The bare server is ready at http://127.0.0.1:" + port);
    }

    private static Vertx vertx(int eventLoops, Transport transport, Metrics metrics) {
        VertxOptions options =
                new VertxOptions().setEventLoopPoolSize(eventLoops).setDisableTCCL(true);
        if (metrics == null) {
            return Vertx.builder().with(options).withTransport(transport).build();
        }
        Vertx vertx = Vertx.builder()
                .with(options.setMetricsOptions(metrics.options()))
                .withTransport(transport)
                .withMetrics(metrics.factory())
                .build();
        metrics.watch(((VertxInternal) vertx).nettyEventLoopGroup());
        return vertx;
    }

    private static Transport transport(String name) {
        return switch (name) {
            case "nio" -> Transport.NIO;
            case "epoll" -> Transport.EPOLL;
            case "io_uring" -> Transport.IO_URING;
            default -> throw new IllegalArgumentException("no transport is called " + name);
        };
    }

    @Override
    public Future<?> start() {
        HttpServerOptions options = new HttpServerOptions()
                .setHost("127.0.0.1")
                .setPort(port)
                .setAcceptBacklog(4096)
                .setHttp2ClearTextEnabled(false);
        return vertx.createHttpServer(options)
                .requestHandler(meter == null ? BareServer::answer : this::answerAndCount)
                .listen();
    }

    /** What a warm redirect does for metrics. */
    private void answerAndCount(HttpServerRequest request) {
        long started = System.nanoTime();
        answer(request);
        meter.recordRedirect(LinkResolver.Source.MEMORY.ordinal(), System.nanoTime() - started);
    }

    private static void answer(HttpServerRequest request) {
        request.response().setStatusCode(302);
        request.response().headers().add(HttpHeaders.LOCATION, DESTINATION).add(HttpHeaders.CONTENT_LENGTH, ZERO);
        request.response().end();
    }
}
