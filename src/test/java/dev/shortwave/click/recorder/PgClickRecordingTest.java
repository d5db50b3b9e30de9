package dev.shortwave.click.recorder;

import static dev.shortwave.click.journal.JournalProcess.join;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shortwave.bus.Codecs;
import dev.shortwave.click.Click;
import dev.shortwave.click.journal.JournalProcess;
import dev.shortwave.click.sink.PgClickSink;
import dev.shortwave.fixture.Servers;
import dev.shortwave.fixture.Service;
import dev.shortwave.fixture.ServiceTest;
import dev.shortwave.fixture.TestDatabase;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From the journal into a real PostgreSQL: what no HTTP request can carry, and what PostgreSQL does not take. */
@ServiceTest
class PgClickRecordingTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final long NOW = Instant.parse("2026-05-31T23:59:59Z").toEpochMilli();

    @TempDir
    Path folder;

    private final Vertx vertx = Vertx.vertx();
    private static Service service;
    private static TestDatabase database;
    private JsonObject link;
    private Pool pool;
    private JournalProcess process;

    /** With a database of its own, whose tables a test changes. */
    @BeforeAll
    static void start(Servers servers) {
        service = servers.service().start();
        database = service.database();
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @BeforeEach
    void open() {
        Codecs.registerAll(vertx.eventBus());
        link = service.newLink();
        pool = PgBuilder.pool()
                .using(vertx)
                .connectingTo(PgConnectOptions.fromUri(database.url()))
                .build();
        process = JournalProcess.on(vertx, folder, new PgClickSink(pool));
    }

    @AfterEach
    void close() {
        process.crash();
        join(pool.close());
        join(vertx.close());
    }

    private void append(long at, String referrer, String userAgent) {
        assertThat(process.append(new Click(
                        at,
                        link.getLong("id"),
                        null,
                        link.getString("short_code"),
                        "https://example.com/",
                        referrer,
                        userAgent)))
                .isTrue();
    }

    private void awaitSettled() {
        process.run();
        await().atMost(TIMEOUT).until(() -> process.journal.pendingBytes() == 0);
    }

    private long events(String condition) {
        return database.number("SELECT count(*) FROM events WHERE event_type = 'click' AND url_id = "
                + link.getLong("id") + " AND " + condition);
    }

    @Test
    void aPoisonedClickIsBookedSanitizedAndSoAreItsNeighbours() {
        List<String> poison = List.of(
                "a\u0000b",
                "\u0000",
                "x".repeat(65_536),
                "\u00e9".repeat(65_536),
                "half \ud83d",
                "\ude00 half",
                "\ude00\ud83d".repeat(600),
                "x" + "\ud83d\ude00".repeat(1024),
                "\\u0000\\",
                "\uffff\ufffe\ufeff",
                "\u001b[31m\r\n\t",
                "{\"a\":[\"");
        for (String header : poison) {
            append(NOW, null, "good");
            append(NOW, header, header);
        }
        append(NOW, null, "good");
        awaitSettled();

        assertThat(process.journal.booked()).isEqualTo(2L * poison.size() + 1);
        assertThat(process.journal.rejected()).isZero();
        assertThat(events("details ->> 'user_agent' = 'good'")).isEqualTo(poison.size() + 1);
        assertThat(events("true")).isEqualTo(2L * poison.size() + 1);
        assertThat(events("length(details ->> 'user_agent') > 1024")).isZero();
    }

    @Test
    void aRejectedClickIsCountedAndItsNeighboursAreBooked() {
        join(pool.query("ALTER TABLE events ADD CONSTRAINT no_poison CHECK (details ->> 'user_agent' <> 'poison')")
                .execute());
        for (int click = 0; click < 40; click++) {
            append(NOW, null, click == 0 || click == 17 || click == 18 || click == 39 ? "poison" : "good");
        }
        awaitSettled();

        assertThat(events("details ->> 'user_agent' = 'good'")).isEqualTo(36);
        assertThat(process.journal.rejected()).isEqualTo(4);
        assertThat(process.journal.booked()).isEqualTo(36);
        assertThat(process.journal.pendingClicks()).isZero();
        assertThat(database.number("SELECT clicks FROM link_clicks WHERE url_id = " + link.getLong("id")))
                .isEqualTo(36);
    }

    @Test
    void aTimeOutsideOfTheCalendarStopsNothing() {
        List<Long> times = List.of(
                NOW, Instant.parse("+400000-01-01T00:00:00Z").toEpochMilli(), Long.MAX_VALUE, Long.MIN_VALUE, NOW);
        times.forEach(time -> append(time, null, null));
        awaitSettled();

        assertThat(process.journal.booked() + process.journal.rejected()).isEqualTo(times.size());
        assertThat(events("\"timestamp\" = to_timestamp(" + NOW + " / 1000.0)")).isEqualTo(2);
    }

    @Test
    void aClockThatIsSetBackByAnHourCountsEachClickInItsHour() {
        long hour = Duration.ofHours(1).toMillis();
        for (long time : List.of(NOW, NOW, NOW - hour, NOW - hour + 1, NOW - hour, NOW)) {
            append(time, null, null);
            // In batches of their own, and in one.
            if (time == NOW) {
                awaitSettled();
            }
        }

        assertThat(process.journal.booked()).isEqualTo(6);
        assertThat(process.journal.lagSeconds()).isZero();
        assertThat(database.clicks(link)).isEqualTo(6);
        String clicks = "SELECT clicks FROM link_hours WHERE url_id = " + link.getLong("id") + " AND hour = ";
        assertThat(database.number(clicks + "timestamptz '2026-05-31T23:00Z'")).isEqualTo(3);
        assertThat(database.number(clicks + "timestamptz '2026-05-31T22:00Z'")).isEqualTo(3);
    }

    @Test
    void aClockThatIsSetBackAcrossAMonthLosesNothing() {
        List<Long> times = List.of(NOW, NOW + 2_000, NOW - 86_400_000, 0L, NOW - 1, NOW + 1_000);
        times.forEach(time -> append(time, null, null));
        awaitSettled();

        for (long time : times) {
            assertThat(events("\"timestamp\" = to_timestamp(" + time + " / 1000.0)"))
                    .isEqualTo(1);
        }
        assertThat(database.number("SELECT (extract(epoch FROM last_clicked_at) * 1000)::bigint FROM link_clicks"
                        + " WHERE url_id = " + link.getLong("id")))
                .isEqualTo(NOW + 2_000);
    }
}
