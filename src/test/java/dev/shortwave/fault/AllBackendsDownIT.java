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
import dev.shortwave.fixture.VersionedLink;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** PostgreSQL and Redis away at the same time. */
@ServiceTest
class AllBackendsDownIT {

    private static final Duration RECOVERY = Duration.ofSeconds(30);

    private Servers servers;
    private TestDatabase database;
    private TcpProxy postgres;
    private TcpProxy redis;
    private Service service;

    @BeforeEach
    void start(Servers servers) {
        this.servers = servers;
        database = servers.postgres().newDatabase();
        postgres = TcpProxy.to(database);
        redis = TcpProxy.to(servers.redis());
        service = servers.service()
                .on(database.through(postgres))
                .withRedis(servers.redis().urlThrough(redis))
                .impatient()
                .start();
    }

    @AfterEach
    void stop() {
        service.close();
        postgres.close();
        redis.close();
    }

    /** It has to read what changed meanwhile before it holds a lease again. */
    @Test
    void aJvmFindsBackThoughItsConnectionToPostgresqlNeitherAnswersNorCloses() {
        postgres.strand();
        try {
            redis.cut();
            redis.restore();
            await().atMost(RECOVERY)
                    .until(() -> "ok".equals(service.get("/health").json().getString("status")));
        } finally {
            postgres.restore();
        }
    }

    /** Who is called because PostgreSQL is away must not be sent to Redis. */
    @Test
    void redisIsWellWhileOnlyPostgresqlKeepsThisJvmFromItsLease() {
        postgres.cut();
        redis.cut();
        await().atMost(RECOVERY).until(() -> state("redis").equals("unavailable"));
        redis.restore();
        await().atMost(RECOVERY).until(() -> state("redis").equals("ok"));
        assertThat(state("lease")).isEqualTo("unavailable");
        postgres.restore();
        await().atMost(RECOVERY).until(() -> state("lease").equals("ok"));
        assertThat(state("redis")).isEqualTo("ok");
    }

    private String state(String dependency) {
        return service.management()
                .get("/health")
                .json()
                .getJsonObject("dependencies")
                .getJsonObject(dependency)
                .getString("state");
    }

    static Stream<Named<Consumer<TcpProxy>>> waysToBeAway() {
        return Stream.of(Named.of("cut", TcpProxy::cut), Named.of("frozen", TcpProxy::freeze));
    }

    @ParameterizedTest
    @MethodSource("waysToBeAway")
    void knownLinksRedirectAndTheirClicksAreBookedAfterwards(Consumer<TcpProxy> takeAway) {
        JsonObject link = service.newLink();
        VersionedLink edited = new VersionedLink(service);
        for (Service node : service.nodes()) {
            node.get("/" + link.getString("short_code")).expect(302);
            edited.expectCurrent(node);
        }
        takeAway.accept(redis);
        takeAway.accept(postgres);
        int redirected = service.nodes().length;
        for (Service node : service.nodes()) {
            for (int round = 0; round < 10; round++) {
                Answer answer = node.get("/" + link.getString("short_code")).expect(302);
                assertThat(answer.header("Location")).isEqualTo(link.getString("original_url"));
                redirected++;
            }
            Answer unknown = node.get("/" + Client.word());
            unknown.problem(503);
            assertThat(Integer.parseInt(unknown.header("Retry-After"))).isPositive();
            node.get("/health").expect(503);
            node.get("/health/live").expect(200);
        }
        postgres.restore();
        redis.restore();

        int clicks = redirected;
        await().atMost(RECOVERY)
                .untilAsserted(() -> assertThat(database.clicks(link)).isEqualTo(clicks));
        for (Service node : service.nodes()) {
            await().atMost(RECOVERY).until(() -> node.get("/health").status() == 200);
        }
        for (Service writer : service.nodes()) {
            edited.edit(writer);
            for (Service node : service.nodes()) {
                edited.expectCurrent(node);
            }
        }
        assertThat(database.clicks(link)).isEqualTo(clicks);
    }

    /** Far below what the connections would be waited for: the stop must not depend on servers that answer. */
    @ParameterizedTest
    @MethodSource("waysToBeAway")
    @Timeout(60)
    void theServiceStopsAndItsClicksAreBookedAfterTheNextStart(Consumer<TcpProxy> takeAway) {
        JsonObject link = service.newLink();
        service.get("/" + link.getString("short_code")).expect(302);
        takeAway.accept(redis);
        takeAway.accept(postgres);
        service.get("/" + link.getString("short_code")).expect(302);
        service.get("/urls").problem(503);
        service.close();
        postgres.restore();
        redis.restore();
        try (Service next = servers.service().on(database).impatient().start()) {
            assertThat(next.eventsOf(link, "click")).hasSize(2);
        }
    }
}
