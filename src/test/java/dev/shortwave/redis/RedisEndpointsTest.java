package dev.shortwave.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.shortwave.config.Config;
import dev.shortwave.fixture.RedisProcess;
import dev.shortwave.fixture.SentinelServers;
import dev.shortwave.fixture.Servers;
import dev.shortwave.fixture.ServiceTest;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.dns.AddressResolverOptions;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names of containers may have an underscore, which java.net.URI and with it the client take for no host. */
@ServiceTest
class RedisEndpointsTest {

    private final Vertx vertx = Vertx.vertx(new VertxOptions()
            .setAddressResolverOptions(new AddressResolverOptions()
                    .setQueryTimeout(200)
                    .setMaxQueries(1)
                    .setHostsValue(Buffer.buffer("127.0.0.1 my_redis\n127.0.0.1 my_sentinel\n"))));
    private final URI redis;

    RedisEndpointsTest(Servers servers) {
        redis = URI.create(servers.redis().url());
    }

    @AfterEach
    void close() {
        vertx.close().await();
    }

    @Test
    void aHostMayHaveAnUnderscore() {
        assertThat(ping("redis://my_redis:" + redis.getPort() + "/0", List.of()))
                .isEqualTo("PONG");
    }

    @Test
    void sentinelsAndTheMastersNameMayHaveAnUnderscore(@TempDir Path folder) {
        assumeTrue(SentinelServers.areAvailable(), "there is no redis-server on the PATH");
        List<String> settings = List.of("sentinel monitor my_master 127.0.0.1 " + redis.getPort() + " 1");
        try (RedisProcess sentinel = RedisProcess.startSentinel(folder, settings)) {
            assertThat(ping("redis://my_master", List.of("away_host:1", "my_sentinel:" + sentinel.port())))
                    .isEqualTo("PONG");
        }
    }

    private String ping(String url, List<String> sentinels) {
        Config.Redis config = new Config.Redis(
                URI.create(url), sentinels, null, Duration.ofSeconds(5), Duration.ofMillis(500), "test:");
        Redis client = new RedisEndpoints(config).createClient(vertx, 0);
        return client.connect()
                .compose(connection -> connection.send(Request.cmd(Command.PING)))
                .map(String::valueOf)
                .await();
    }
}
