package dev.shortwave.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.shortwave.fixture.Answer;
import dev.shortwave.fixture.RedisProcess;
import dev.shortwave.fixture.SentinelServers;
import dev.shortwave.fixture.Servers;
import dev.shortwave.fixture.Service;
import dev.shortwave.fixture.ServiceTest;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
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
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The master of Redis fails and another one takes its place: redirects go on, and none leads to an old destination. */
@ServiceTest(redis = true)
class RedisSentinelIT {

    private static final String DESTINATION = "https://example.com/version/";
    private static final Duration RECOVERY = Duration.ofSeconds(60);

    static Stream<Named<Consumer<RedisProcess>>> waysToFail() {
        return Stream.of(Named.of("killed", RedisProcess::kill), Named.of("frozen", RedisProcess::freeze));
    }

    @ParameterizedTest
    @MethodSource("waysToFail")
    void anotherMasterTakesOver(Consumer<RedisProcess> fail, Servers servers, @TempDir Path folder) throws Exception {
        assumeTrue(SentinelServers.areAvailable(), "there is no redis-server on the PATH");
        ExecutorService readers = Executors.newFixedThreadPool(4);
        AtomicBoolean done = new AtomicBoolean();
        AtomicInteger answered = new AtomicInteger();
        try (SentinelServers redis = SentinelServers.start(folder);
                Service service = servers.service().withRedis(redis).start()) {
            JsonObject link = service.newLink();
            String path = "/" + link.getString("short_code");
            edit(service, link, 0);
            for (Service node : service.nodes()) {
                awaitMemory(node, path);
            }
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

            RedisProcess failed = redis.master();
            fail.accept(failed);
            int version = 0;
            while (redis.master() == failed) {
                edit(service.nodes()[++version % 2], link, version);
                answered.set(version);
            }
            failed.thaw();
            for (int more = 0; more < 20; more++) {
                edit(service.nodes()[++version % 2], link, version);
                answered.set(version);
            }
            for (Service node : service.nodes()) {
                awaitMemory(node, path);
                assertThat(node.get("/health").expect(200).json().getString("status"))
                        .isEqualTo("ok");
            }
            edit(service, link, ++version);
            for (Service node : service.nodes()) {
                assertThat(version(node.get(path))).isEqualTo(version);
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
    void aMasterThatWouldTakeWritesBesideAnotherOneIsNotBelieved(Servers servers, @TempDir Path folder) {
        assumeTrue(SentinelServers.areAvailable(), "there is no redis-server on the PATH");
        try (SentinelServers redis = SentinelServers.start(folder)) {
            redis.master().ask("CONFIG", "SET", "min-replicas-to-write", "0");
            try (Service service = servers.service().withRedis(redis).start()) {
                JsonObject link = service.newLink();
                service.get("/" + link.getString("short_code")).expect(302);
                assertThat(service.get("/health").expect(200).json().getString("redis"))
                        .isEqualTo("unavailable");
            }
        }
    }

    private static void awaitMemory(Service node, String path) {
        await().atMost(RECOVERY)
                .until(() -> "HIT".equals(node.get(path).expect(302).header("X-Cache")));
    }

    private static void edit(Service node, JsonObject link, int version) {
        node.patch("/urls/" + link.getLong("id"), JsonObject.of("original_url", DESTINATION + version))
                .expect(200);
    }

    private static int version(Answer answer) {
        return Integer.parseInt(answer.expect(302).header("Location").substring(DESTINATION.length()));
    }
}
