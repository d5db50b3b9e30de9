package dev.shortwave.storage;

import dev.shortwave.config.Config;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the partitions of events: this month's and the next two exist, those beyond the retention are dropped. Looks
 * at start and each hour; several JVMs may do so at once. A failure is logged and tried again: events without a
 * partition of their own go to {@code events_other}.
 */
final class EventPartitions {

    private static final Logger LOG = LoggerFactory.getLogger(EventPartitions.class);

    private final Vertx vertx;
    private final SqlClient client;
    private final Config.Events config;

    EventPartitions(Vertx vertx, SqlClient client, Config.Events config) {
        this.vertx = vertx;
        this.client = client;
        this.config = config;
    }

    Future<Void> keep() {
        vertx.setPeriodic(TimeUnit.HOURS.toMillis(1), timer -> look());
        return look();
    }

    private Future<Void> look() {
        LocalDate today = LocalDate.now(ZoneOffset.UTC);
        return client.preparedQuery("SELECT ensure_event_partitions($1::date, $2::date)")
                .execute(Tuple.of(today, today.plusMonths(2)))
                .compose(made -> dropOld(today))
                .recover(failure -> {
                    LOG.warn("Could not look after the partitions of events: {}", failure.getMessage());
                    return Future.succeededFuture();
                });
    }

    private Future<Void> dropOld(LocalDate today) {
        if (config.retentionMonths() == 0) {
            return Future.succeededFuture();
        }
        return client.preparedQuery("SELECT drop_event_partitions($1::date)")
                .execute(Tuple.of(today.minusMonths(config.retentionMonths())))
                .map(dropped -> {
                    Row row = dropped.iterator().next();
                    if (row.getInteger(0) > 0) {
                        LOG.info(
                                "Dropped {} months of events, older than {} months",
                                row.getInteger(0),
                                config.retentionMonths());
                    }
                    return null;
                });
    }
}
