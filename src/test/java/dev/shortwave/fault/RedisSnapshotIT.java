package dev.shortwave.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shortwave.fixture.RepeatingThreads;
import dev.shortwave.fixture.Servers;
import dev.shortwave.fixture.Service;
import dev.shortwave.fixture.ServiceTest;
import dev.shortwave.fixture.SnapshotRedis;
import dev.shortwave.fixture.VersionedLink;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Redis that is killed and comes back with an older snapshot. */
@ServiceTest
class RedisSnapshotIT {

    private static final Duration RECOVERY = Duration.ofSeconds(20);
    private static final int READERS = 4;

    @TempDir
    Path folder;

    @Test
    void whatAnOlderSnapshotBringsBackIsNotBelieved(Servers servers) {
        try (SnapshotRedis redis = new SnapshotRedis(folder);
                Service service = servers.service().withRedis(redis.url()).start()) {
            VersionedLink edited = new VersionedLink(service);
            JsonObject deleted = service.newLink();
            edited.edit(service);
            for (Service node : service.nodes()) {
                edited.expectCurrent(node);
                node.get("/" + deleted.getString("short_code")).expect(302);
            }
            try (RepeatingThreads readers = edited.readBy(READERS, service.nodes())) {
                for (int round = 0; round < 3; round++) {
                    redis.save();
                    List<String> saved = redis.keys(edited.code());
                    assertThat(saved).isNotEmpty();
                    edited.edit(service.nodes()[round % 2]);
                    if (round == 0) {
                        service.delete("/urls/" + deleted.getLong("id")).expect(204);
                    }
                    redis.kill();
                    edited.edit(service.nodes()[(round + 1) % 2]);
                    redis.startAgain();
                    assertThat(redis.keys(edited.code()))
                            .as("what the snapshot brings back")
                            .containsAll(saved);
                    for (int edit = 0; edit < 10; edit++) {
                        edited.edit(service.nodes()[edit % 2]);
                        for (Service node : service.nodes()) {
                            edited.expectCurrent(node);
                            node.get("/" + deleted.getString("short_code")).problem(404);
                        }
                    }
                    for (Service node : service.nodes()) {
                        await().atMost(RECOVERY)
                                .until(() -> "ok"
                                        .equals(node.get("/health")
                                                .expect(200)
                                                .json()
                                                .getString("status")));
                        edited.expectCurrent(node);
                    }
                }
                readers.stop();
            }
        }
    }
}
