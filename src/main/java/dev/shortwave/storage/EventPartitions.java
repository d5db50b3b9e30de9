package dev.shortwave.storage;

import dev.shortwave.config.Config;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Maintains the partitions of events at the start and each hour: creates this month's and the next two, and drops those
 * beyond the retention. Several JVMs may do so at once. A failure is logged and retried: events without a partition of
 * their own go to {@code events_other}. The months are those of PostgreSQL's clock; nothing is dropped while the clock of
 * this machine differs, because one of the two is wrong.
 */
final class EventPartitions {

    private static final Logger LOG = LoggerFactory.getLogger(EventPartitions.class);

    private static final Duration MAX_CLOCK_OFFSET = Duration.ofMinutes(10);

    private static final String ENSURE = """
            SELECT ensure_event_partitions(today, (today + interval '2 months')::date), clock_timestamp()
            FROM (SELECT (now() AT TIME ZONE 'UTC')::date AS today) AS utc""";

    private static final String DROP = """
            SELECT drop_event_partitions(((now() AT TIME ZONE 'UTC')::date - make_interval(months => $1::integer))::date)""";

    private final Vertx vertx;
    private final SqlClient client;
    private final Config.Events config;
    private final Clock clock;

    EventPartitions(Vertx vertx, SqlClient client, Config.Events config, Clock clock) {
        this.vertx = vertx;
        this.client = client;
        this.config = config;
        this.clock = clock;
    }

    Future<Void> start() {
        vertx.setPeriodic(TimeUnit.HOURS.toMillis(1), timer -> maintain());
        return maintain();
    }

    private Future<Void> maintain() {
        return client.preparedQuery(ENSURE)
                .execute()
                .compose(rows -> dropOld(Duration.between(
                        clock.instant(),
                        rows.iterator().next().getOffsetDateTime(1).toInstant())))
                .recover(failure -> {
                    LOG.warn("Partition maintenance failed: {}", failure.getMessage());
                    return Future.succeededFuture();
                });
    }

    /**
     * @param offset how far PostgreSQL's clock is ahead of this machine's
     */
    private Future<Void> dropOld(Duration offset) {
        if (config.retentionMonths() == 0) {
            return Future.succeededFuture();
        }
        if (offset.abs().compareTo(MAX_CLOCK_OFFSET) > 0) {
            LOG.warn(
                    "Old events are kept: PostgreSQL's clock and that of this machine differ by {} s; correct the wrong one",
                    offset.toSeconds());
            return Future.succeededFuture();
        }
        return client.preparedQuery(DROP)
                .execute(Tuple.of(config.retentionMonths()))
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
