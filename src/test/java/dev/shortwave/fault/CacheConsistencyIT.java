package dev.shortwave.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shortwave.fixture.Answer;
import dev.shortwave.fixture.RepeatingThreads;
import dev.shortwave.fixture.Servers;
import dev.shortwave.fixture.Service;
import dev.shortwave.fixture.ServiceTest;
import dev.shortwave.fixture.TcpProxy;
import dev.shortwave.fixture.VersionedLink;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** After a write has answered, no JVM answers the old state: whatever is in whose memory, and whoever is cut off. */
@ServiceTest(redis = true)
class CacheConsistencyIT {

    private static final Duration RECOVERY = Duration.ofSeconds(20);
    private static final int EDITS = 100;
    private static final int READERS = 4;

    private final Service service;

    CacheConsistencyIT(Service service) {
        this.service = service;
    }

    @Test
    void editsUnderLoadAreSeenByAllAtOnce() {
        VersionedLink link = new VersionedLink(service);
        try (RepeatingThreads readers = link.readBy(READERS, service.nodes())) {
            for (int edit = 0; edit < EDITS; edit++) {
                link.edit(service.nodes()[edit % 2]);
                for (Service node : service.nodes()) {
                    link.expectCurrent(node);
                }
            }
            readers.stop();
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
            String destination = "https://example.com/round/" + round;
            link = writer.post(
                            "/shorten",
                            JsonObject.of("url", destination, "short_code", code, "user_id", link.getLong("user_id")))
                    .expect(201)
                    .json();
            for (Service node : service.nodes()) {
                assertThat(node.get("/" + code).expect(302).header("Location")).isEqualTo(destination);
            }
        }
    }

    static Stream<Named<Consumer<TcpProxy>>> waysToBeCutOff() {
        return Stream.of(Named.of("cut", TcpProxy::cut), Named.of("frozen", TcpProxy::freeze));
    }

    @ParameterizedTest
    @MethodSource("waysToBeCutOff")
    void whoeverIsCutOffFromRedisDoesNotAnswerFromMemory(Consumer<TcpProxy> cutOff, Servers servers) {
        VersionedLink link = new VersionedLink(service);
        try (TcpProxy proxy = TcpProxy.to(servers.redis());
                Service lonely = service.anotherThrough(servers.redis().urlThrough(proxy))) {
            JsonObject doomed = service.newLink();
            String doomedPath = "/" + doomed.getString("short_code");
            for (String warm : new String[] {link.path(), doomedPath}) {
                await().atMost(RECOVERY)
                        .until(() -> "HIT".equals(lonely.get(warm).expect(302).header("X-Cache")));
            }
            cutOff.accept(proxy);
            service.delete("/urls/" + doomed.getLong("id")).expect(204);
            lonely.get(doomedPath).problem(404);
            for (int edit = 0; edit < 10; edit++) {
                link.edit(service);
                link.expectCurrent(lonely);
            }
            proxy.restore();
            lonely.get(doomedPath).problem(404);
            for (int edit = 0; edit < 10; edit++) {
                link.edit(service);
                link.expectCurrent(lonely);
            }
        }
    }

    @Test
    void theOthersTellOfAChangeWhoseJvmDiedBeforeItCould() {
        JsonObject link = service.newLink();
        String path = "/" + link.getString("short_code");
        for (Service node : service.nodes()) {
            node.get(path).expect(302);
        }
        String destination = "https://example.com/changed";
        // All that such a JVM leaves is what it committed.
        service.database().number("""
                WITH changed AS (
                    UPDATE urls SET original_url = '%s', version = nextval('link_versions') WHERE id = %s
                    RETURNING short_code, version
                )
                INSERT INTO link_changes (short_code, version, deleted)
                SELECT short_code, version, false FROM changed
                RETURNING version""".formatted(destination, link.getLong("id")));
        for (Service node : service.nodes()) {
            await().atMost(RECOVERY)
                    .until(() -> destination.equals(node.get(path).expect(302).header("Location")));
        }
        await().atMost(RECOVERY).until(() -> notedChanges() == 0);
    }

    @Test
    void whatWasReadBeforeAChangeIsNotKeptAfterIt() {
        String code = "slowly";
        String path = "/" + code;
        try (TcpProxy proxy = TcpProxy.to(service.database());
                Service slow = service.anotherThrough(proxy)) {
            // Behind the back of all, so that only PostgreSQL has it.
            long id = service.database().number("""
                    INSERT INTO urls (short_code, original_url) VALUES ('%s', 'https://example.com/before')
                    RETURNING id""".formatted(code));
            proxy.holdAnswerTo(code);
            CompletableFuture<Answer> read = slow.getSoon(path);
            await().atMost(RECOVERY).until(() -> proxy.heldAnswers() == 1);
            service.patch("/urls/" + id, JsonObject.of("original_url", "https://example.com/after"))
                    .expect(200);
            assertThat(read).isNotDone();
            proxy.restore();
            read.join().expect(302);
            assertThat(slow.get(path).expect(302).header("Location")).isEqualTo("https://example.com/after");
        }
    }

    @Test
    void nothingStaysNotedOnceItIsAnnounced() {
        JsonObject link = service.newLink();
        service.patch("/urls/" + link.getLong("id"), JsonObject.of("title", "Another one"))
                .expect(200);
        service.delete("/users/" + link.getLong("user_id")).expect(204);
        await().atMost(RECOVERY).until(() -> notedChanges() == 0);
    }

    private long notedChanges() {
        return service.database().number("SELECT count(*) FROM link_changes");
    }
}
