package dev.shortwave.health;

import dev.shortwave.bus.Bus;
import dev.shortwave.bus.PingStorage;
import io.vertx.core.Vertx;
import java.time.Duration;

/**
 * Asks PostgreSQL again and again, so that metrics say whether it answers even while no proxy asks for readiness. On the
 * event loop that starts it, but for {@link #answers}.
 */
public final class DatabaseWatch {

    /** Shorter than Prometheus looks, so that what it sees is no older than its own interval. */
    private static final long PAUSE_MILLISECONDS = 2_000;

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Vertx vertx;
    private final Bus bus;
    private volatile boolean answers = true;
    private long timer = -1;
    private boolean stopped;

    public DatabaseWatch(Vertx vertx) {
        this.vertx = vertx;
        this.bus = new Bus(vertx.eventBus(), PATIENCE, 1);
    }

    /** Begins with the first question. */
    public void start() {
        bus.ask(new PingStorage()).onComplete(answer -> {
            answers = answer.succeeded();
            if (!stopped) {
                timer = vertx.setTimer(PAUSE_MILLISECONDS, again -> start());
            }
        });
    }

    /** Asks no more. */
    public void stop() {
        stopped = true;
        vertx.cancelTimer(timer);
    }

    /** Whether PostgreSQL answered within a second when it was asked last. For any thread. */
    public boolean answers() {
        return answers;
    }
}
