package dev.shortwave.storage;

import dev.shortwave.config.Config;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes custom codes that have been retired for {@code links.retire-codes}, at start and each hour, in small steps: a
 * trigger of the database adds the codes. Codes that were generated stay. A failure is logged, and the next hour retries.
 */
final class RetiredCodes {

    private static final Logger LOG = LoggerFactory.getLogger(RetiredCodes.class);

    private static final int BATCH_SIZE = 1_000;

    // Several JVMs may do so at once: each takes rows of its own.
    private static final String DELETE = """
            DELETE FROM retired_codes WHERE short_code = ANY(ARRAY(
                SELECT short_code FROM retired_codes
                WHERE NOT was_generated AND retired_at <= now() - $1::bigint * interval '1 millisecond'
                ORDER BY retired_at
                LIMIT $2::integer
                FOR UPDATE SKIP LOCKED))""";

    private final Vertx vertx;
    private final SqlClient client;
    private final Config.Links config;

    RetiredCodes(Vertx vertx, SqlClient client, Config.Links config) {
        this.vertx = vertx;
        this.client = client;
        this.config = config;
    }

    Future<Void> start() {
        vertx.setPeriodic(TimeUnit.HOURS.toMillis(1), timer -> deleteOld());
        return deleteOld();
    }

    private Future<Void> deleteOld() {
        return deleteBatches().recover(failure -> {
            LOG.warn("Deletion of expired retired codes failed: {}", failure.getMessage());
            return Future.succeededFuture();
        });
    }

    private Future<Void> deleteBatches() {
        return client.preparedQuery(DELETE)
                .execute(Tuple.of(config.retireCodes().toMillis(), BATCH_SIZE))
                .compose(deleted -> deleted.rowCount() < BATCH_SIZE ? Future.succeededFuture() : deleteBatches());
    }
}
