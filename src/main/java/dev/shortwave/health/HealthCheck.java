package dev.shortwave.health;

import dev.shortwave.bus.Bus;
import dev.shortwave.bus.PingStorage;
import io.vertx.core.Future;
import java.util.function.Supplier;

/** Asks the dependencies. One for each verticle instance, on its event loop. */
public final class HealthCheck {

    private static final String OK = "ok";
    private static final String UNAVAILABLE = "unavailable";

    private final Bus bus;
    private final Supplier<String> redis;

    /**
     * @param redis tells {@code ok}, {@code unavailable} or {@code disabled}
     */
    public HealthCheck(Bus bus, Supplier<String> redis) {
        this.bus = bus;
        this.redis = redis;
    }

    /**
     * What was found.
     *
     * @param database {@code ok} or {@code unavailable}
     * @param redis {@code ok}, {@code unavailable}, or {@code disabled} if none is configured
     */
    public record Report(String database, String redis) {

        /** {@code unavailable} without PostgreSQL, {@code degraded} without a Redis that should be there. */
        public String status() {
            if (!database.equals(OK)) {
                return UNAVAILABLE;
            }
            return redis.equals(UNAVAILABLE) ? "degraded" : OK;
        }

        public boolean isAvailable() {
            return database.equals(OK);
        }
    }

    /** Never fails: what can't be asked is unavailable. */
    public Future<Report> report() {
        return bus.ask(new PingStorage())
                .transform(answer ->
                        Future.succeededFuture(new Report(answer.succeeded() ? OK : UNAVAILABLE, redis.get())));
    }
}
