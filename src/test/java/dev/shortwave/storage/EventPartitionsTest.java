package dev.shortwave.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shortwave.config.Config;
import dev.shortwave.fixture.Servers;
import dev.shortwave.fixture.Service;
import dev.shortwave.fixture.ServiceTest;
import dev.shortwave.fixture.TestDatabase;
import dev.shortwave.postgres.Database;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Months of events are made and dropped by PostgreSQL's clock, whatever that of this machine says. */
@ServiceTest
class EventPartitionsTest {

    private static final Config.Events A_YEAR = new Config.Events(12);

    private static final String LATER_MONTHS = "SELECT count(*) FROM pg_class"
            + " WHERE relname ~ '^events_[0-9]{4}_[0-9]{2}$' AND relname > 'events_' || to_char(now() + interval '3 months', 'YYYY_MM')";

    private final Vertx vertx = Vertx.vertx();
    private final Servers servers;

    EventPartitionsTest(Servers servers) {
        this.servers = servers;
    }

    @AfterEach
    void close() throws TimeoutException {
        vertx.close().await(20, TimeUnit.SECONDS);
    }

    @Test
    void aWrongClockOfThisMachineDropsAndCreatesNothing() throws TimeoutException {
        TestDatabase database = databaseWithAnOldMonth();
        keep(database, "2038-01-19T03:14:07Z");
        keep(database, "1970-01-01T00:00:00Z");
        assertThat(months(database, "events_2001_02")).isEqualTo(1);
        assertThat(database.number("SELECT count(*) FROM events WHERE event_type = 'old'"))
                .isEqualTo(1);
        assertThat(database.number(LATER_MONTHS)).isZero();
    }

    @Test
    void aRightClockDropsOldMonths() throws TimeoutException {
        TestDatabase database = databaseWithAnOldMonth();
        keep(database, Instant.now().toString());
        assertThat(months(database, "events_2001_02")).isZero();
        assertThat(database.number("SELECT count(*) FROM events WHERE event_type = 'new'"))
                .isEqualTo(1);
    }

    private TestDatabase databaseWithAnOldMonth() {
        TestDatabase database = servers.postgres().newDatabase();
        try (Service service = servers.service().on(database).start()) {
            assertThat(service.database()).isEqualTo(database);
        }
        database.execute(
                "SELECT ensure_event_partitions('2001-02-01', '2001-02-28');"
                        + "INSERT INTO events (url_id, event_type, \"timestamp\") VALUES (1, 'old', '2001-02-03'), (1, 'new', now())");
        return database;
    }

    private void keep(TestDatabase database, String now) throws TimeoutException {
        Config config = servers.service().set("database.url", database.url()).config();
        new EventPartitions(
                        vertx,
                        new Database(config.database()).pool(vertx, "test"),
                        A_YEAR,
                        Clock.fixed(Instant.parse(now), ZoneOffset.UTC))
                .start()
                .await(20, TimeUnit.SECONDS);
    }

    private static long months(TestDatabase database, String name) {
        return database.number("SELECT count(*) FROM pg_class WHERE relname = '" + name + "'");
    }
}
