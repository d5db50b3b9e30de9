package dev.shortwave.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shortwave.fixture.Answer;
import dev.shortwave.fixture.ClickLoad;
import dev.shortwave.fixture.Client;
import dev.shortwave.fixture.Servers;
import dev.shortwave.fixture.Service;
import dev.shortwave.fixture.ServiceTest;
import dev.shortwave.fixture.TcpProxy;
import dev.shortwave.fixture.TestDatabase;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Clicks of a service that loses PostgreSQL in every way: each is booked once, and the metrics say what is going on. */
@ServiceTest
class ClickFaultsIT {

    private static final Duration RECOVERY = Duration.ofSeconds(30);

    /** How long PostgreSQL is away under load, in seconds. */
    private static final int OUTAGE_SECONDS = Integer.getInteger("shortwave.test.outage-seconds", 5);

    private static final int CALLERS = 4;

    private static TestDatabase database;
    private static TcpProxy proxy;
    private static Service service;

    @BeforeAll
    static void start(Servers servers) {
        database = servers.postgres().newDatabase();
        proxy = TcpProxy.to(database);
        service = servers.service()
                .on(database.through(proxy))
                .impatient()
                // Sixteen files for all event loops.
                .set("clicks.segment-size", "64KiB")
                .set("clicks.max-journal-size", "1MiB")
                .set("verticles.http.instances", "2")
                .start();
    }

    @AfterEach
    void restore() {
        proxy.restore();
        await().atMost(RECOVERY).until(() -> service.get("/users?limit=1").status() == 200);
    }

    @AfterAll
    static void stop() {
        service.close();
        proxy.close();
    }

    private static void awaitBooked(JsonObject link, long clicks) {
        await().atMost(RECOVERY)
                .untilAsserted(() -> assertThat(database.clicks(link)).isEqualTo(clicks));
    }

    private static void click(JsonObject link) {
        service.get("/" + link.getString("short_code")).expect(302);
    }

    @Test
    void underLoadAnOutageCostsNoClickAndNoRedirect() {
        List<JsonObject> links = new ArrayList<>();
        for (int link = 0; link < 10; link++) {
            links.add(service.newLink());
        }
        links.forEach(ClickFaultsIT::click);
        double refusedBefore = service.metric("clicks_dropped_total{reason=\"journal_full\"}");
        // A load that a journal of this size can take for as long as this.
        long redirected;
        try (ClickLoad load = new ClickLoad(service, links, CALLERS, Duration.ofMillis(10L * OUTAGE_SECONDS))) {
            proxy.cut();
            long end = System.nanoTime() + Duration.ofSeconds(OUTAGE_SECONDS).toNanos();
            while (System.nanoTime() < end) {
                Answer unknown = service.get("/" + Client.word());
                unknown.problem(503);
                assertThat(Integer.parseInt(unknown.header("Retry-After"))).isPositive();
                pause(Duration.ofMillis(200));
            }
            assertThat(service.metric("clicks_pending")).isPositive();
            assertThat(service.metric("clicks_lag_seconds")).isPositive();
            proxy.restore();
            pause(Duration.ofSeconds(1));
            load.stop();
            redirected = links.size() + load.answered();
        }
        await().atMost(RECOVERY)
                .untilAsserted(() -> assertThat(database.clicks(links)).isEqualTo(redirected));
        assertThat(service.metric("clicks_dropped_total{reason=\"journal_full\"}"))
                .isEqualTo(refusedBefore);
        await().atMost(RECOVERY)
                .until(() -> service.metric("clicks_pending") == 0 && service.metric("clicks_lag_seconds") == 0);
    }

    @Test
    void aClickWhoseAnswerWasLostIsNotBookedAgain() {
        JsonObject link = service.newLink();
        // The statement is prepared on the recorder's connection after this: what is lost then is the commit's answer.
        click(link);
        awaitBooked(link, 1);
        String agent = Client.word();
        int lostBefore = proxy.lostAnswers();
        proxy.loseAnswerTo(agent);
        service.get("/" + link.getString("short_code"), "User-Agent", agent).expect(302);

        await().atMost(RECOVERY).until(() -> proxy.lostAnswers() == lostBefore + 1);
        awaitBooked(link, 2);
        click(link);
        awaitBooked(link, 3);
        assertThat(database.number("SELECT count(*) FROM events WHERE details ->> 'user_agent' = '" + agent + "'"))
                .isEqualTo(1);
        await().atMost(RECOVERY).until(() -> service.metric("clicks_pending") == 0);
    }

    @Test
    void aConnectionThatNeitherAnswersNorClosesIsReplaced() {
        JsonObject link = service.newLink();
        click(link);
        awaitBooked(link, 1);
        proxy.strand();
        click(link);
        click(link);

        // While its old connection is still there, open and silent.
        awaitBooked(link, 3);
        assertThat(service.metric("clicks_dropped_total{reason=\"database_rejected\"}"))
                .isZero();
    }

    @Test
    void aServerThatHangsAndAwakesBooksEachClickOnce() {
        JsonObject link = service.newLink();
        click(link);
        awaitBooked(link, 1);
        proxy.freeze();
        click(link);
        // Long enough for the connection to be given up: the old statement and the new one both reach the server.
        pause(Duration.ofSeconds(4));
        click(link);
        proxy.restore();

        awaitBooked(link, 3);
        pause(Duration.ofSeconds(1));
        awaitBooked(link, 3);
    }

    @Test
    void aFullJournalDropsAndCountsClicksAndRecovers() {
        JsonObject link = service.newLink();
        click(link);
        awaitBooked(link, 1);
        double appendedBefore = service.metric("clicks_appended_total");
        double refusedBefore = service.metric("clicks_dropped_total{reason=\"journal_full\"}");
        String agent = "x".repeat(1000);
        long redirected = 0;
        proxy.cut();
        while (service.metric("clicks_dropped_total{reason=\"journal_full\"}") < refusedBefore + 200) {
            List<CompletableFuture<Answer>> answers = new ArrayList<>();
            for (int request = 0; request < 100; request++) {
                answers.add(service.getSoon("/" + link.getString("short_code"), "User-Agent", agent));
            }
            for (CompletableFuture<Answer> answer : answers) {
                answer.join().expect(302);
                redirected++;
            }
        }
        assertThat(service.metric("journal_size_bytes")).isLessThanOrEqualTo(1 << 20);
        double refused = service.metric("clicks_dropped_total{reason=\"journal_full\"}") - refusedBefore;
        assertThat(service.metric("clicks_appended_total") - appendedBefore).isEqualTo(redirected - refused);

        proxy.restore();
        awaitBooked(link, 1 + redirected - (long) refused);
        long settled = database.clicks(link);
        // Room again, without anybody's help; a spare file may take a moment.
        double refusedThen = service.metric("clicks_dropped_total{reason=\"journal_full\"}");
        await().atMost(RECOVERY).until(() -> {
            click(link);
            return service.metric("clicks_dropped_total{reason=\"journal_full\"}") == refusedThen
                    || database.clicks(link) > settled;
        });
        await().atMost(RECOVERY).until(() -> database.clicks(link) > settled);
    }

    @Test
    void poisonInTheHeadersOfAClickHarmsNeitherItNorItsNeighbours() {
        JsonObject link = service.newLink();
        click(link);
        for (String agent : List.of("\u0001\u0002", "x".repeat(12_000), "\u00e9\u00ff", "\\u0000", "\"}],'")) {
            service.raw("GET /" + link.getString("short_code")
                    + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\nUser-Agent: " + agent + "\r\n\r\n");
            click(link);
        }
        // All good ones at least; the first agent is no header for HTTP, and may be a 400 instead.
        await().atMost(RECOVERY)
                .untilAsserted(() -> assertThat(database.clicks(link)).isBetween(10L, 11L));
        assertThat(service.metric("clicks_dropped_total{reason=\"database_rejected\"}"))
                .isZero();
    }

    private static void pause(Duration duration) {
        try {
            Thread.sleep(duration.toMillis());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
