package dev.shortwave;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shortwave.fixture.Client;
import dev.shortwave.fixture.Folders;
import dev.shortwave.fixture.Servers;
import dev.shortwave.fixture.Service;
import dev.shortwave.fixture.ServiceTest;
import dev.shortwave.fixture.TcpProxy;
import dev.shortwave.fixture.TestDatabase;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A JVM that is killed with clicks in its journal, beside one that lives. */
@ServiceTest
class ProcessCrashIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private static final int CLICKS = 500;

    @TempDir
    Path folder;

    @Test
    void aRunningJvmBooksTheClicksOfAKilledOne(Servers servers) throws Exception {
        TestDatabase database = servers.postgres().newDatabase();
        try (Service living = servers.service()
                        .on(database)
                        .set("clicks.directory", folder.resolve("clicks").toString())
                        .set("clicks.orphan-scan-interval", "500ms")
                        .start();
                TcpProxy proxy = TcpProxy.to(database);
                Program killed = new Program.Start(folder)
                        .with("DATABASE_URL", database.through(proxy).url())
                        .run()) {
            JsonObject link = living.newLink();
            Client client = new Client(killed.awaitReady());
            client.get("/" + link.getString("short_code")).expect(302);
            await().atMost(TIMEOUT).until(() -> database.clicks(link) == 1);

            proxy.cut();
            for (int click = 0; click < 50; click++) {
                client.get("/" + link.getString("short_code")).expect(302);
            }
            killed.kill();
            assertThat(database.clicks(link)).isLessThanOrEqualTo(1);

            await().atMost(TIMEOUT).until(() -> database.clicks(link) == 51);
            living.get("/" + link.getString("short_code")).expect(302);
            await().atMost(TIMEOUT).until(() -> database.clicks(link) == 52);
        }
    }

    @Test
    void aRunningJvmDoesNotAdoptTheJournalOfAnotherWhoseFolderWasDeleted(Servers servers) throws Exception {
        TestDatabase database = servers.postgres().newDatabase();
        Path clicks = folder.resolve("clicks");
        try (Service living = servers.service()
                        .on(database)
                        .set("clicks.directory", clicks.toString())
                        .set("clicks.orphan-scan-interval", "100ms")
                        .start();
                TcpProxy proxy = TcpProxy.to(database);
                Program robbed = new Program.Start(folder)
                        .with("DATABASE_URL", database.through(proxy).url())
                        .with("SHORTWAVE_CLICKS_SEGMENT_SIZE", "64KiB")
                        .run()) {
            JsonObject link = living.newLink();
            Client client = new Client(robbed.awaitReady());
            client.get("/" + link.getString("short_code")).expect(302);
            await().atMost(TIMEOUT).until(() -> database.clicks(link) == 1);

            proxy.cut();
            Folders.delete(clicks);
            // Into several new files.
            for (int click = 0; click < CLICKS; click++) {
                client.get("/" + link.getString("short_code"), "User-Agent", "x".repeat(1000))
                        .expect(302);
            }
            robbed.awaitOutput("deleted while in use");
            // Time for the living one to look for journals of the dead, several times.
            await().during(Duration.ofSeconds(1)).atMost(TIMEOUT).until(() -> database.clicks(link) == 1);
            proxy.restore();
            await().atMost(TIMEOUT).until(() -> database.clicks(link) >= 1 + CLICKS);
            client.get("/" + link.getString("short_code")).expect(302);
            await().during(Duration.ofSeconds(1)).atMost(TIMEOUT).until(() -> database.clicks(link) == CLICKS + 2);
        }
    }
}
