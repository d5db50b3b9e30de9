package dev.shortwave;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shortwave.fixture.Client;
import dev.shortwave.fixture.Servers;
import dev.shortwave.fixture.Service;
import dev.shortwave.fixture.ServiceTest;
import dev.shortwave.fixture.TcpProxy;
import dev.shortwave.fixture.TestDatabase;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A JVM that is killed with clicks in its journal, beside one that lives. */
@ServiceTest
@Tag("start")
class KilledProgramTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    @Test
    void aLivingJvmBooksTheClicksOfAKilledOne(Servers servers) throws Exception {
        TestDatabase database = servers.postgres().newDatabase();
        try (Service living = servers.service()
                        .on(database)
                        .set("clicks.directory", folder.resolve("clicks").toString())
                        .set("clicks.take-over-interval", "500ms")
                        .start();
                TcpProxy proxy = TcpProxy.to(database);
                Program killed = new Program.Start(folder)
                        .with("DATABASE_URL", database.through(proxy).url())
                        .run()) {
            JsonObject link = living.newLink();
            Client client = new Client(killed.awaitReady());
            client.get("/" + link.getString("short_code")).expect(302);
            await().atMost(PATIENCE).until(() -> database.clicks(link) == 1);

            proxy.cut();
            for (int click = 0; click < 50; click++) {
                client.get("/" + link.getString("short_code")).expect(302);
            }
            killed.kill();
            assertThat(database.clicks(link)).isLessThanOrEqualTo(1);

            await().atMost(PATIENCE).until(() -> database.clicks(link) == 51);
            living.get("/" + link.getString("short_code")).expect(302);
            await().atMost(PATIENCE).until(() -> database.clicks(link) == 52);
        }
    }
}
