package dev.shortwave.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shortwave.fixture.ReplicatedPostgres;
import dev.shortwave.fixture.Servers;
import dev.shortwave.fixture.Service;
import dev.shortwave.fixture.ServiceTest;
import dev.shortwave.fixture.TcpProxy;
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
class ReadReplicaIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    @TempDir
    static Path folder;

    private static ReplicatedPostgres postgres;
    private static TcpProxy wayToReplica;
    private static Service service;

    @BeforeAll
    static void start(Servers servers) {
        postgres = ReplicatedPostgres.start(folder);
        wayToReplica = TcpProxy.to(postgres.replica());
        service = servers.service()
                .on(postgres.primary())
                .set(
                        "database.replica-url",
                        postgres.replica().through(wayToReplica).url())
                .start();
    }

    @AfterAll
    static void stop() {
        service.close();
        wayToReplica.close();
        postgres.close();
    }

    @Test
    @Order(1)
    void listsAreReadFromTheReplicaAndHaveEveryWrite() {
        for (int round = 0; round < 20; round++) {
            expectListed(service.newLink());
        }
        awaitListsFromTheReplica();
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
        awaitListsFromTheReplica();
    }

    @Test
    @Order(3)
    void theServerAnswersWhileTheReplicaHangs() {
        wayToReplica.freeze();
        expectListedUntilItIsBack();
    }

    @Test
    @Order(4)
    void aReplicaIsFoundAgainWhoseConnectionsAreSilentForEver() {
        wayToReplica.strand();
        expectListed(service.newLink());
        awaitListsFromTheReplica();
    }

    @Test
    @Order(5)
    void theServerAnswersWhenTheReplicaIsGone() {
        wayToReplica.cut();
        expectListedUntilItIsBack();
    }

    @Test
    @Order(6)
    void aReplicaThatWasPromotedIsNotBelieved() {
        JsonObject link = service.newLink();
        await().atMost(TIMEOUT).until(postgres::isCaughtUp);
        postgres.promoteReplica();
        postgres.replica().execute("DELETE FROM urls WHERE id = " + link.getLong("id"));
        expectListed(link);
    }

    @Test
    @Order(7)
    void aServerThatAPromotionLeftBehindIsNotBelieved(Servers servers) {
        for (int more = 0; more < 20; more++) {
            service.newLink();
        }
        postgres.restartPrimaryBehindThePromotedReplica();
        try (Service successor = servers.service()
                .on(postgres.replica())
                .set("database.replica-url", postgres.primary().url())
                .start()) {
            expectListed(successor, successor.newLink());
        }
    }

    /** By the server, of a replica that is away now; then by the replica. */
    private static void expectListedUntilItIsBack() {
        try {
            expectListed(service.newLink());
        } finally {
            wayToReplica.restore();
        }
        awaitListsFromTheReplica();
    }

    private static void expectListed(JsonObject link) {
        expectListed(service, link);
    }

    private static void expectListed(Service asked, JsonObject link) {
        assertThat(listed(asked, link)).hasSize(1);
    }

    private static JsonArray listed(JsonObject link) {
        return listed(service, link);
    }

    private static JsonArray listed(Service asked, JsonObject link) {
        return asked.get("/urls?short_code=" + link.getString("short_code"))
                .expect(200)
                .array();
    }

    private static void awaitListsFromTheReplica() {
        long before = reads(postgres.replica());
        // A server notes such figures when a connection has nothing to do.
        await().atMost(TIMEOUT).until(() -> {
            service.get("/urls").expect(200);
            return reads(postgres.replica()) > before;
        });
    }

    private static long reads(TestDatabase database) {
        return database.number(
                "SELECT coalesce(sum(seq_scan + idx_scan), 0) FROM pg_stat_user_tables WHERE relname = 'urls'");
    }
}
