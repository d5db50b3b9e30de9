package dev.shortwave;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shortwave.fixture.Client;
import dev.shortwave.fixture.Servers;
import dev.shortwave.fixture.Service;
import dev.shortwave.fixture.ServiceTest;
import dev.shortwave.fixture.TestDatabase;
import dev.shortwave.fixture.VersionedLink;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A JVM that stands still for longer than its lease, beside one that goes on. */
@ServiceTest
class ProcessPauseIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final int ROUNDS = 4;
    private static final int LINKS = 20;

    @TempDir
    Path folder;

    @Test
    void aResumedProcessServesNoStateOlderThanAnotherHasServed(Servers servers) throws Exception {
        TestDatabase database = servers.postgres().newDatabase();
        String prefix = "test:" + Client.word() + ":";
        try (Service living = servers.service()
                        .on(database)
                        .withRedis()
                        .set("redis.key-prefix", prefix)
                        .start();
                Program frozen = new Program.Start(folder)
                        .with("DATABASE_URL", database.url())
                        .with("REDIS_URL", servers.redis().url())
                        .with("SHORTWAVE_REDIS_KEY_PREFIX", prefix)
                        .run()) {
            Client client = new Client(frozen.awaitReady());
            List<VersionedLink> edited = Stream.generate(() -> new VersionedLink(living))
                    .limit(LINKS)
                    .toList();
            for (int round = 0; round < ROUNDS; round++) {
                List<JsonObject> deleted =
                        Stream.generate(living::newLink).limit(LINKS).toList();
                edited.forEach(link -> awaitHit(client, link.path()));
                deleted.forEach(link -> awaitHit(client, "/" + link.getString("short_code")));
                List<KeptConnection> connections = new ArrayList<>();
                // The one half is there before, the other waits in the kernel to be taken.
                while (connections.size() < LINKS / 2) {
                    connections.add(new KeptConnection(client.port()));
                }
                frozen.freeze();
                edited.forEach(link -> link.edit(living));
                deleted.forEach(
                        link -> living.delete("/urls/" + link.getLong("id")).expect(204));
                while (connections.size() < LINKS) {
                    connections.add(new KeptConnection(client.port()));
                }
                for (int at = 0; at < LINKS; at++) {
                    connections.get(at).send(edited.get(at).path());
                    connections.get(at).send("/" + deleted.get(at).getString("short_code"));
                }
                frozen.thaw();
                for (int at = 0; at < LINKS; at++) {
                    try (KeptConnection connection = connections.get(at)) {
                        edited.get(at).expect(connection.location(302));
                        connection.location(404);
                    }
                    edited.get(at).expectCurrent(client);
                    client.get("/" + deleted.get(at).getString("short_code")).problem(404);
                }
            }
        }
    }

    private static void awaitHit(Client client, String path) {
        await().atMost(TIMEOUT)
                .until(() -> "HIT".equals(client.get(path).expect(302).header("X-Cache")));
    }

    /** One connection, on which requests go out before the answers to earlier ones are read. */
    private static final class KeptConnection implements AutoCloseable {

        private final Socket socket;
        private final BufferedReader answers;

        KeptConnection(int port) throws IOException {
            socket = new Socket("127.0.0.1", port);
            socket.setSoTimeout((int) TIMEOUT.toMillis());
            answers = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
        }

        void send(String path) throws IOException {
            socket.getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
        }

        /** Reads the head of the next answer; the one with a body is to be the last. Its location, or nothing. */
        String location(int status) throws IOException {
            String location = "";
            assertThat(answers.readLine()).startsWith("HTTP/1.1 " + status);
            String line;
            while (!(line = answers.readLine()).isEmpty()) {
                if (line.toLowerCase(Locale.ROOT).startsWith("location: ")) {
                    location = line.substring("location: ".length());
                }
            }
            return location;
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
