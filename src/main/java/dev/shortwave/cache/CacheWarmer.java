package dev.shortwave.cache;

import dev.shortwave.config.Config;
import dev.shortwave.link.LinkTarget;
import dev.shortwave.postgres.ReconnectingPool;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run through all active links. First those with the most clicks, in case not all find room in memory; then all, batch
 * after batch by id, so that neither a long transaction nor the memory of one JVM is needed. The next batch is read while
 * one is written. On one event loop.
 */
final class CacheWarmer {

    private static final Logger LOG = LoggerFactory.getLogger(CacheWarmer.class);

    private static final String COLUMNS = "id, user_id, short_code, original_url, version";

    private static final String HOTTEST = """
            SELECT %s
            FROM (SELECT url_id FROM link_clicks ORDER BY clicks DESC LIMIT $1::bigint) hot
            JOIN urls ON id = url_id
            WHERE is_active""".formatted(COLUMNS);

    private static final String NEXT = """
            SELECT %s
            FROM urls
            WHERE is_active AND id > $1::bigint
            ORDER BY id
            LIMIT $2::bigint""".formatted(COLUMNS);

    /** In memory; of the rest each is as likely as the other. */
    private static final long HOTTEST_LINKS = 20_000;

    private static final long LINKS_BETWEEN_PROGRESS = 100_000;

    /** A database that takes longer for a batch has better things to do, and gets as long a rest. */
    private static final long SLOW_BATCH_NANOSECONDS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Vertx vertx;
    private final ReconnectingPool pool;
    private final LocalLinkCache local;
    private final @Nullable RedisLinkCache redis;
    private final Config.Cache config;
    private long links;
    private boolean localIsFull;

    /** Links as they were read, the watch that was on meanwhile, and the last id. */
    private record Batch(List<LinkTarget> targets, InvalidationWatch watch, int generation, long last) {}

    CacheWarmer(
            Vertx vertx,
            ReconnectingPool pool,
            LocalLinkCache local,
            @Nullable RedisLinkCache redis,
            Config.Cache config) {
        this.vertx = vertx;
        this.pool = pool;
        this.local = local;
        this.redis = redis;
        this.config = config;
    }

    /** Gives the number of links; fails if PostgreSQL can't be read. */
    Future<Long> run() {
        return read(HOTTEST, Tuple.of(HOTTEST_LINKS))
                .compose(this::write)
                .otherwise(failure -> {
                    // All counters are looked at for them, which may take longer than a statement may.
                    LOG.warn("Warming the cache in no special order: {}", failure.getMessage());
                    return null;
                })
                .compose(done -> {
                    links = 0;
                    return next(0);
                })
                .compose(this::writeAndContinue)
                .map(done -> links);
    }

    private Future<Batch> next(long after) {
        return read(NEXT, Tuple.of(after, (long) config.warmBatchSize()));
    }

    private Future<Batch> read(String query, Tuple parameters) {
        long started = System.nanoTime();
        InvalidationWatch watch = local.watchAll();
        int generation = redis == null ? 0 : redis.generation();
        return pool.withPool(client -> client.preparedQuery(query).execute(parameters))
                .map(rows -> batch(rows, watch, generation))
                .onFailure(failure -> local.endWatch(watch))
                .compose(batch -> pause(System.nanoTime() - started).map(batch));
    }

    private Future<?> pause(long nanoseconds) {
        return nanoseconds < SLOW_BATCH_NANOSECONDS
                ? Future.succeededFuture()
                : vertx.timer(nanoseconds, TimeUnit.NANOSECONDS);
    }

    private static Batch batch(RowSet<Row> rows, InvalidationWatch watch, int generation) {
        List<LinkTarget> targets = new ArrayList<>(rows.size());
        long last = 0;
        for (Row row : rows) {
            last = row.getLong(0);
            targets.add(new LinkTarget(
                    row.getString(2), row.getLong(4), LinkTarget.State.ACTIVE, last, row.getLong(1), row.getString(3)));
        }
        return new Batch(targets, watch, generation, last);
    }

    private Future<Void> writeAndContinue(Batch batch) {
        boolean more = batch.targets().size() == config.warmBatchSize() && !(localIsFull && redis == null);
        Future<Batch> following = more ? next(batch.last()) : Future.succeededFuture();
        return write(batch)
                .compose(written -> more ? following.compose(this::writeAndContinue) : Future.succeededFuture());
    }

    private Future<Void> write(Batch batch) {
        localIsFull = localIsFull || local.isFull();
        if (!localIsFull) {
            batch.targets().forEach(target -> local.fill(target, batch.watch()));
        }
        local.endWatch(batch.watch());
        long before = links;
        links += batch.targets().size();
        if (links / LINKS_BETWEEN_PROGRESS > before / LINKS_BETWEEN_PROGRESS) {
            LOG.info("Warming the cache: {} links so far", links);
        }
        Future<Void> written = Future.succeededFuture();
        for (int from = 0; redis != null && from < batch.targets().size(); from += RedisLinkCache.MAX_BATCH) {
            List<LinkTarget> part =
                    batch.targets().subList(from, Math.min(batch.targets().size(), from + RedisLinkCache.MAX_BATCH));
            written = written.compose(done -> redis.fill(part, batch.generation()));
        }
        // Redis may go away meanwhile; this JVM's memory is warm all the same.
        return written.otherwiseEmpty();
    }
}
