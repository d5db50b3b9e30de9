package dev.shortwave.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shortwave.fixture.ReplicatedPostgres;
import dev.shortwave.fixture.Servers;
import dev.shortwave.fixture.Service;
import dev.shortwave.fixture.ServiceTest;
import dev.shortwave.fixture.TestDatabase;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** A replica answers lists, as long as it has all that was written before. */
@ServiceTest
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ReadReplicaTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    static Path folder;

    private static ReplicatedPostgres postgres;
    private static Service service;

    @BeforeAll
    static void start(Servers servers) {
        postgres = ReplicatedPostgres.start(folder);
        service = servers.service()
                .on(postgres.primary())
                .set("database.read-url", postgres.replica().url())
                .start();
    }

    @AfterAll
    static void stop() {
        service.close();
        postgres.close();
    }

    @Test
    @Order(1)
    void listsAreReadFromTheReplicaAndHaveEveryWrite() {
        for (int round = 0; round < 20; round++) {
            expectListed(service.newLink());
        }
        // A server notes such figures when a connection has nothing to do.
        await().atMost(PATIENCE).until(() -> {
            service.get("/urls").expect(200);
            return reads(postgres.replica()) > 0;
        });
    }

    @Test
    @Order(2)
    void aReplicaThatLagsIsNotBelieved() {
        JsonObject before = service.newLink();
        expectListed(before);
        postgres.stopReplaying();
        try {
            for (int round = 0; round < 5; round++) {
                JsonObject link = service.newLink();
                expectListed(link);
                service.get("/" + link.getString("short_code")).expect(302);
                assertThat(service.eventsOf(link, "click")).hasSize(1);
            }
            service.delete("/urls/" + before.getLong("id")).expect(204);
            assertThat(listed(before)).isEmpty();
            service.get("/" + before.getString("short_code")).problem(404);
        } finally {
            postgres.replayAgain();
        }
    }

    @Test
    @Order(3)
    void theServerAnswersWhenTheReplicaIsGone() {
        postgres.stopReplica();
        expectListed(service.newLink());
    }

    private static void expectListed(JsonObject link) {
        assertThat(listed(link)).hasSize(1);
    }

    private static JsonArray listed(JsonObject link) {
        return service.get("/urls?short_code=" + link.getString("short_code"))
                .expect(200)
                .array();
    }

    private static long reads(TestDatabase database) {
        return database.number(
                "SELECT coalesce(sum(seq_scan + idx_scan), 0) FROM pg_stat_user_tables WHERE relname = 'urls'");
    }
}
