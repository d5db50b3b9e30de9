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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** On one node of a Redis Cluster, which has all keys because they share a hash tag. */
@ServiceTest(redis = true)
class RedisClusterTest {

    private static final String TAG = "{shortwave}";
    private static final Duration PATIENCE = Duration.ofSeconds(20);

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
    void allKeysAreOnTheNodeOfTheHashTag(Servers servers) {
        RedisProcess owner = cluster.ownerOf(TAG);
        try (Service service = servers.service()
                .withRedis(owner.url())
                .set("redis.key-prefix", TAG + ":owner:")
                .start()) {
            JsonObject link = service.newLink();
            for (int version = 0; version < 20; version++) {
                String destination = "https://example.com/version/" + version;
                edit(service.nodes()[version % 2], link, destination);
                for (Service node : service.nodes()) {
                    assertThat(location(node, link)).isEqualTo(destination);
                }
            }
            for (Service node : service.nodes()) {
                await().atMost(PATIENCE).until(() -> redis(node).equals("ok"));
            }
            assertThat(owner.ask("DBSIZE")).isNotEqualTo(List.of("0"));
            for (RedisProcess other : cluster.besides(owner)) {
                assertThat(other.ask("DBSIZE")).containsExactly("0");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"shortwave:none:", TAG + ":elsewhere:"})
    void aNodeThatHasNotAllKeysIsNotBelieved(String prefix, Servers servers) {
        RedisProcess other = cluster.besides(cluster.ownerOf(TAG)).get(0);
        try (Service service = servers.service()
                .withRedis(other.url())
                .set("redis.key-prefix", prefix)
                .start()) {
            JsonObject link = service.newLink();
            edit(service, link, "https://example.com/new");
            for (Service node : service.nodes()) {
                assertThat(location(node, link)).isEqualTo("https://example.com/new");
                assertThat(redis(node)).isEqualTo("unavailable");
            }
        }
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
