package dev.shortwave.tracing;

import dev.shortwave.config.BuildInfo;
import dev.shortwave.config.Config;
import dev.shortwave.metrics.Metrics;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.MeterProvider;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanLimits;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.vertx.core.spi.VertxTracerFactory;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.logging.Level;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of spans from event loops to a collector: over a bounded queue, in batches, from a thread of its own. A collector
 * that is away or slow costs spans and nothing else. To be opened and closed where it may block.
 */
public final class Tracing implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Tracing.class);

    /** The library would write to standard error, in a form of its own. Held here, because java.util.logging forgets it. */
    private static final java.util.logging.Logger LIBRARY = java.util.logging.Logger.getLogger("io.opentelemetry");

    private static final String NAME = "shortwave";
    private static final int MAX_QUEUE_SIZE = 2_048;
    private static final int MAX_EXPORT_BATCH_SIZE = 512;
    private static final int MAX_ATTRIBUTE_LENGTH = 2_000;
    private static final Duration SCHEDULE_DELAY = Duration.ofSeconds(1);
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(1);
    private static final Duration EXPORT_TIMEOUT = Duration.ofSeconds(2);
    private static final long SHUTDOWN_TIMEOUT_SECONDS = 3;

    private final LongAdder ended = new LongAdder();
    private final LongAdder taken = new LongAdder();
    private final RateLimitingSampler sampling;
    private final SdkTracerProvider provider;

    /**
     * @param endpoint of the collector
     * @param instance tells the processes of one service apart
     */
    public Tracing(Config.Tracing config, URI endpoint, BuildInfo release, String instance, Metrics metrics) {
        LIBRARY.setLevel(Level.OFF);
        String place = endpoint.getHost() + (endpoint.getPort() < 0 ? "" : ":" + endpoint.getPort());
        SpanExporter exporter = OtlpHttpSpanExporter.builder()
                .setEndpoint(endpoint.toString())
                .setConnectTimeout(CONNECT_TIMEOUT)
                .setTimeout(EXPORT_TIMEOUT)
                // What comes meanwhile would wait behind it, and the queue is short.
                .setRetryPolicy(null)
                .setMeterProvider(MeterProvider::noop)
                .build();
        this.sampling = new RateLimitingSampler(config, System::nanoTime);
        this.provider = SdkTracerProvider.builder()
                .setResource(Resource.getDefault()
                        .merge(Resource.create(Attributes.builder()
                                .put("service.name", NAME)
                                .put("service.version", release.version())
                                .put("service.instance.id", instance)
                                .build())))
                .setSpanLimits(SpanLimits.builder()
                        .setMaxAttributeValueLength(MAX_ATTRIBUTE_LENGTH)
                        .build())
                .addSpanProcessor(BatchSpanProcessor.builder(new LoggingSpanExporter(exporter, place, taken))
                        .setMaxQueueSize(MAX_QUEUE_SIZE)
                        .setMaxExportBatchSize(MAX_EXPORT_BATCH_SIZE)
                        .setScheduleDelay(SCHEDULE_DELAY)
                        .setExporterTimeout(EXPORT_TIMEOUT.plus(CONNECT_TIMEOUT))
                        .setMeterProvider(MeterProvider.noop())
                        .build())
                .build();
        metrics.counter("shortwave.spans.ended", "Spans of sampled requests", ended::doubleValue);
        metrics.counter("shortwave.spans.exported", "Spans that the collector has taken", taken::doubleValue);
        LOG.info(
                "Tracing to {}: sampling ratio {}, up to {} remote-sampled requests a second",
                place,
                config.samplingRatio(),
                config.maxRemoteSampledPerSecond());
    }

    /** Has Vert.x tell of what begins and ends. */
    public VertxTracerFactory factory() {
        return options -> new SpanTracer(provider.get(NAME), sampling, ended);
    }

    /** Sends what is waiting, as long as that takes less than some seconds. */
    @Override
    public void close() {
        provider.shutdown().join(SHUTDOWN_TIMEOUT_SECONDS, TimeUnit.SECONDS);
    }
}
