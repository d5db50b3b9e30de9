package dev.shortwave.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shortwave.fixture.Answer;
import dev.shortwave.fixture.LogLines;
import dev.shortwave.fixture.Servers;
import dev.shortwave.fixture.Service;
import dev.shortwave.fixture.ServiceTest;
import dev.shortwave.fixture.TcpProxy;
import dev.shortwave.fixture.TestDatabase;
import io.vertx.core.json.JsonObject;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The warm-up of the cache, when PostgreSQL is slow or silent, or memory too small for all links. */
@ServiceTest
class CacheWarmUpIT {

    private static final Duration RECOVERY = Duration.ofSeconds(15);
    private static final String LOCK_COUNTERS = "LOCK TABLE link_clicks IN ACCESS EXCLUSIVE MODE";

    private Servers servers;
    private TestDatabase database;
    private TcpProxy proxy;
    private LogLines log;

    @BeforeEach
    void open(Servers given) {
        servers = given;
        database = servers.postgres().newDatabase();
        proxy = TcpProxy.to(database);
        log = new LogLines("dev.shortwave");
    }

    @AfterEach
    void close() {
        log.close();
        proxy.close();
    }

    private static Answer warm(Service service) {
        return service.management().send("POST", "/admin/cache/warm", null);
    }

    /** As long as this is open, nobody finds out which links have the most clicks. */
    private Connection lockedCounters() throws SQLException {
        Connection connection = database.connect();
        connection.setAutoCommit(false);
        connection.createStatement().execute(LOCK_COUNTERS);
        return connection;
    }

    @Test
    void linksAreWarmThoughNobodyCanTellWhichHaveTheMostClicks() throws SQLException {
        try (Service service =
                servers.service().on(database.through(proxy)).impatient().start()) {
            service.newLink();
            try (Connection lock = lockedCounters()) {
                assertThat(warm(service).expect(200).json().getLong("links")).isEqualTo(1);
                lock.rollback();
            }
        }
    }

    @Test
    void aConnectionThatNeitherAnswersNorClosesIsReplaced() throws Exception {
        try (Service service =
                servers.service().on(database.through(proxy)).impatient().start()) {
            service.newLink();
            warm(service).expect(200);
            proxy.strand();
            try {
                // While the old connection is still there, open and silent.
                Answer answer =
                        CompletableFuture.supplyAsync(() -> warm(service)).get(RECOVERY.toSeconds(), TimeUnit.SECONDS);
                assertThat(answer.expect(200).json().getLong("links")).isEqualTo(1);
            } finally {
                proxy.restore();
            }
        }
    }

    @Test
    void aDatabaseThatIsBusyRestsAsLongAsItWorks() {
        int batches = 5;
        try (Service first = servers.service().on(database).start()) {
            for (int link = 0; link < 2 * batches; link++) {
                first.newLink();
            }
        }
        try (Service service = servers.service()
                .on(database)
                .set("cache.warm-at-start", "false")
                .set("cache.warm-batch-size", "2")
                .start()) {
            // Each query that reads links, whatever their number, takes longer than a fast one and notes when.
            database.execute("CREATE TABLE reads (began timestamptz, ended timestamptz)");
            database.execute("CREATE FUNCTION read_slowly() RETURNS boolean LANGUAGE plpgsql AS $$"
                    + " DECLARE began timestamptz := clock_timestamp();"
                    + " BEGIN PERFORM pg_sleep(0.12); INSERT INTO reads VALUES (began, clock_timestamp());"
                    + " RETURN true; END $$");
            database.execute("ALTER TABLE urls RENAME TO stored_urls");
            database.execute("CREATE VIEW urls AS SELECT * FROM stored_urls WHERE (SELECT read_slowly())");
            JsonObject warmed = warm(service).expect(200).json();
            assertThat(warmed.getLong("links")).isEqualTo(2 * batches);
            assertThat(database.number("SELECT count(*) FROM reads")).isGreaterThanOrEqualTo(batches);
            // But for the rounding of a timer.
            assertThat(database.number("SELECT count(*) FROM (SELECT ended - began AS busy,"
                            + " lead(began) OVER (ORDER BY began) - ended AS rest FROM reads) AS gaps"
                            + " WHERE rest < busy - interval '1 ms'"))
                    .isZero();
        }
    }

    @Test
    void aLongWarmUpTellsHowFarItIs() {
        try (Service service = servers.service().on(database).start()) {
            database.execute("INSERT INTO urls (short_code, original_url)"
                    + " SELECT 'c' || i, 'https://fernhill.example/' || i FROM generate_series(1, 100001) i");
            assertThat(warm(service).expect(200).json().getLong("links")).isEqualTo(100_001);
            assertThat(log.all()).contains("INFO Warming the cache: 100000 links so far");
        }
    }

    @Test
    void theStartWaitsForTheWarmUpNoLongerThanItMay() throws SQLException {
        try (Service first = servers.service().on(database).start()) {
            first.newLink();
        }
        try (Connection lock = lockedCounters();
                Service service = servers.service()
                        .on(database)
                        .set("database.statement-timeout", "1m")
                        .set("cache.warm-timeout", "100ms")
                        .start()) {
            service.get("/health/ready").expect(200);
            assertThat(log.all()).anyMatch(line -> line.contains("before the cache warm-up finished"));
            assertThat(log.all()).noneMatch(line -> line.contains("The cache is warm: 1 links"));
            lock.rollback();
            await().atMost(RECOVERY)
                    .until(() -> log.all().stream().anyMatch(line -> line.contains("The cache is warm: 1 links")));
        }
    }

    @Test
    void whereNotAllLinksFitTheOnesWithTheMostClicksAreWarm() {
        List<JsonObject> links = new ArrayList<>();
        try (Service first = servers.service().on(database).start()) {
            for (int link = 0; link < 300; link++) {
                links.add(first.newLink());
            }
        }
        List<JsonObject> hottest = links.subList(280, 300);
        hottest.forEach(link -> database.execute("INSERT INTO link_clicks (url_id, clicks, last_clicked_at) VALUES ("
                + link.getLong("id") + ", 1000, now())"));
        // Some fifty links.
        try (Service service = servers.service()
                .on(database)
                .set("cache.max-size", "20KiB")
                .set("cache.warm-batch-size", "2")
                .start()) {
            for (JsonObject link : hottest) {
                assertThat(service.get("/" + link.getString("short_code"))
                                .expect(302)
                                .header("X-Cache"))
                        .isEqualTo("HIT");
            }
        }
    }
}
