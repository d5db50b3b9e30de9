package dev.shortwave.postgres.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shortwave.error.StartupException;
import dev.shortwave.fixture.Client;
import dev.shortwave.fixture.Servers;
import dev.shortwave.fixture.Service;
import dev.shortwave.fixture.ServiceBuilder;
import dev.shortwave.fixture.ServiceTest;
import dev.shortwave.fixture.TestDatabase;
import io.vertx.core.json.JsonObject;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Migrations and requests use one schema, and a start that PostgreSQL refuses says its sentence and a remedy. */
@ServiceTest
class MigrationFailureIT {

    private static final String TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname = '%s'";

    private final Servers servers;
    private TestDatabase database;

    MigrationFailureIT(Servers servers) {
        this.servers = servers;
    }

    @BeforeEach
    void makeDatabase() {
        database = servers.postgres().newDatabase();
    }

    @Test
    void theFirstSchemaOfTheSearchPathIsThatOfMigrationsAndRequests() {
        database.execute("CREATE SCHEMA sw");
        try (Service service = builder("options=-c%20search_path%3Dsw").start()) {
            JsonObject link = service.newLink();
            service.get("/" + link.getString("short_code")).expect(302);
            assertThat(service.eventsOf(link, "click")).hasSize(1);
            assertThat(service.database().number("SELECT count(*) FROM sw.urls"))
                    .isEqualTo(1);
        }
        assertThat(database.number(TABLES.formatted("public"))).isZero();
        // The next start finds it.
        try (Service service = builder("search_path=sw,public").start()) {
            assertThat(service.get("/urls").expect(200).array()).hasSize(1);
        }
    }

    @Test
    void aSearchPathThatLeadsNowhereIsRefused() {
        refused(builder("options=-c%20search_path%3Dsw"))
                .hasMessageContaining("The search_path of user " + database.user() + " (sw) leads to no schema")
                .hasMessageContaining("CREATE SCHEMA");
        assertThat(database.number(TABLES.formatted("public"))).isZero();
    }

    @Test
    void aUserThatMayNotCreateTables() {
        refused(servers.service().on(database.as(newUser())))
                .hasMessageContaining("could not be brought up to date: ERROR: permission denied for schema public.")
                .hasMessageContaining("GRANT");
    }

    @Test
    void aDatabaseThatIsReadOnly() {
        database.execute("ALTER DATABASE " + database.name() + " SET default_transaction_read_only = on");
        refused(servers.service().on(database))
                .hasMessageContaining("in a read-only transaction.")
                .hasMessageContaining("Connect to the primary");
    }

    @Test
    void aUserThatMayReadOnly() {
        migrate();
        String user = newUser();
        database.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO " + user);
        refused(servers.service().on(database.as(user)))
                .hasMessageContaining("does not serve requests of the API: permission denied for table")
                .hasMessageContaining("GRANT");
    }

    @Test
    void aUserWithoutRightsOnSequences() {
        migrate();
        String user = newUser();
        database.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO " + user);
        refused(servers.service().on(database.as(user)))
                .hasMessageContaining("permission denied for public.users_id_seq")
                .hasMessageContaining("GRANT USAGE ON SEQUENCE");
        database.execute("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO " + user);
        try (Service service = servers.service().on(database.as(user)).start()) {
            service.newLink();
        }
    }

    /** The recorder's own tables. */
    @Test
    void aUserThatMayNotBookClicks() {
        migrate();
        String user = newUser();
        database.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO " + user
                + "; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO " + user
                + "; REVOKE ALL ON click_checkpoints FROM " + user);
        refused(servers.service().on(database.as(user)))
                .hasMessageContaining(
                        "does not serve the booking of clicks: permission denied for table" + " click_checkpoints");
    }

    /** What is tried at the start leaves nothing, and uses up no id. */
    @Test
    void theStartLeavesNoTrace() {
        try (Service service = servers.service().on(database).start()) {
            assertThat(service.newLink().getLong("id")).isEqualTo(1);
            assertThat(database.number("SELECT count(*) FROM users")).isEqualTo(1);
            assertThat(database.number("SELECT count(*) FROM events")).isEqualTo(1);
            assertThat(database.number("SELECT count(*) FROM click_checkpoints WHERE journal LIKE 'start-check%'"))
                    .isZero();
        }
    }

    private void migrate() {
        try (Service service = servers.service().on(database).start()) {
            service.get("/urls").expect(200);
        }
    }

    private String newUser() {
        String user = "user_" + Client.word();
        database.execute("CREATE ROLE " + user + " LOGIN PASSWORD '" + database.password() + "'");
        return user;
    }

    private ServiceBuilder builder(String parameters) {
        return servers.service().on(database).urlParameters(parameters);
    }

    /** In one line. */
    private static AbstractThrowableAssert<?, ?> refused(ServiceBuilder builder) {
        return assertThatThrownBy(builder::start)
                .isInstanceOf(StartupException.class)
                .hasMessageMatching("[^\n]*");
    }
}
