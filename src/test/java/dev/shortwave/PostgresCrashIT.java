package dev.shortwave;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shortwave.fixture.ClickLoad;
import dev.shortwave.fixture.Client;
import dev.shortwave.fixture.KillablePostgres;
import dev.shortwave.fixture.Servers;
import dev.shortwave.fixture.Service;
import dev.shortwave.fixture.ServiceTest;
import dev.shortwave.fixture.TestDatabase;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** PostgreSQL's processes killed or frozen under load, with no proxy in between, alone and together with the JVM. */
@ServiceTest
class PostgresCrashIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final Duration PAUSE = Duration.ofMillis(2);
    private static final int CALLERS = 4;
    private static final int KILLS = 3;

    @TempDir
    Path folder;

    private KillablePostgres postgres;
    private TestDatabase database;

    @BeforeEach
    void start() {
        postgres = new KillablePostgres(folder.resolve("postgres"));
        database = postgres.database();
    }

    @AfterEach
    void stop() {
        postgres.close();
    }

    private static List<JsonObject> newLinks(Client client) {
        List<JsonObject> links = Stream.generate(client::newLink).limit(10).toList();
        links.forEach(link -> client.get("/" + link.getString("short_code")).expect(302));
        return links;
    }

    @Test
    void eachClickIsBookedOnceAndNoRedirectFails(Servers servers) {
        try (Service service = servers.service().on(database).impatient().start()) {
            List<JsonObject> links = newLinks(service);
            long answered = links.size();
            for (int kill = 0; kill < KILLS; kill++) {
                try (ClickLoad load = new ClickLoad(service, links, CALLERS, PAUSE)) {
                    await().atMost(TIMEOUT).until(() -> load.answered() > 500);
                    postgres.kill();
                    long then = load.answered();
                    await().atMost(TIMEOUT).until(() -> load.answered() > then + 500);
                    await().atMost(TIMEOUT)
                            .until(() -> service.get("/users?limit=1").status() == 200);
                    load.stop();
                    assertThat(load.unanswered()).isZero();
                    answered += load.answered();
                }
                long clicks = answered;
                await().atMost(TIMEOUT)
                        .untilAsserted(() -> assertThat(database.clicks(links)).isEqualTo(clicks));
            }
            await().atMost(TIMEOUT).until(() -> service.metric("clicks_pending") == 0);
            assertThat(database.clicks(links)).isEqualTo(answered);
        }
    }

    @Test
    void eachAnsweredClickIsBookedOnceWithTheJvmKilledAtTheSameTime() {
        long answered = 0;
        long inFlight = 0;
        List<JsonObject> links = null;
        for (int kill = 0; kill < KILLS; kill++) {
            try (Program program = program()) {
                Client client = new Client(program.awaitReady());
                if (links == null) {
                    links = newLinks(client);
                    answered += links.size();
                }
                try (ClickLoad load = new ClickLoad(client, links, CALLERS, PAUSE)) {
                    await().atMost(TIMEOUT).until(() -> load.answered() > 500);
                    postgres.kill();
                    program.kill();
                    load.stop();
                    answered += load.answered();
                    inFlight += load.unanswered();
                }
            }
        }
        List<JsonObject> clicked = links;
        try (Program program = program()) {
            program.awaitReady();
            long least = answered;
            await().atMost(TIMEOUT)
                    .untilAsserted(() -> assertThat(database.clicks(clicked)).isGreaterThanOrEqualTo(least));
            // In order: what is left in the journal is booked then.
            program.terminate().awaitExit();
        }
        assertThat(database.clicks(clicked)).isBetween(answered, answered + inFlight);
    }

    @Test
    void stopsCleanlyWithAFrozenPostgresqlAndBooksTheRestAtTheNextStart() {
        List<JsonObject> links;
        long answered;
        try (Program program = program()) {
            Client client = new Client(program.awaitReady());
            links = newLinks(client);
            answered = links.size();
            postgres.freeze();
            try {
                try (ClickLoad load = new ClickLoad(client, links, CALLERS, PAUSE)) {
                    await().atMost(TIMEOUT).until(() -> load.answered() > 500);
                    load.stop();
                    answered += load.answered();
                    assertThat(load.unanswered()).isZero();
                }
                assertThat(program.terminate().awaitExit()).isZero();
            } finally {
                postgres.thaw();
            }
            assertThat(program.output())
                    .contains("they stay in the journal for the next start")
                    .endsWith("Stopped\n");
        }
        try (Program program = program()) {
            Client client = new Client(program.awaitReady());
            assertThat(client.eventsOf(links.get(0), "click")).isNotEmpty();
            long clicks = answered;
            await().atMost(TIMEOUT)
                    .untilAsserted(() -> assertThat(database.clicks(links)).isEqualTo(clicks));
        }
    }

    private Program program() {
        return new Program.Start(folder).with("DATABASE_URL", database.url()).run();
    }
}
