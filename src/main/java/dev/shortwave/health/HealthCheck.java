package dev.shortwave.health;

import dev.shortwave.bus.Bus;
import dev.shortwave.bus.PingStorage;
import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/** Asks the dependencies. One for each verticle instance, on its event loop. */
public final class HealthCheck {

    private final Bus bus;
    private final Dependencies dependencies;
    private @Nullable Future<Report> inFlight;

    /**
     * @param dependencies of this process, for all that ask
     */
    public HealthCheck(Bus bus, Dependencies dependencies) {
        this.bus = bus;
        this.dependencies = dependencies;
    }

    /** What was found of PostgreSQL, of Redis, of the lease that needs both, and of the booking of clicks. */
    public record Report(
            Dependencies.Status database,
            Dependencies.Status redis,
            Dependencies.Status lease,
            Dependencies.Status clicks) {

        /**
         * {@code unavailable} without PostgreSQL, {@code degraded} without a Redis that should be there, or its lease, or
         * while clicks can't be booked.
         */
        public String status() {
            if (!isAvailable()) {
                return Dependencies.UNAVAILABLE;
            }
            return redis.isUnavailable() || lease.isUnavailable() || clicks.isUnavailable()
                    ? "degraded"
                    : Dependencies.OK;
        }

        public boolean isAvailable() {
            return database.isOk();
        }
    }

    /**
     * Never fails: what can't be asked is unavailable. Who asks while an answer is awaited gets that one: anybody may ask for
     * health, and however often that is, the dependencies have one question at a time.
     */
    public Future<Report> report() {
        Future<Report> report = inFlight;
        if (report == null) {
            report = probe();
            inFlight = report;
            report.onComplete(known -> inFlight = null);
        }
        return report;
    }

    /** As {@link Dependencies#clockOffsetSeconds}. */
    public double clockOffsetSeconds() {
        return dependencies.clockOffsetSeconds();
    }

    private Future<Report> probe() {
        long asked = System.nanoTime();
        return bus.request(new PingStorage())
                .onSuccess(clock -> dependencies.sawClock(clock, asked))
                .transform(answer -> Future.succeededFuture(new Report(
                        dependencies.recordDatabase(answer.succeeded(), asked),
                        dependencies.checkRedis(),
                        dependencies.checkLease(),
                        dependencies.lookAtClicks())));
    }
}
