package dev.shortwave.cache;

import dev.shortwave.bus.Addresses;
import dev.shortwave.bus.Bus;
import dev.shortwave.bus.WarmCache;
import dev.shortwave.config.Config;
import dev.shortwave.link.LinkCache;
import dev.shortwave.link.Target;
import dev.shortwave.postgres.Database;
import dev.shortwave.postgres.PgFailures;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads all active links from PostgreSQL into the cache, on {@link WarmCache}. Batch after batch by id, so that neither
 * a long transaction nor the memory of one JVM is needed. Two requests at the same time share one run.
 */
public final class CacheWarmerVerticle extends VerticleBase {

    private static final Logger LOG = LoggerFactory.getLogger(CacheWarmerVerticle.class);

    private static final long LINKS_BETWEEN_PROGRESS = 100_000;

    private static final String NEXT = """
            SELECT id, user_id, short_code, original_url, version
            FROM urls
            WHERE is_active AND id > $1::bigint
            ORDER BY id
            LIMIT $2::bigint""";

    private final Database database;
    private final LinkCaches caches;
    private final Config config;
    private @Nullable Pool pool;
    private @Nullable LinkCache cache;
    private @Nullable Future<WarmCache.Result> running;

    public CacheWarmerVerticle(Database database, LinkCaches caches, Config config) {
        this.database = database;
        this.caches = caches;
        this.config = config;
    }

    @Override
    public Future<?> start() {
        Pool made = database.pool(vertx, "warmer", 1);
        pool = made;
        return caches.open().onSuccess(opened -> {
            cache = opened;
            Bus.serve(vertx.eventBus(), Addresses.CACHE_WARM, (WarmCache request) -> warm(made, opened));
        });
    }

    private Future<WarmCache.Result> warm(Pool pool, LinkCache cache) {
        if (running != null) {
            return running;
        }
        long started = System.nanoTime();
        Future<WarmCache.Result> run = next(pool, cache, 0, 0)
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

    private Future<Long> next(Pool pool, LinkCache cache, long after, long read) {
        return pool.preparedQuery(NEXT)
                .execute(Tuple.of(after, (long) config.cache().warmBatch()))
                .compose(rows -> {
                    List<Target> targets = new ArrayList<>(rows.size());
                    long last = after;
                    for (Row row : rows) {
                        last = row.getLong(0);
                        targets.add(new Target(
                                row.getString(2),
                                row.getLong(4),
                                Target.State.ACTIVE,
                                last,
                                row.getLong(1),
                                row.getString(3)));
                    }
                    long next = last;
                    long total = read + targets.size();
                    return cache.put(targets).compose(put -> {
                        if (total / LINKS_BETWEEN_PROGRESS > read / LINKS_BETWEEN_PROGRESS) {
                            LOG.info("Warming the cache: {} links so far", total);
                        }
                        boolean more = targets.size() == config.cache().warmBatch() && hasRoom(total);
                        return more ? next(pool, cache, next, total) : Future.succeededFuture(total);
                    });
                });
    }

    /** Beyond its bound the local cache would only throw out what was just read. */
    private boolean hasRoom(long read) {
        return config.redis().url() != null || read < config.cache().maxEntries();
    }

    @Override
    public Future<?> stop() {
        Future<Void> closed = pool == null ? Future.succeededFuture() : pool.close();
        return closed.eventually(() -> cache == null ? Future.succeededFuture() : cache.close());
    }
}
