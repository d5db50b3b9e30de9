package dev.shortwave.postgres.migration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shortwave.fixture.Client;
import dev.shortwave.fixture.Servers;
import dev.shortwave.fixture.Service;
import dev.shortwave.fixture.ServiceTest;
import dev.shortwave.fixture.TestDatabase;
import io.vertx.core.json.JsonObject;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Two releases on one database, as during an upgrade and a roll-back. */
@ServiceTest
class SchemaUpgradeIT {

    /** What a migration may do to a table that an older release uses: more columns, more indexes, more tables. */
    private static final String EXPAND = """
            DO $$
            DECLARE
                name text;
            BEGIN
                FOR name IN
                    SELECT c.relname FROM pg_class c
                    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
                      AND c.relname <> 'flyway_schema_history'
                LOOP
                    EXECUTE format('ALTER TABLE %I ADD COLUMN of_the_next_release bigint NOT NULL DEFAULT 7', name);
                    EXECUTE format('ALTER TABLE %I ADD COLUMN also_of_it text', name);
                    EXECUTE format('CREATE INDEX ON %I (of_the_next_release)', name);
                END LOOP;
            END
            $$;
            CREATE TABLE of_the_next_release (id bigint PRIMARY KEY);
            INSERT INTO flyway_schema_history
            SELECT 999, '999', 'of the next release', 'SQL', 'V999__of_the_next_release.sql', 1, installed_by, now(), 1, true
            FROM flyway_schema_history LIMIT 1
            """;

    private static final String COLUMNS = """
            SELECT c.relname || '.' || a.attname, format_type(a.atttypid, a.atttypmod),
                   a.attnotnull AND NOT a.atthasdef AND a.attidentity = ''
            FROM pg_class c
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
              AND c.relname <> 'flyway_schema_history'
            """;

    /** Constraints and unique indexes: whatever may refuse a row. */
    private static final String RULES = """
            SELECT conrelid::regclass || ': ' || pg_get_constraintdef(oid), '', false FROM pg_constraint
            WHERE connamespace = 'public'::regnamespace AND conrelid <> 0 AND contype <> 'n'
            UNION
            SELECT indrelid::regclass || ': ' || pg_get_indexdef(indexrelid), '', false FROM pg_index
            JOIN pg_class c ON c.oid = indrelid
            WHERE indisunique AND c.relnamespace = 'public'::regnamespace
            """;

    private static final String FUNCTIONS = """
            SELECT oid::regprocedure::text, pg_get_function_result(oid), false FROM pg_proc
            WHERE pronamespace = 'public'::regnamespace
            """;

    /** What a thing is, and whether an insert must name it. */
    private record Part(String type, boolean needed) {}

    @Test
    void theServiceRunsWhileTheNextReleaseExpandsTheSchemaAndRollsBackOntoIt(Servers servers) {
        try (Service running = servers.service()
                .withRedis()
                .set("database.allow-newer-schema", "true")
                .start()) {
            useAll(running);
            running.database().execute(EXPAND);
            // Its statements were prepared before.
            useAll(running);
            assertThat(running.database().number("SELECT ensure_event_partitions('2031-01-01', '2031-01-31')"))
                    .isEqualTo(1);
            Service rolledBack = running.sibling();
            useAll(rolledBack);
            useAll(running);
        }
    }

    private static void useAll(Service service) {
        JsonObject user = service.newUser();
        JsonObject link = service.newLink(user);
        String path = "/urls/" + link.getLong("id");
        service.get("/" + link.getString("short_code")).expect(302);
        assertThat(service.eventsOf(link, "click")).hasSize(1);
        assertThat(service.get(path + "/stats").expect(200).json().getLong("click_count"))
                .isEqualTo(1);
        assertThat(service.put(path, new JsonObject().put("title", "Another title"))
                        .expect(200)
                        .json()
                        .getString("title"))
                .isEqualTo("Another title");
        assertThat(service.get("/urls?user_id=" + user.getLong("id"))
                        .expect(200)
                        .array())
                .hasSize(1);
        service.put("/users/" + user.getLong("id"), new JsonObject().put("username", Client.word()))
                .expect(200);
        service.post(
                        "/events",
                        new JsonObject()
                                .put("url_id", link.getLong("id"))
                                .put("user_id", user.getLong("id"))
                                .put("event_type", "visited"))
                .expect(201);
        service.upload("/users/bulk", "file", "username,email\n" + Client.word() + ",a@fernhill.example\n")
                .expect(201);
        service.delete(path).expect(204);
        service.delete("/users/" + user.getLong("id")).expect(204);
    }

    static Stream<String> earlierSchemas(Servers servers) {
        MigrationInfo[] all =
                migrations(servers.postgres().newDatabase(), "latest").info().all();
        return Stream.of(all)
                .limit(all.length - 1L)
                .map(migration -> migration.getVersion().getVersion());
    }

    /** Whatever that release reads is still there, and whatever it inserts is still taken. */
    @ParameterizedTest
    @MethodSource("earlierSchemas")
    void aReleaseOfAnEarlierSchemaRunsBesideThisOne(String version, Servers servers) throws SQLException {
        TestDatabase database = servers.postgres().newDatabase();
        migrations(database, version).migrate();
        Map<String, Part> columns = parts(database, COLUMNS);
        Map<String, Part> rules = parts(database, RULES);
        Map<String, Part> functions = parts(database, FUNCTIONS);

        migrations(database, "latest").migrate();

        Map<String, Part> columnsNow = parts(database, COLUMNS);
        assertThat(columnsNow).containsAllEntriesOf(columns);
        assertThat(parts(database, FUNCTIONS)).containsAllEntriesOf(functions);
        List<String> tables = columns.keySet().stream()
                .map(SchemaUpgradeIT::tableOf)
                .distinct()
                .toList();
        assertThat(columnsNow.entrySet())
                .as("columns that an older release does not know, and would have to fill in")
                .filteredOn(column -> tables.contains(tableOf(column.getKey()))
                        && column.getValue().needed())
                .allMatch(column -> columns.containsKey(column.getKey()));
        assertThat(parts(database, RULES).keySet())
                .as("rules that an older release does not know, for tables that it fills")
                .filteredOn(rule -> tables.contains(rule.substring(0, rule.indexOf(':'))))
                .allMatch(rules::containsKey);
    }

    private static String tableOf(String column) {
        return column.substring(0, column.indexOf('.'));
    }

    private static Flyway migrations(TestDatabase database, String target) {
        return Flyway.configure()
                .dataSource(
                        "jdbc:postgresql://" + database.host() + ":" + database.port() + "/" + database.name(),
                        database.user(),
                        database.password())
                .locations("classpath:db/migration")
                .target(target)
                .load();
    }

    private static Map<String, Part> parts(TestDatabase database, String sql) throws SQLException {
        Map<String, Part> parts = new TreeMap<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                parts.put(rows.getString(1), new Part(rows.getString(2), rows.getBoolean(3)));
            }
        }
        return parts;
    }
}
