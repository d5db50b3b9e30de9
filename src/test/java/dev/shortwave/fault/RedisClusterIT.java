package dev.shortwave.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.shortwave.fixture.ClusterServers;
import dev.shortwave.fixture.RedisProcess;
import dev.shortwave.fixture.SentinelServers;
import dev.shortwave.fixture.Servers;
import dev.shortwave.fixture.Service;
import dev.shortwave.fixture.ServiceTest;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** On one node of a Redis Cluster, which has all keys because they share a hash tag. */
@ServiceTest(redis = true)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RedisClusterIT {

    private static final String TAG = "{shortwave}";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    static Path folder;

    private static ClusterServers cluster;

    @BeforeAll
    static void start() {
        assumeTrue(SentinelServers.areAvailable(), "there is no redis-server on the PATH");
        cluster = ClusterServers.start(folder);
    }

    @AfterAll
    static void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @Test
    @Order(1)
    void allKeysAreOnTheNodeOfTheHashTag(Servers servers) {
        RedisProcess owner = cluster.ownerOf(TAG);
        try (Service service = start(servers, owner, TAG + ":owner:")) {
            awaitRedis(service, "ok");
            expectEditsToBeSeenAtOnce(service, service.newLink());
            assertThat(owner.ask("DBSIZE")).isNotEqualTo(List.of("0"));
            for (RedisProcess other : cluster.besides(owner)) {
                assertThat(other.ask("DBSIZE")).containsExactly("0");
            }
        }
    }

    @Test
    @Order(2)
    void withoutAHashTagANodeIsNotBelieved(Servers servers) {
        String prefix = "shortwave:none:";
        expectToGoOnWithout(servers, cluster.ownerOf(prefix), prefix);
    }

    @Test
    @Order(3)
    void aNodeThatHasNotTheSlotIsNotBelieved(Servers servers) {
        RedisProcess owner = cluster.ownerOf(TAG);
        expectToGoOnWithout(servers, cluster.besides(owner).get(0), TAG + ":elsewhere:");
        expectToGoOnWithout(servers, cluster.replicaOf(owner), TAG + ":replica:");
    }

    @Test
    @Order(4)
    void aMasterThatWouldTakeWritesBesideAnotherOneIsNotBelieved(Servers servers) {
        RedisProcess owner = cluster.ownerOf(TAG);
        owner.ask("CONFIG", "SET", "min-replicas-to-write", "0");
        try {
            expectToGoOnWithout(servers, owner, TAG + ":rival:");
        } finally {
            owner.ask("CONFIG", "SET", "min-replicas-to-write", "1");
        }
    }

    @Test
    @Order(5)
    void nobodyHoldsALeaseWhileKeysMove(Servers servers) {
        try (Service service = start(servers, cluster.ownerOf(TAG), TAG + ":moving:")) {
            JsonObject link = service.newLink();
            awaitRedis(service, "ok");
            cluster.beginToMove(TAG);
            try {
                expectEditsToBeSeenAtOnce(service, link);
                awaitRedis(service, "unavailable");
                expectEditsToBeSeenAtOnce(service, link);
            } finally {
                cluster.stopMoving(TAG);
            }
            awaitRedis(service, "ok");
            expectEditsToBeSeenAtOnce(service, link);
        }
    }

    @Test
    @Order(6)
    void theMasterIsReplacedAndTakesItsPlaceAgain(Servers servers) {
        RedisProcess owner = cluster.ownerOf(TAG);
        RedisProcess successor = cluster.replicaOf(owner);
        try (Service service = start(servers, owner, TAG + ":replaced:")) {
            JsonObject link = service.newLink();
            awaitRedis(service, "ok");
            expectEditsToBeSeenAtOnce(service, link);
            owner.freeze();
            await().atMost(PATIENCE).until(() -> isMaster(successor));
            expectEditsToBeSeenAtOnce(service, link);
            owner.thaw();
            await().atMost(PATIENCE).until(() -> !isMaster(owner));
            expectEditsToBeSeenAtOnce(service, link);
            awaitRedis(service, "unavailable");

            await().atMost(PATIENCE)
                    .until(() -> owner.ask("CLUSTER", "FAILOVER").equals(List.of("OK")) || isMaster(owner));
            awaitRedis(service, "ok");
            expectEditsToBeSeenAtOnce(service, link);
            // What it held in its earlier reign has other names: it may have lost the last of it.
            assertThat(owner.ask("KEYS", "*:" + link.getString("short_code"))).hasSizeGreaterThan(1);
        }
    }

    private static Service start(Servers servers, RedisProcess node, String prefix) {
        return servers.service()
                .withRedis(node.url())
                .set("redis.key-prefix", prefix)
                .start();
    }

    private static void expectToGoOnWithout(Servers servers, RedisProcess redis, String prefix) {
        try (Service service = start(servers, redis, prefix)) {
            expectEditsToBeSeenAtOnce(service, service.newLink());
            for (Service node : service.nodes()) {
                assertThat(redis(node)).isEqualTo("unavailable");
            }
        }
    }

    private static void expectEditsToBeSeenAtOnce(Service service, JsonObject link) {
        for (int version = 0; version < 6; version++) {
            String destination = "https://example.com/version/" + version;
            edit(service.nodes()[version % 2], link, destination);
            for (Service node : service.nodes()) {
                assertThat(location(node, link)).isEqualTo(destination);
            }
        }
    }

    private static void awaitRedis(Service service, String state) {
        for (Service node : service.nodes()) {
            await().atMost(PATIENCE).until(() -> redis(node).equals(state));
        }
    }

    private static boolean isMaster(RedisProcess node) {
        return node.ask("INFO", "replication").contains("role:master");
    }

    private static void edit(Service node, JsonObject link, String destination) {
        node.patch("/urls/" + link.getLong("id"), JsonObject.of("original_url", destination))
                .expect(200);
    }

    private static String location(Service node, JsonObject link) {
        return node.get("/" + link.getString("short_code")).expect(302).header("Location");
    }

    private static String redis(Service node) {
        return node.get("/health").expect(200).json().getString("redis");
    }
}
