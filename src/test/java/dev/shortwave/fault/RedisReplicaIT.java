package dev.shortwave.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.shortwave.fixture.RedisProcess;
import dev.shortwave.fixture.SentinelServers;
import dev.shortwave.fixture.Servers;
import dev.shortwave.fixture.Service;
import dev.shortwave.fixture.ServiceTest;
import dev.shortwave.fixture.TcpProxy;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One address that leads to Redis or to a replica of it, as a name with several addresses does. */
@ServiceTest(redis = true)
class RedisReplicaIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Test
    void nobodyHoldsALeaseWhoHearsOfChangesFromAReplica(Servers servers, @TempDir Path folder) {
        assumeTrue(SentinelServers.areAvailable(), "there is no redis-server on the PATH");
        try (RedisProcess redis = RedisProcess.start(folder, List.of());
                RedisProcess replica = RedisProcess.start(folder, List.of("replicaof 127.0.0.1 " + redis.port()));
                TcpProxy address = TcpProxy.to(redis);
                Service service = servers.service()
                        .withRedis("redis://127.0.0.1:" + address.port())
                        .start()) {
            JsonObject link = service.newLink();
            awaitOk(service);
            await().atMost(PATIENCE)
                    .until(() -> replica.ask("INFO", "replication").contains("master_link_status:up"));

            address.leadTo(replica);
            redis.ask("CLIENT", "KILL", "TYPE", "pubsub");
            // Both nodes have come to it, and come again.
            await().atMost(PATIENCE).until(() -> timesAClientCameTo(replica) > 6);
            for (Service node : service.nodes()) {
                assertThat(redis(node)).isEqualTo("unavailable");
            }
            service.patch("/urls/" + link.getLong("id"), JsonObject.of("original_url", "https://example.com/new"))
                    .expect(200);
            for (Service node : service.nodes()) {
                assertThat(node.get("/" + link.getString("short_code"))
                                .expect(302)
                                .header("Location"))
                        .isEqualTo("https://example.com/new");
            }

            address.leadTo(redis);
            awaitOk(service);
        }
    }

    private static long timesAClientCameTo(RedisProcess redis) {
        return redis.ask("INFO", "commandstats").stream()
                .filter(line -> line.startsWith("cmdstat_hello:calls="))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D*(\\d+).*", "$1")))
                .sum();
    }

    private static void awaitOk(Service service) {
        for (Service node : service.nodes()) {
            await().atMost(PATIENCE).until(() -> redis(node).equals("ok"));
        }
    }

    private static String redis(Service node) {
        return node.get("/health").expect(200).json().getString("redis");
    }
}
