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
        int milliseconds = 120;
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
            // Whoever reads links, whatever their number, waits so long once.
            database.execute("ALTER TABLE urls RENAME TO stored_urls");
            database.execute("CREATE VIEW urls AS SELECT * FROM stored_urls WHERE (SELECT pg_sleep(" + milliseconds
                    + " / 1000.0)::text) = ''");
            JsonObject warmed = warm(service).expect(200).json();
            assertThat(warmed.getLong("links")).isEqualTo(2 * batches);
            // The least that it takes: nothing sleeps for less than it should, but for the rounding of a timer.
            assertThat(warmed.getLong("milliseconds")).isGreaterThan((long) (1.9 * batches * milliseconds));
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
            assertThat(log.all()).anyMatch(line -> line.contains("not warm yet"));
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
