package dev.shortwave.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shortwave.fixture.Answer;
import dev.shortwave.fixture.Client;
import dev.shortwave.fixture.LogLines;
import dev.shortwave.fixture.RedirectLoad;
import dev.shortwave.fixture.Servers;
import dev.shortwave.fixture.Service;
import dev.shortwave.fixture.ServiceTest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Instances come and go while requests do. */
@ServiceTest
class LiveScalingIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    @TempDir
    static Path folder;

    private final LogLines log = new LogLines("dev.shortwave.runtime", "dev.shortwave.Topology");
    private Path file;
    private Service service;

    @BeforeEach
    void start(Servers servers) throws IOException {
        file = Files.createTempFile(folder, "shortwave", ".yaml");
        write(2, 1, "");
        service = servers.service()
                .file(file)
                .set("runtime.event-loops", "2")
                .set("config.watch-interval", "100ms")
                // Bounds how long a retiring instance waits for a client that says nothing.
                .set("http.idle-timeout", "2s")
                .start();
    }

    @AfterEach
    void stop() {
        service.close();
        log.close();
    }

    private void write(int http, int storage, String more) throws IOException {
        Files.writeString(file, """
                verticles:
                  http:
                    instances: %s
                  url-storage:
                    instances: %s
                %s""".formatted(http, storage, more));
    }

    private JsonObject state(String name) {
        return service.management().get("/admin/verticles/" + name).expect(200).json();
    }

    private Answer patch(String name, Object instances) {
        return service.management().patch("/admin/verticles/" + name, JsonObject.of("instances", instances));
    }

    private void awaitInstances(String name, int count) {
        await().atMost(TIMEOUT).until(() -> {
            JsonObject state = state(name);
            return state.getInteger("actual") == count && state.getInteger("draining") == 0;
        });
    }

    @Test
    void noRedirectFailsAndNoClickIsLostWhileTheServerScales() {
        JsonObject link = service.newLink();
        List<String> failures;
        long answered;
        try (RedirectLoad load = new RedirectLoad(service, "/" + link.getString("short_code"), 8, 16)) {
            for (int instances : new int[] {1, 4, 2, 1, 2, 1, 2, 1, 3, 1, 2, 1, 2}) {
                patch("http", instances).expect(200);
                long before = load.answered();
                await().atMost(TIMEOUT).until(() -> load.answered() > before + 200);
                awaitInstances("http", instances);
            }
            load.close();
            assertThat(load.askedToClose()).isPositive();
            failures = load.failures();
            answered = load.answered();
        }
        assertThat(failures).isEmpty();
        // A read waits for two seconds of bookings, and a busy machine may have more left.
        await().atMost(TIMEOUT)
                .untilAsserted(() -> assertThat(service.get("/urls/" + link.getLong("id") + "/stats")
                                .expect(200)
                                .json()
                                .getLong("click_count"))
                        .isEqualTo(answered));
    }

    @Test
    void noRequestOfTheApiFailsWhileTheStorageScales() {
        JsonObject user = service.newUser();
        List<CompletableFuture<Answer>> answers = new ArrayList<>();
        for (int instances : new int[] {3, 1, 4, 1, 2, 1}) {
            patch("url-storage", instances).expect(200);
            IntStream.range(0, 100).forEach(request -> answers.add(service.getSoon("/users/" + user.getLong("id"))));
            service.newLink(user);
        }
        answers.forEach(answer -> answer.join().expect(200));
        awaitInstances("url-storage", 1);
    }

    /** Each instance has pools of its own, with metrics of their own. */
    @Test
    void theSeriesOfMetricsAreThoseOfTheMostInstancesThatThereWere() {
        patch("url-storage", 3).expect(200);
        service.newLink();
        List<String> series = seriesOfPools();
        assertThat(series).anyMatch(one -> one.contains("pool_name=\"api-3\""));
        for (int round = 0; round < 3; round++) {
            patch("url-storage", 1).expect(200);
            awaitInstances("url-storage", 1);
            patch("url-storage", 3).expect(200);
            service.newLink();
        }
        assertThat(seriesOfPools()).isEqualTo(series);
    }

    private List<String> seriesOfPools() {
        return service.management()
                .get("/metrics")
                .expect(200)
                .text()
                .lines()
                .filter(line -> line.startsWith("vertx_pool_"))
                .map(line -> line.substring(0, line.lastIndexOf(' ')))
                .sorted()
                .toList();
    }

    @Test
    void aDrainingStorageCompletesItsImport() {
        patch("url-storage", 2).expect(200);
        StringBuilder users = new StringBuilder("username,email\n");
        IntStream.range(0, 20_000)
                .forEach(number ->
                        users.append(Client.word()).append(",u").append(number).append("@example.com\n"));
        CompletableFuture<Answer> upload =
                CompletableFuture.supplyAsync(() -> service.upload("/users/bulk", "file", users.toString()));
        await().atMost(TIMEOUT).until(() -> state("url-storage").getInteger("requests_in_flight") > 0);
        patch("url-storage", 1).expect(200);
        patch("url-storage", 2).expect(200);
        patch("url-storage", 1).expect(200);
        assertThat(upload.join().expect(201).json().getInteger("imported")).isEqualTo(20_000);
        awaitInstances("url-storage", 1);
    }

    @Test
    void anEditOfTheFileScalesUpAndDown() throws IOException {
        write(3, 2, "");
        awaitInstances("http", 3);
        awaitInstances("url-storage", 2);
        assertThat(state("http").getString("origin")).isEqualTo(file.toString());
        write(1, 1, "");
        awaitInstances("http", 1);
        awaitInstances("url-storage", 1);
        service.get("/health").expect(200);
        assertThat(log.all())
                .contains(
                        "INFO Scaled http from 2 to 3 instances (" + file + ")",
                        "INFO Scaled http from 3 to 1 instances (" + file + ")");
    }

    @Test
    void newInstancesRunOnTheLeastLoadedEventLoops() {
        for (int round = 0; round < 3; round++) {
            patch("http", 1).expect(200);
            awaitInstances("http", 1);
            patch("http", 2).expect(200);
            assertThat(state("http").getJsonArray("event_loops")).isEqualTo(JsonArray.of(1, 1));
        }
        patch("http", 4).expect(200);
        assertThat(state("http").getJsonArray("event_loops")).isEqualTo(JsonArray.of(2, 2));
    }

    @Test
    void aFileWithProblemsChangesNothing() throws IOException {
        write(3, 1, "cache:\n  ttl: soon\n  size: 5\n");
        JsonObject problem =
                service.management().send("POST", "/admin/config/reload", null).problem(400);
        assertThat(problem.getString("detail"))
                .contains("cache.ttl = \"soon\"", "must be a time from 1s", "cache.size", "there is no such setting");
        assertThat(state("http").getInteger("desired")).isEqualTo(2);
        service.get("/health").expect(200);
        Files.delete(file);
        service.management().send("POST", "/admin/config/reload", null).problem(400);
        write(3, 1, "");
        awaitInstances("http", 3);
    }

    /** The next start would fail because of it. */
    @Test
    void aRefusedFileIsReportedUntilItIsValid() throws IOException {
        assertThat(settings()).isEqualTo(JsonObject.of("state", "ok"));
        write(2, 1, "cache:\n  ttl: soon\n  size: 5\n");
        await().atMost(TIMEOUT).until(() -> settings().getString("state").equals("refused"));
        JsonObject refused = settings();
        assertThat(refused.getJsonArray("problems")).hasSize(2).asString().contains("cache.ttl", "cache.size");
        assertThat(refused.getBoolean("blocks_start")).isTrue();
        assertThat(reloadMetric()).isEqualTo("shortwave_config_reload_successful 0.0");
        write(2, 1, "cache:\n  ttl: later\n");
        await().atMost(TIMEOUT).until(() -> settings().getJsonArray("problems").size() == 1);
        assertThat(settings().getString("since")).isEqualTo(refused.getString("since"));
        write(2, 1, "");
        await().atMost(TIMEOUT).until(() -> settings().getString("state").equals("ok"));
        assertThat(reloadMetric()).isEqualTo("shortwave_config_reload_successful 1.0");
    }

    private JsonObject settings() {
        return service.management().get("/health").expect(200).json().getJsonObject("settings");
    }

    private String reloadMetric() {
        return service.management()
                .get("/metrics")
                .expect(200)
                .text()
                .lines()
                .filter(line -> line.startsWith("shortwave_config_reload_successful "))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void theLogReportsThatAFileIsValidAgain() throws IOException {
        write(2, 1, "cache:\n  ttl: soon\n");
        service.management().send("POST", "/admin/config/reload", null).problem(400);
        write(2, 1, "");
        service.management().send("POST", "/admin/config/reload", null).expect(200);
        assertThat(log.all()).contains("INFO The settings are valid again, and no value has changed");
    }

    @Test
    void tooManyInstancesForTheJournalRefuseTheWholeFile() throws IOException {
        write(33, 2, "");
        JsonObject problem =
                service.management().send("POST", "/admin/config/reload", null).problem(400);
        assertThat(problem.getString("detail")).contains("verticles.http.instances", "must be from 1 to 32", "journal");
        assertThat(state("http").getInteger("actual")).isEqualTo(2);
        assertThat(state("url-storage").getInteger("actual")).isEqualTo(1);
        assertThat(settings().getBoolean("blocks_start"))
                .as("a JVM makes room for what it is started with")
                .isFalse();
        assertThat(reloadMetric()).isEqualTo("shortwave_config_reload_successful 1.0");
    }

    @Test
    void aSettingThatIsNotReloadableIsPendingUntilTheNextStart() throws IOException {
        write(2, 1, "cache:\n  ttl: 2h\n");
        JsonObject reloaded = service.management()
                .send("POST", "/admin/config/reload", null)
                .expect(200)
                .json();
        assertThat(reloaded.getJsonObject("pending_restart")
                        .getJsonObject("cache.ttl")
                        .getString("value"))
                .isEqualTo("2h");
        assertThat(reloaded.getJsonObject("changed")).isEmpty();
        assertThat(log.all())
                .contains("WARN cache.ttl = 2h (" + file + ") takes effect at the next start; until then it is 1h");
        JsonObject ttl = service.management().get("/config").expect(200).json().getJsonObject("cache.ttl");
        assertThat(ttl.getString("value")).isEqualTo("1h");
        assertThat(ttl.getJsonObject("pending_restart").getString("value")).isEqualTo("2h");
        assertThat(ttl.getJsonObject("pending_restart").getString("origin")).isEqualTo(file.toString());
        write(2, 1, "");
        assertThat(service.management()
                        .send("POST", "/admin/config/reload", null)
                        .expect(200)
                        .json()
                        .getJsonObject("pending_restart"))
                .as("what it runs on")
                .isEmpty();
        assertThat(service.management()
                        .get("/config")
                        .expect(200)
                        .json()
                        .getJsonObject("cache.ttl")
                        .containsKey("pending_restart"))
                .isFalse();
    }

    @Test
    void theLastChangeWins() throws IOException {
        patch("http", 4).expect(200);
        // Another setting of the file says nothing about this one.
        write(2, 2, "");
        awaitInstances("url-storage", 2);
        assertThat(state("http").getInteger("desired")).isEqualTo(4);
        assertThat(service.management()
                        .get("/config")
                        .expect(200)
                        .json()
                        .getJsonObject("verticles.http.instances")
                        .getString("origin"))
                .isEqualTo("PATCH /admin/verticles/http");
        write(3, 2, "");
        awaitInstances("http", 3);
    }

    @Test
    void singleInstancesAreNotScaled() {
        assertThat(patch("event-recorder", 2).problem(400, "instances").getString("detail"))
                .contains("must be 1", "one recorder");
        assertThat(patch("cache-warmer", 2).problem(400, "instances").getString("detail"))
                .contains("must be 1");
        patch("peers", 2).problem(400, "instances");
        patch("management", 2).problem(400, "instances");
        patch("no-such-verticle", 2).problem(404);
    }

    @Test
    void invalidInstanceCountsAreRefused() {
        for (Object instances : new Object[] {0, -1, 1.5, 100_000, "many", true}) {
            patch("http", instances).problem(400, "instances");
        }
        assertThat(patch("http", "many").problem(400, "instances").getString("detail"))
                .as("what may be written, and what this JVM has room for")
                .contains("per-core", "32", "journal");
        service.management().patch("/admin/verticles/http", "{}").problem(400, "instances");
        service.management().patch("/admin/verticles/http", "[]").problem(400);
        patch("http", "per-core").expect(200);
        assertThat(state("http").getString("value")).isEqualTo("per-core");
        assertThat(state("http").getInteger("desired"))
                .isEqualTo(Runtime.getRuntime().availableProcessors());
    }

    @Test
    void theListShowsAllVerticles() {
        JsonArray all = service.management().get("/admin/verticles").expect(200).array();
        assertThat(all.stream().map(one -> ((JsonObject) one).getString("name")))
                .containsExactly("url-storage", "event-recorder", "peers", "cache-warmer", "http", "management");
        assertThat(all.stream().map(one -> ((JsonObject) one).getInteger("actual")))
                .containsExactly(1, 1, 0, 1, 2, 1);
    }

    @Test
    void instancesAddedLiveStopInOrder() {
        patch("url-storage", 3).expect(200);
        patch("http", 4).expect(200);
        JsonObject link = service.newLink();
        try (RedirectLoad load = new RedirectLoad(service, "/" + link.getString("short_code"), 2, 0)) {
            await().atMost(TIMEOUT).until(() -> load.answered() > 100);
        }
        service.close();
        assertThat(log.all()).noneMatch(line -> line.contains("did not stop cleanly"));
    }

    @Test
    void aStopDoesNotWaitForIdleClientsOfADrainingInstance() {
        service.get("/health").expect(200);
        patch("http", 1).expect(200);
        service.close();
    }
}
