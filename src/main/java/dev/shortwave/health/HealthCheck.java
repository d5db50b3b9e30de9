package dev.shortwave.health;

import dev.shortwave.bus.Bus;
import dev.shortwave.bus.PingStorage;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.function.Supplier;

/** Asks the dependencies. One for each verticle instance, on its event loop. */
public final class HealthCheck {

    private static final String OK = "ok";
    private static final String UNAVAILABLE = "unavailable";

    private final Bus bus;
    private final Supplier<String> redis;
    private final Dependencies dependencies;

    /**
     * @param redis tells {@code ok}, {@code unavailable} or {@code disabled}
     * @param dependencies of this process, for all that ask
     */
    public HealthCheck(Bus bus, Supplier<String> redis, Dependencies dependencies) {
        this.bus = bus;
        this.redis = redis;
        this.dependencies = dependencies;
    }

    /**
     * What was found.
     *
     * @param database {@code ok} or {@code unavailable}
     * @param databaseSince when the database was first seen in this state
     * @param databaseNanoseconds how long it took to answer, or not to
     * @param redis {@code ok}, {@code unavailable}, or {@code disabled} if none is configured
     * @param redisSince when Redis was first seen in this state
     */
    public record Report(
            String database, Instant databaseSince, long databaseNanoseconds, String redis, Instant redisSince) {

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
        long asked = System.nanoTime();
        return bus.ask(new PingStorage()).transform(answer -> {
            String database = answer.succeeded() ? OK : UNAVAILABLE;
            String redisNow = redis.get();
            return Future.succeededFuture(new Report(
                    database,
                    dependencies.saw("database", database),
                    System.nanoTime() - asked,
                    redisNow,
                    dependencies.saw("redis", redisNow)));
        });
    }
}
