package dev.shortwave.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.shortwave.error.StartupException;
import dev.shortwave.fixture.Answer;
import dev.shortwave.fixture.PgBouncer;
import dev.shortwave.fixture.ReplicatedPostgres;
import dev.shortwave.fixture.Servers;
import dev.shortwave.fixture.Service;
import dev.shortwave.fixture.ServiceTest;
import dev.shortwave.fixture.TestDatabase;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Behind a PgBouncer with its own defaults the service works, or does not start. */
@ServiceTest
class PgBouncerIT {

    @TempDir
    private Path folder;

    private final Servers servers;
    private TestDatabase database;

    PgBouncerIT(Servers servers) {
        this.servers = servers;
    }

    @BeforeEach
    void makeDatabase() {
        assumeTrue(PgBouncer.installed().isPresent(), "there is no pgbouncer");
        database = servers.postgres().newDatabase();
    }

    @Test
    void worksWhereAConnectionKeepsItsSession() {
        try (PgBouncer pooler = PgBouncer.start(folder, "session", database);
                Service service = servers.service().on(pooler.database()).start()) {
            useAll(service);
            // Of the connections behind it, too.
            assertThat(database.number(
                            "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'shortwave-%'"))
                    .isPositive();
        }
    }

    @Test
    void worksWhereEachTransactionHasAnotherSession() {
        try (PgBouncer pooler = PgBouncer.start(folder, "transaction", database, "server_round_robin = 1");
                Service service = servers.service()
                        .on(pooler.database())
                        .set("database.transaction-pooling", "true")
                        .start()) {
            useAll(service);
        }
    }

    @Test
    void listsComeFromAReplicaBehindItToo() {
        try (ReplicatedPostgres postgres = ReplicatedPostgres.start(folder);
                PgBouncer toPrimary = PgBouncer.start(folder, "transaction", postgres.primary());
                PgBouncer toReplica = PgBouncer.start(folder, "transaction", postgres.replica());
                Service service = servers.service()
                        .on(toPrimary.database())
                        .set("database.replica-url", toReplica.database().url())
                        .set("database.transaction-pooling", "true")
                        .start()) {
            await().untilAsserted(() -> {
                JsonObject link = service.newLink();
                assertThat(service.get("/urls?code=" + link.getString("short_code"))
                                .expect(200)
                                .array())
                        .hasSize(1);
                assertThat(postgres.replica()
                                .number(
                                        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'shortwave-lists'"
                                                + " AND query NOT LIKE '%pg_control_system%' AND state = 'idle'"))
                        .isPositive();
            });
        }
    }

    @Test
    void anotherSessionForEachTransactionIsRefusedAtTheStartUnlessTheSettingsSaySo() {
        for (String roundRobin : List.of("0", "1")) {
            try (PgBouncer pooler =
                    PgBouncer.start(folder, "transaction", database, "server_round_robin = " + roundRobin)) {
                assertThatThrownBy(() -> servers.service().on(pooler.database()).start())
                        .isInstanceOf(StartupException.class)
                        .hasMessageMatching("[^\n]*")
                        .hasMessageContaining("has another session in its next transaction")
                        .hasMessageContaining("database.transaction-pooling");
            }
        }
    }

    @Test
    void aParameterThatItDoesNotTakeIsRefusedAtTheStart() {
        try (PgBouncer pooler = PgBouncer.start(folder, "session", database)) {
            assertThatThrownBy(() -> servers.service()
                            .on(pooler.database())
                            .urlParameters("options=-c%20search_path%3Dpublic")
                            .start())
                    .isInstanceOf(StartupException.class)
                    .hasMessageMatching("[^\n]*")
                    .hasMessageContaining("unsupported startup parameter: options")
                    .hasMessageContaining("ignore_startup_parameters");
        }
    }

    /** Several at once, so that sessions of the server change hands. */
    private static void useAll(Service service) {
        IntStream.range(0, 40).parallel().forEach(round -> {
            JsonObject link = service.newLink();
            service.get("/urls/" + link.getLong("id")).expect(200);
            service.patch("/urls/" + link.getLong("id"), new JsonObject().put("title", "T" + round))
                    .expect(200);
            service.get("/" + link.getString("short_code")).expect(302);
            Answer stats = service.get("/stats/" + link.getString("short_code")).expect(200);
            assertThat(stats.text()).isNotEmpty();
            service.get("/urls?limit=5").expect(200);
        });
        JsonObject last = service.newLink();
        service.get("/" + last.getString("short_code")).expect(302);
        assertThat(service.eventsOf(last, "click")).hasSize(1);
        service.delete("/urls/" + last.getLong("id")).expect(204);
        assertThat(service.management().get("/health").expect(200).json().getString("status"))
                .isEqualTo("ok");
    }
}
