package dev.shortwave.health;

import dev.shortwave.bus.Bus;
import io.vertx.core.Vertx;
import java.time.Duration;

/**
 * Looks at the dependencies again and again, so that metrics tell of them, and since when, even while no proxy asks for
 * readiness. On the event loop that starts it.
 */
public final class DependencyWatch {

    /** Shorter than Prometheus looks, so that what it sees is no older than its own interval. */
    private static final long PROBE_INTERVAL_MILLISECONDS = 2_000;

    private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(5);

    private final Vertx vertx;
    private final HealthCheck health;
    private long timer = -1;
    private boolean stopped;

    public DependencyWatch(Vertx vertx, Dependencies dependencies) {
        this.vertx = vertx;
        this.health = new HealthCheck(new Bus(vertx.eventBus(), PROBE_TIMEOUT, 1), dependencies);
    }

    /** Begins with the first look. */
    public void start() {
        health.report().onComplete(report -> {
            if (!stopped) {
                timer = vertx.setTimer(PROBE_INTERVAL_MILLISECONDS, again -> start());
            }
        });
    }

    /** Looks no more. */
    public void stop() {
        stopped = true;
        vertx.cancelTimer(timer);
    }
}
