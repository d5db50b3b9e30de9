package dev.shortwave.postgres.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shortwave.config.Config;
import dev.shortwave.error.StartupException;
import dev.shortwave.fixture.SmallDisk;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the embedded server does with a data folder that is not as it left it. */
class EmbeddedDatabaseIT {

    @TempDir
    private static Path folder;

    private static Vertx vertx;
    private static Path data;

    @BeforeAll
    static void create() {
        vertx = Vertx.vertx();
        data = folder.resolve("made/data");
        run(data, server -> {});
    }

    @AfterAll
    static void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private interface Use {
        void of(PgConnectOptions server) throws IOException, SQLException;
    }

    private static void run(Path data, Use use) {
        run(data, 0, use);
    }

    /** Starts a server, and stops it. */
    private static void run(Path data, int port, Use use) {
        EmbeddedDatabase database = new EmbeddedDatabase(new Config.Embedded(data, port, null));
        try {
            use.of(database.start(vertx).await());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        } finally {
            database.stop(vertx).await();
        }
    }

    private static void expectFailure(Path data, int port, String... parts) {
        assertThatThrownBy(() -> run(data, port, server -> {}))
                .isInstanceOf(StartupException.class)
                .message()
                .contains(parts)
                .hasLineCount(1);
    }

    /** A copy of the data that a test may damage. */
    private static Path copy(String name) throws IOException {
        Path copy = data.resolveSibling(name);
        try (Stream<Path> all = Files.walk(data)) {
            for (Path path : all.toList()) {
                Path target = copy.resolve(data.relativize(path).toString());
                Files.copy(path, target);
                Files.setPosixFilePermissions(target, Files.getPosixFilePermissions(path));
            }
        }
        return copy;
    }

    private static void execute(PgConnectOptions server, String... statements) throws SQLException {
        String url = "jdbc:postgresql://127.0.0.1:" + server.getPort() + "/" + server.getDatabase();
        try (Connection connection = DriverManager.getConnection(url, server.getUser(), server.getPassword());
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    @Test
    void onlyTheOwnerMayReadItsFiles() throws IOException {
        assertThat(data.resolveSibling("postgres-binaries")).isDirectory();
        assertThat(data.resolveSibling("data.log")).exists();
        try (Stream<Path> made = Files.walk(folder.resolve("made"))) {
            assertThat(made.filter(path -> !Files.isSymbolicLink(path)).toList())
                    .hasSizeGreaterThan(1_000)
                    .allSatisfy(path -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                            .endsWith("------"));
        }
    }

    @Test
    void othersMayNotChangeItsProgramsNorReadItsLog() throws IOException {
        Path binaries = data.resolveSibling("postgres-binaries");
        Path log = data.resolveSibling("data.log");
        Files.setPosixFilePermissions(binaries, PosixFilePermissions.fromString("rwxrwxrwx"));
        Files.setPosixFilePermissions(log, PosixFilePermissions.fromString("rw-r--r--"));
        run(data, server -> {});
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(binaries)))
                .isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(log)))
                .isEqualTo("rw-------");
    }

    @Test
    void aFolderThatOthersCanRead() throws IOException {
        Path open = copy("open");
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-xr-x"));
        expectFailure(open, 0, "invalid permissions", "Permissions should be", "Run: chmod 700 " + open);
    }

    @Test
    void aPortThatIsTaken() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            int port = taken.getLocalPort();
            expectFailure(data, port, "Address already in use", "Stop what uses port " + port, "embedded.port");
        }
    }

    @Test
    void aFolderOfAnotherVersion() throws IOException {
        Path other = copy("other");
        Files.writeString(other.resolve("PG_VERSION"), "15\n");
        expectFailure(other, 0, "incompatible with server", "version 15", "pg_dump");
    }

    @Test
    void aDamagedFolder() throws IOException {
        Path damaged = copy("damaged");
        byte[] control = Files.readAllBytes(damaged.resolve("global/pg_control"));
        control[40] ^= 1;
        Files.write(damaged.resolve("global/pg_control"), control);
        expectFailure(damaged, 0, "control file", "put a backup in its place");
        Files.delete(damaged.resolve("global/pg_control"));
        expectFailure(damaged, 0, "put a backup in its place");
    }

    @Test
    void invalidSettings() throws IOException {
        Path wrong = copy("wrong");
        Files.writeString(wrong.resolve("postgresql.conf"), "\nno_such_setting = 1\n", StandardOpenOption.APPEND);
        expectFailure(wrong, 0, "postgresql.conf", "contains errors", "Correct the file");
    }

    @Test
    void aPasswordThatIsNotTheServers() throws IOException {
        Path changed = copy("changed");
        Files.writeString(changed.resolve("shortwave-password"), "another\n");
        expectFailure(changed, 0, "password authentication failed", "shortwave-password");
    }

    /** As one is that an earlier release made in an environment with another locale. */
    @Test
    void messagesInALocaleThatTheSystemDoesNotHave() throws IOException {
        Path turkish = copy("turkish");
        Path settings = turkish.resolve("postgresql.conf");
        Files.writeString(
                settings, Files.readString(settings).replaceAll("(?m)^(lc_\\w+) = C\\b", "$1 = 'tr_XX.UTF-8'"));
        run(turkish, server -> {});
        run(turkish, server -> {});
        assertThat(Files.readString(settings)).containsOnlyOnce("lc_messages = 'C'");
    }

    @Test
    void dataInALocaleThatTheSystemDoesNotHave() throws IOException {
        Path turkish = copy("sorted");
        run(
                turkish,
                server -> execute(
                        server,
                        "UPDATE pg_database SET datlocprovider = 'c', datlocale = NULL, datcollate = 'tr_XX.UTF-8',"
                                + " datctype = 'tr_XX.UTF-8' WHERE datname = 'postgres'"));
        expectFailure(turkish, 0, "locale is incompatible", "tr_XX.UTF-8", "Install that locale");
    }

    @Test
    void aProcessFileWhoseNumberAnotherProcessHas() throws IOException {
        Path stale = copy("stale");
        Process other = new ProcessBuilder("sleep", "600").start();
        try {
            namePostmaster(stale, other.pid());
            run(stale, server -> {});
            assertThat(other.isAlive()).isTrue();
        } finally {
            other.destroyForcibly();
        }
    }

    /** A server of the same name, on other data, is no orphan. */
    @Test
    void aProcessFileWhoseNumberAnotherPostgresHas() throws IOException {
        Path stale = copy("reused");
        run(data, other -> {
            long pid = Long.parseLong(
                    Files.readAllLines(data.resolve("postmaster.pid")).get(0).strip());
            namePostmaster(stale, pid);
            run(stale, server -> {});
            assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isPresent();
            execute(other, "SELECT 1");
        });
    }

    /** As a JVM leaves it that was killed. */
    @Test
    void aRunningServerIsStoppedBeforeAnotherOneIsStarted() throws Exception {
        Path used = copy("used");
        Path programs = PostgresBinaries.unpack(PostgresBinaries.archive(), used.resolveSibling("postgres-binaries"));
        DataFolder seen = new DataFolder(used);
        Process orphan = new PostgresPrograms(programs, used, seen.log()).serve(freePort());
        try {
            while (!seen.isReady(orphan.pid())) {
                assertThat(orphan.waitFor(10, TimeUnit.MILLISECONDS)).isFalse();
            }
            run(used, server -> {
                assertThat(orphan.isAlive()).isFalse();
                execute(server, "SELECT 1");
            });
        } finally {
            orphan.destroyForcibly();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return free.getLocalPort();
        }
    }

    @Test
    void aRunningServerIsNotTakenForStaleIfItsProcessFileNamesAnother() throws IOException {
        Path used = copy("hidden");
        run(used, server -> {
            Path file = used.resolve("postmaster.pid");
            String before = Files.readString(file);
            Process other = new ProcessBuilder("sleep", "600").start();
            try {
                namePostmaster(used, other.pid());
                DataFolder seen = new DataFolder(used);
                assertThatThrownBy(seen::runningServer)
                        .isInstanceOf(StartupException.class)
                        .message()
                        .contains("uses the data in " + used);
                assertThat(file).exists();
            } finally {
                other.destroyForcibly();
                Files.writeString(file, before);
            }
        });
    }

    private static long postmaster(Path data) throws IOException {
        return Long.parseLong(
                Files.readAllLines(data.resolve("postmaster.pid")).get(0).strip());
    }

    private static void namePostmaster(Path data, long pid) throws IOException {
        Path file = data.resolve("postmaster.pid");
        List<String> lines = Files.exists(file)
                ? Files.readAllLines(file)
                : List.of("", data.toString(), "1", "5432", "", "127.0.0.1", "1 1", "ready");
        Files.writeString(file, pid + "\n" + String.join("\n", lines.subList(1, lines.size())) + "\n");
    }

    @Test
    void aDiskThatIsFull() throws IOException {
        Path mount = Files.createDirectory(folder.resolve("full"));
        try (SmallDisk disk = SmallDisk.ofBytes(8 << 20, mount)) {
            expectFailure(mount.resolve("postgres"), 0, "No space left", "Free some of the disk");
        }
    }

    @Test
    void aDiskThatIsFullAfterUnpacking() throws IOException {
        Path mount = Files.createDirectory(folder.resolve("filled"));
        try (SmallDisk disk = SmallDisk.ofBytes(64 << 20, mount)) {
            expectFailure(mount.resolve("postgres"), 0, "Free some of the disk");
        }
    }

    @Test
    void aDiskThatCannotBeWritten() throws IOException {
        Path mount = Files.createDirectory(folder.resolve("read-only"));
        try (SmallDisk disk = SmallDisk.readOnlyOver(mount)) {
            expectFailure(mount.resolve("postgres"), 0, "Read-only file system", "embedded.directory");
        }
    }

    @Test
    void theRootOfTheFileSystem() {
        expectFailure(Path.of("/"), 0, "embedded.directory must be a folder of its own");
    }

    @Test
    void aPathWithSpacesAndDots() throws IOException {
        Path spaced = folder.resolve("made/x y/../a  b 'c' \"d\" $e");
        run(spaced, server -> {
            assertThat(postmaster(folder.resolve("made/a  b 'c' \"d\" $e"))).isPositive();
            execute(server, "SELECT 1");
        });
    }
}
