package dev.shortwave.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shortwave.fixture.Answer;
import dev.shortwave.fixture.Servers;
import dev.shortwave.fixture.Service;
import dev.shortwave.fixture.ServiceTest;
import dev.shortwave.fixture.TcpProxy;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** After a write has answered, no JVM answers the old state: whatever is in whose memory, and whoever is cut off. */
@ServiceTest(redis = true)
class NothingStaleTest {

    private static final String OLD = "https://example.com/version/";
    private static final Duration RECOVERY = Duration.ofSeconds(20);
    private static final int EDITS = 100;

    private final Service service;

    NothingStaleTest(Service service) {
        this.service = service;
    }

    @Test
    void editsUnderLoadAreSeenByAllAtOnce() throws Exception {
        JsonObject link = service.newLink();
        String path = "/" + link.getString("short_code");
        AtomicInteger answered = new AtomicInteger();
        AtomicBoolean done = new AtomicBoolean();
        edit(service, link, 0);
        ExecutorService readers = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> reading = new ArrayList<>();
            for (int reader = 0; reader < 4; reader++) {
                Service node = service.nodes()[reader % 2];
                reading.add(readers.submit(() -> {
                    while (!done.get()) {
                        int least = answered.get();
                        assertThat(version(node.get(path))).isGreaterThanOrEqualTo(least);
                    }
                }));
            }
            for (int version = 1; version <= EDITS; version++) {
                edit(service.nodes()[version % 2], link, version);
                answered.set(version);
                for (Service node : service.nodes()) {
                    assertThat(version(node.get(path))).isEqualTo(version);
                }
            }
            done.set(true);
            for (Future<?> each : reading) {
                each.get();
            }
        } finally {
            done.set(true);
            readers.shutdown();
        }
    }

    @Test
    void aCodeThatIsDeletedAndTakenAgainLeadsToTheNewLinkOnly() {
        JsonObject link = service.newLink();
        String code = link.getString("short_code");
        for (int round = 0; round < 20; round++) {
            Service writer = service.nodes()[round % 2];
            writer.delete("/urls/" + link.getLong("id")).expect(204);
            for (Service node : service.nodes()) {
                node.get("/" + code).problem(404);
            }
            link = writer.post("/shorten", JsonObject.of("url", OLD + round, "short_code", code))
                    .expect(201)
                    .json();
            for (Service node : service.nodes()) {
                assertThat(version(node.get("/" + code))).isEqualTo(round);
            }
        }
    }

    static Stream<Named<Consumer<TcpProxy>>> waysToBeCutOff() {
        return Stream.of(Named.of("cut", TcpProxy::cut), Named.of("frozen", TcpProxy::freeze));
    }

    @ParameterizedTest
    @MethodSource("waysToBeCutOff")
    void whoeverIsCutOffFromRedisDoesNotAnswerFromMemory(Consumer<TcpProxy> cutOff, Servers servers) {
        JsonObject link = service.newLink();
        String path = "/" + link.getString("short_code");
        edit(service, link, 1);
        try (TcpProxy proxy = TcpProxy.to(servers.redis());
                Service lonely = service.anotherThrough(servers.redis().urlThrough(proxy))) {
            JsonObject doomed = service.newLink();
            String doomedPath = "/" + doomed.getString("short_code");
            for (String warm : new String[] {path, doomedPath}) {
                await().atMost(RECOVERY)
                        .until(() -> "HIT".equals(lonely.get(warm).expect(302).header("X-Cache")));
            }
            cutOff.accept(proxy);
            service.delete("/urls/" + doomed.getLong("id")).expect(204);
            lonely.get(doomedPath).problem(404);
            for (int version = 2; version < 12; version++) {
                edit(service, link, version);
                assertThat(version(lonely.get(path))).isEqualTo(version);
            }
            proxy.restore();
            lonely.get(doomedPath).problem(404);
            for (int version = 12; version < 22; version++) {
                edit(service, link, version);
                assertThat(version(lonely.get(path))).isEqualTo(version);
            }
        }
    }

    @Test
    void theOthersTellOfAChangeWhoseJvmDiedBeforeItCould() {
        JsonObject link = service.newLink();
        String path = "/" + link.getString("short_code");
        edit(service, link, 1);
        for (Service node : service.nodes()) {
            assertThat(version(node.get(path))).isEqualTo(1);
        }
        // All that such a JVM leaves is what it committed.
        service.database().number("""
                WITH changed AS (
                    UPDATE urls SET original_url = '%s', version = nextval('link_versions') WHERE id = %d
                    RETURNING short_code, version
                )
                INSERT INTO link_changes (short_code, version, deleted)
                SELECT short_code, version, false FROM changed
                RETURNING version""".formatted(OLD + 2, link.getLong("id")));
        for (Service node : service.nodes()) {
            await().atMost(RECOVERY).until(() -> version(node.get(path)) == 2);
        }
        await().atMost(RECOVERY).until(() -> notedChanges() == 0);
    }

    @Test
    void nothingStaysNotedOnceItIsAnnounced() {
        JsonObject link = service.newLink();
        edit(service, link, 1);
        service.delete("/users/" + link.getLong("user_id")).expect(204);
        await().atMost(RECOVERY).until(() -> notedChanges() == 0);
    }

    private long notedChanges() {
        return service.database().number("SELECT count(*) FROM link_changes");
    }

    private static void edit(Service node, JsonObject link, int version) {
        node.patch("/urls/" + link.getLong("id"), JsonObject.of("original_url", OLD + version))
                .expect(200);
    }

    private static int version(Answer answer) {
        String location = answer.expect(302).header("Location");
        return location.startsWith(OLD) ? Integer.parseInt(location.substring(OLD.length())) : -1;
    }
}
