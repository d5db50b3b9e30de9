package dev.shortwave.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shortwave.fixture.Answer;
import dev.shortwave.fixture.Client;
import dev.shortwave.fixture.LogLines;
import dev.shortwave.fixture.Servers;
import dev.shortwave.fixture.Service;
import dev.shortwave.fixture.ServiceTest;
import dev.shortwave.fixture.TcpProxy;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@ServiceTest(redis = true)
class RedisOutageIT {

    private static final Duration RECOVERY = Duration.ofSeconds(15);

    private static TcpProxy proxy;
    private static Service service;

    @BeforeAll
    static void start(Servers servers) {
        proxy = TcpProxy.to(servers.redis());
        service = servers.service().withRedis(servers.redis().urlThrough(proxy)).start();
    }

    @AfterEach
    void restore() {
        proxy.restore();
        for (Service node : service.nodes()) {
            await().atMost(RECOVERY).until(() -> isOk(node));
        }
    }

    @AfterAll
    static void stop() {
        service.close();
        proxy.close();
    }

    private static boolean isOk(Service node) {
        // Each HTTP verticle instance has a connection of its own; new connections reach them in turn.
        for (int round = 0; round < 8; round++) {
            if (!node.raw("GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                    .contains("\"status\":\"ok\"")) {
                return false;
            }
        }
        return true;
    }

    static Stream<Named<Consumer<TcpProxy>>> waysToBeAway() {
        return Stream.of(Named.of("cut", TcpProxy::cut), Named.of("frozen", TcpProxy::freeze));
    }

    @ParameterizedTest
    @MethodSource("waysToBeAway")
    void redirectsGoOnFromPostgres(Consumer<TcpProxy> takeAway) {
        JsonObject link = service.newLink();
        takeAway.accept(proxy);
        for (int round = 0; round < 10; round++) {
            Answer answer = service.get("/" + link.getString("short_code")).expect(302);
            assertThat(answer.header("Location")).isEqualTo(link.getString("original_url"));
            // From memory while the lease lasts, then from PostgreSQL.
            assertThat(answer.header("X-Cache")).isIn("HIT", "MISS");
        }
        service.get("/" + Client.word()).problem(404);
        assertThat(service.eventsOf(link, "click")).hasSize(10);
    }

    @ParameterizedTest
    @MethodSource("waysToBeAway")
    void theApiGoesOn(Consumer<TcpProxy> takeAway) {
        takeAway.accept(proxy);
        JsonObject link = service.newLink();
        service.get("/" + link.getString("short_code")).expect(302);
        service.patch("/urls/" + link.getLong("id"), JsonObject.of("is_active", false))
                .expect(200);
        service.get("/" + link.getString("short_code")).problem(404);
        service.delete("/users/" + link.getLong("user_id")).expect(204);
    }

    @ParameterizedTest
    @MethodSource("waysToBeAway")
    void healthIsDegradedAndRecovers(Consumer<TcpProxy> takeAway) {
        takeAway.accept(proxy);
        await().atMost(RECOVERY).untilAsserted(() -> {
            service.get("/" + Client.word()).problem(404);
            JsonObject health = service.get("/health").expect(200).json();
            assertThat(health.getString("status")).isEqualTo("degraded");
            assertThat(health.getString("redis")).isEqualTo("unavailable");
            assertThat(health.getString("database")).isEqualTo("ok");
        });
        proxy.restore();
        await().atMost(RECOVERY).until(() -> isOk(service));
    }

    @ParameterizedTest
    @MethodSource("waysToBeAway")
    void whatChangedMeanwhileIsNeverServedStaleAfterwards(Consumer<TcpProxy> takeAway) {
        JsonObject edited = service.newLink();
        JsonObject deleted = service.newLink();
        JsonObject switchedOff = service.newLink();
        String unknown = Client.word();
        for (Service node : service.nodes()) {
            node.get("/" + edited.getString("short_code")).expect(302);
            node.get("/" + deleted.getString("short_code")).expect(302);
            node.get("/" + switchedOff.getString("short_code")).expect(302);
            node.get("/" + unknown).problem(404);
        }
        takeAway.accept(proxy);
        service.patch("/urls/" + edited.getLong("id"), JsonObject.of("original_url", "https://example.com/new"))
                .expect(200);
        service.delete("/urls/" + deleted.getLong("id")).expect(204);
        service.patch("/urls/" + switchedOff.getLong("id"), JsonObject.of("is_active", false))
                .expect(200);
        service.post("/shorten", JsonObject.of("url", "https://example.com/known", "short_code", unknown))
                .expect(201);
        expectChanged(service, edited, deleted, switchedOff, unknown);

        proxy.restore();
        await().during(Duration.ofSeconds(3))
                .atMost(RECOVERY)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> {
                    expectChanged(service, edited, deleted, switchedOff, unknown);
                    return true;
                });
        await().atMost(RECOVERY).until(() -> isOk(service));
        for (Service node : service.nodes()) {
            await().atMost(RECOVERY).until(() -> isOk(node));
            expectChanged(node, edited, deleted, switchedOff, unknown);
        }
    }

    private static void expectChanged(
            Service node, JsonObject edited, JsonObject deleted, JsonObject switchedOff, String known) {
        assertThat(node.get("/" + edited.getString("short_code")).expect(302).header("Location"))
                .isEqualTo("https://example.com/new");
        node.get("/" + deleted.getString("short_code")).problem(404);
        node.get("/" + switchedOff.getString("short_code")).problem(404);
        node.get("/" + known).expect(302);
    }

    @Test
    void theCacheWorksAgainAfterwards() {
        JsonObject link = service.newLink();
        proxy.cut();
        service.get("/" + link.getString("short_code")).expect(302);
        proxy.restore();
        await().atMost(RECOVERY).until(() -> isOk(service));
        service.get("/" + link.getString("short_code")).expect(302);
        assertThat(service.get("/" + link.getString("short_code")).expect(302).header("X-Cache"))
                .isEqualTo("HIT");
    }

    private static void awaitAway() {
        for (Service node : service.nodes()) {
            await().atMost(RECOVERY)
                    .until(() -> node.get("/health")
                            .expect(200)
                            .json()
                            .getString("redis")
                            .equals("unavailable"));
        }
    }

    /** No JVM can ask another one to book: each books before it answers. */
    @ParameterizedTest
    @MethodSource("waysToBeAway")
    void aClickOnOneNodeIsInTheVeryNextReadOfAnother(Consumer<TcpProxy> takeAway) {
        JsonObject link = service.newLink();
        Service[] nodes = service.nodes();
        takeAway.accept(proxy);
        awaitAway();
        for (int click = 1; click <= 10; click++) {
            nodes[click % 2].get("/" + link.getString("short_code")).expect(302);
            assertThat(nodes[(click + 1) % 2].eventsOf(link, "click")).hasSize(click);
        }
    }

    @Test
    void everyNodeIsWarmedAgainAfterwards() {
        int nodes = service.nodes().length;
        try (LogLines log = new LogLines("dev.shortwave.cache")) {
            proxy.cut();
            awaitAway();
            proxy.restore();
            await().atMost(RECOVERY)
                    .until(() -> log.all().stream()
                                    .filter(line -> line.contains("The cache is warm"))
                                    .count()
                            >= nodes);
        }
    }

    @Test
    void theServiceStartsWithoutRedisAndTakesItWhenItComes(Servers servers) {
        try (TcpProxy late = TcpProxy.to(servers.redis())) {
            late.cut();
            try (Service started = servers.service()
                    .withRedis(servers.redis().urlThrough(late))
                    .start()) {
                assertThat(started.get("/health").expect(200).json().getString("status"))
                        .isEqualTo("degraded");
                JsonObject link = started.newLink();
                started.get("/" + link.getString("short_code")).expect(302);
                late.restore();
                await().atMost(RECOVERY).until(() -> isOk(started));
                started.get("/" + link.getString("short_code")).expect(302);
            }
        }
    }
}
