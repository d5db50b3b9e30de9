package dev.shortwave.cache;

import dev.shortwave.bus.Addresses;
import dev.shortwave.bus.Bus;
import dev.shortwave.bus.WarmCache;
import dev.shortwave.config.Config;
import dev.shortwave.postgres.Database;
import dev.shortwave.postgres.PgFailures;
import dev.shortwave.postgres.ReconnectingPool;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads all active links from PostgreSQL into Redis and into memory, on {@link WarmCache}. Two requests at the same time
 * share one run.
 */
public final class CacheWarmerVerticle extends VerticleBase {

    private static final Logger LOG = LoggerFactory.getLogger(CacheWarmerVerticle.class);

    private final Database database;
    private final LinkCache caches;
    private final Config config;
    private @Nullable RedisLinkCache redis;
    private @Nullable Future<WarmCache.Result> running;

    public CacheWarmerVerticle(Database database, LinkCache caches, Config config) {
        this.database = database;
        this.caches = caches;
        this.config = config;
    }

    @Override
    public Future<?> start() {
        ReconnectingPool made =
                new ReconnectingPool(() -> database.pool(vertx, "warmer", 1), database.responseTimeout());
        RedisLinkCache links = caches.redis(vertx, "warming the cache");
        redis = links;
        Future<Void> opened = links == null ? Future.succeededFuture() : links.open();
        return opened.onSuccess(open -> Bus.serve(
                vertx.eventBus(),
                Addresses.CACHE_WARM,
                (WarmCache request) -> warm(new CacheWarmer(vertx, made, caches.local(), links, config.cache()))));
    }

    private Future<WarmCache.Result> warm(CacheWarmer warmUp) {
        if (running != null) {
            return running;
        }
        long started = System.nanoTime();
        Future<WarmCache.Result> run = warmUp.run()
                .map(links -> new WarmCache.Result(links, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - started)))
                .recover(failure -> Future.failedFuture(PgFailures.asProblem(failure)));
        running = run;
        return run.onComplete(result -> {
            running = null;
            if (result.succeeded()) {
                LOG.info(
                        "The cache is warm: {} links in {} ms",
                        result.result().links(),
                        result.result().milliseconds());
            } else {
                LOG.warn("The cache could not be warmed: {}", result.cause().getMessage());
            }
        });
    }

    @Override
    public Future<?> stop() {
        return redis == null ? Future.succeededFuture() : redis.close();
    }
}
