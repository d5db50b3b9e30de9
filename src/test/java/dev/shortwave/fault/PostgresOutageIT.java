package dev.shortwave.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shortwave.fixture.Answer;
import dev.shortwave.fixture.Client;
import dev.shortwave.fixture.Servers;
import dev.shortwave.fixture.Service;
import dev.shortwave.fixture.ServiceTest;
import dev.shortwave.fixture.TcpProxy;
import dev.shortwave.fixture.TestDatabase;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

@ServiceTest
class PostgresOutageIT {

    private static final Duration RECOVERY = Duration.ofSeconds(15);

    private static TestDatabase database;
    private static TcpProxy proxy;
    private static Service service;

    @BeforeAll
    static void start(Servers servers) {
        database = servers.postgres().newDatabase();
        proxy = TcpProxy.to(database);
        service = servers.service().on(database.through(proxy)).impatient().start();
    }

    @AfterEach
    void restore() {
        proxy.restore();
        awaitHealth(200);
        await().atMost(RECOVERY).until(() -> service.get("/users?limit=1").status() == 200);
    }

    @AfterAll
    static void stop() {
        service.close();
        proxy.close();
    }

    private static void awaitHealth(int status) {
        await().atMost(RECOVERY).until(() -> service.get("/health").status() == status);
    }

    private static void expectUnavailable(Answer answer) {
        answer.problem(503);
        assertThat(Integer.parseInt(answer.header("Retry-After"))).isPositive();
    }

    @Test
    void theApiIsUnavailableAndSaysWhenToComeBack() {
        JsonObject link = service.newLink();
        long event = service.eventsOf(link).getJsonObject(0).getLong("id");
        String name = Client.word();
        proxy.cut();
        for (String path : List.of(
                "/users",
                "/users/" + link.getLong("user_id"),
                "/urls",
                "/urls/" + link.getLong("id"),
                "/urls/" + link.getLong("id") + "/stats",
                "/urls/" + link.getLong("id") + "/events",
                "/stats/" + link.getString("short_code"),
                "/events",
                "/events/" + event,
                "/users/999999999",
                "/urls/999999999")) {
            expectUnavailable(service.get(path));
        }
        JsonObject user = JsonObject.of("username", name, "email", name + "@example.com");
        expectUnavailable(service.post("/users", user));
        expectUnavailable(service.patch("/users/" + link.getLong("user_id"), user));
        expectUnavailable(service.delete("/users/" + link.getLong("user_id")));
        expectUnavailable(service.post("/shorten", JsonObject.of("url", "https://example.com/")));
        expectUnavailable(service.patch("/urls/" + link.getLong("id"), JsonObject.of("title", "x")));
        expectUnavailable(service.delete("/urls/" + link.getLong("id")));
        expectUnavailable(service.post("/events", JsonObject.of("event_type", "x", "url_id", link.getLong("id"))));
        expectUnavailable(service.upload("/users/bulk", "file", "username,email\na,a@example.com\n"));
    }

    @Test
    void operatorsSeeSinceWhenItIsAway() {
        Instant up = databaseSeen().getInstant("since");
        proxy.cut();
        awaitHealth(503);
        JsonObject away = databaseSeen();
        assertThat(away.getString("state")).isEqualTo("unavailable");
        assertThat(away.getInstant("since")).isAfter(up);
    }

    @Test
    void sinceWhenDoesNotDependOnWhoAsks() {
        proxy.cut();
        await().atMost(RECOVERY)
                .until(() -> service.management().get("/metrics").text().contains("shortwave_database_up 0"));
        Instant asked = Instant.now();
        assertThat(databaseSeen().getInstant("since")).isBefore(asked);
    }

    private static JsonObject databaseSeen() {
        return service.management()
                .get("/health/ready")
                .expect(200)
                .json()
                .getJsonObject("dependencies")
                .getJsonObject("database");
    }

    @Test
    void badInputIsStillBadInput() {
        proxy.cut();
        service.post("/users", "{").problem(400);
        service.get("/users?page=0").problem(400, "page");
        service.get("/no/such/route").problem(404);
        service.get("/users/abc").problem(404);
    }

    @Test
    void aKnownLinkStillRedirects() {
        JsonObject link = service.newLink();
        proxy.cut();
        for (int round = 0; round < 20; round++) {
            Answer answer = service.get("/" + link.getString("short_code")).expect(302);
            assertThat(answer.header("Location")).isEqualTo(link.getString("original_url"));
            assertThat(answer.header("X-Cache")).isEqualTo("HIT");
        }
        service.head("/" + link.getString("short_code")).expect(302);
    }

    @Test
    void aCodeThatIsNotKnownIsUnavailableNeverNotFound() {
        String code = Client.word();
        proxy.cut();
        expectUnavailable(service.get("/" + code));
        expectUnavailable(service.get("/urls/" + code + "/redirect"));
        service.head("/" + code).expect(503);
        proxy.restore();
        awaitHealth(200);
        service.post("/shorten", JsonObject.of("url", "https://example.com/later", "short_code", code))
                .expect(201);
        assertThat(service.get("/" + code).expect(302).header("Location")).isEqualTo("https://example.com/later");
    }

    @Test
    void aKnownMissStaysNotFound() {
        String code = Client.word();
        service.get("/" + code).problem(404);
        proxy.cut();
        service.get("/" + code).problem(404);
    }

    @Test
    void healthTellsItAndLiveDoesNotCare() {
        proxy.cut();
        Answer health = service.get("/health").expect(503);
        assertThat(health.header("Retry-After")).isNotNull();
        assertThat(health.json().getString("status")).isEqualTo("unavailable");
        assertThat(health.json().getString("database")).isEqualTo("unavailable");
        service.get("/health/live").expect(200);
        assertThat(service.get("/health/ready").expect(200).json().getString("status"))
                .as("cached links redirect, so a proxy goes on sending requests here")
                .isEqualTo("degraded");
    }

    @Test
    void clicksMadeMeanwhileAreBookedExactlyOnceAfterwards() {
        JsonObject link = service.newLink();
        service.get("/" + link.getString("short_code")).expect(302);
        await().atMost(RECOVERY)
                .untilAsserted(() -> assertThat(database.clicks(link)).isEqualTo(1));
        proxy.cut();
        for (int round = 0; round < 100; round++) {
            service.get("/" + link.getString("short_code")).expect(302);
        }
        assertThat(database.clicks(link)).isEqualTo(1);
        proxy.restore();
        await().atMost(RECOVERY)
                .untilAsserted(() -> assertThat(database.clicks(link)).isEqualTo(101));
        // A moment later the recorder has the answer to its commit too: from then on readers wait for it again.
        long[] made = {101};
        await().atMost(RECOVERY).untilAsserted(() -> {
            made[0]++;
            service.get("/" + link.getString("short_code")).expect(302);
            assertThat(database.clicks(link)).isEqualTo(made[0]);
        });
        assertThat(service.get("/urls/" + link.getLong("id") + "/stats").json().getLong("click_count"))
                .isEqualTo(made[0]);
    }

    @Test
    void clicksAreBookedExactlyOnceThroughAConnectionThatComesAndGoes() {
        JsonObject link = service.newLink();
        String path = "/" + link.getString("short_code");
        int answered = 0;
        for (int round = 0; round < 5; round++) {
            List<CompletableFuture<Answer>> underWay = IntStream.range(0, 40)
                    .mapToObj(number -> service.getSoon(path))
                    .toList();
            proxy.cut();
            answered += redirected(underWay);
            underWay = IntStream.range(0, 40)
                    .mapToObj(number -> service.getSoon(path))
                    .toList();
            proxy.restore();
            answered += redirected(underWay);
        }
        assertThat(answered)
                .as("redirects while the connection was cut five times")
                .isEqualTo(400);
        await().atMost(RECOVERY)
                .untilAsserted(() -> assertThat(database.clicks(link)).isEqualTo(400));
    }

    private static int redirected(List<CompletableFuture<Answer>> answers) {
        return (int)
                answers.stream().filter(answer -> answer.join().status() == 302).count();
    }

    @Test
    void itRecoversByItself() {
        JsonObject link = service.newLink();
        for (int round = 0; round < 3; round++) {
            proxy.cut();
            expectUnavailable(service.get("/urls/" + link.getLong("id")));
            proxy.restore();
            await().atMost(RECOVERY)
                    .until(() -> service.get("/urls/" + link.getLong("id")).status() == 200);
            await().atMost(RECOVERY).until(() -> service.get("/health").status() == 200);
        }
    }

    @Test
    void aHungServerIsUnavailableInTime() {
        JsonObject link = service.newLink();
        proxy.freeze();
        for (String path : List.of("/urls/" + link.getLong("id"), "/" + Client.word())) {
            CompletableFuture<Answer> answer = CompletableFuture.supplyAsync(() -> service.get(path));
            await().atMost(RECOVERY).until(answer::isDone);
            expectUnavailable(answer.join());
        }
        awaitHealth(503);
    }

    /** As it is shipped, other time-outs end than those that tests are hurried with. */
    @Test
    void aHungServerIsUnavailableWithTheTimeOutsThatAreShipped(Servers servers) {
        try (Service patient = servers.service().on(database.through(proxy)).start()) {
            proxy.freeze();
            for (int round = 0; round < 3; round++) {
                expectUnavailable(patient.get("/" + Client.word()));
            }
            proxy.restore();
        }
    }

    @Test
    void aKnownLinkRedirectsWhileTheServerHangsAndTheClickIsBookedOnce() {
        JsonObject link = service.newLink();
        service.get("/" + link.getString("short_code")).expect(302);
        proxy.freeze();
        for (int round = 0; round < 5; round++) {
            service.get("/" + link.getString("short_code")).expect(302);
        }
        proxy.restore();
        await().atMost(RECOVERY)
                .untilAsserted(() -> assertThat(database.clicks(link)).isEqualTo(6));
        await().atMost(RECOVERY).untilAsserted(() -> {
            long before = database.clicks(link);
            service.get("/" + link.getString("short_code")).expect(302);
            assertThat(database.clicks(link)).isEqualTo(before + 1);
        });
    }

    @Test
    void anImportThatIsCutOffStoresNothing() throws Exception {
        StringBuilder csv = new StringBuilder("id,username,email,created_at\n");
        for (int row = 0; row < 60_000; row++) {
            csv.append(50_000_000 + row).append(",cut").append(row).append(",cut@example.com,2025-01-01 00:00:00\n");
        }
        CompletableFuture<Answer> upload =
                CompletableFuture.supplyAsync(() -> service.upload("/users/bulk", "file", csv.toString()));
        await().atMost(RECOVERY)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> database.number("SELECT count(*) FROM pg_stat_activity WHERE datname = '" + database.name()
                                + "' AND state = 'idle in transaction'")
                        > 0);
        proxy.cut();
        expectUnavailable(upload.get());
        proxy.restore();
        assertThat(database.number("SELECT count(*) FROM users WHERE id >= 50000000"))
                .isZero();
    }
}
