package dev.shortwave.embedded;

import dev.shortwave.config.Config;
import dev.shortwave.problem.StartFailure;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.pgclient.PgConnectOptions;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL server as a child of this process, on the loopback address, its data in a folder that survives. Blocking,
 * on worker threads. The server outlives a killed JVM; the next start ends it in order and goes on with its data.
 */
public final class EmbeddedDatabase {

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedDatabase.class);

    private static final String USER = "postgres";
    private static final String NAME = "postgres";
    private static final long RESTART_PAUSE_MILLISECONDS = 5_000;

    private final Path data;
    private @Nullable FileLock lock;
    private @Nullable EmbeddedPostgres server;
    private int port;
    private volatile boolean stopping;

    public EmbeddedDatabase(Config.Embedded config) {
        this.port = config.port();
        this.data = config.directory().toAbsolutePath().normalize();
    }

    /** Whether the parts are on the class path: the container image leaves them out. */
    public static boolean isAvailable() {
        try {
            Class.forName("io.zonky.test.db.postgres.embedded.EmbeddedPostgres");
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    /** Starts the server; fails with {@link StartFailure}, whose message names the remedy. */
    public Future<PgConnectOptions> start(Vertx vertx) {
        // Of its own, and without a warning about a thread that takes its time: recovery after a crash may.
        WorkerExecutor worker = vertx.createSharedWorkerExecutor("embedded-database", 1, 10, TimeUnit.MINUTES);
        return worker.executeBlocking(this::start).eventually(worker::close).onSuccess(started -> watch(vertx));
    }

    /** A server that dies, killed by the system for its memory perhaps, is started again where it was. */
    private void watch(Vertx vertx) {
        vertx.executeBlocking(this::process)
                .compose(process -> process.isEmpty()
                        ? Future.succeededFuture()
                        : Future.fromCompletionStage(process.get().onExit()))
                .onSuccess(ended -> {
                    if (!stopping) {
                        LOG.error("The embedded PostgreSQL ended by itself; starting it again. See {}", serverLog());
                        restart(vertx);
                    }
                });
    }

    private void restart(Vertx vertx) {
        vertx.executeBlocking(() -> {
                    closeServer();
                    return startServer();
                })
                .onSuccess(started -> watch(vertx))
                .onFailure(failure -> {
                    LOG.error("The embedded PostgreSQL does not start: {}", failure.getMessage());
                    vertx.setTimer(RESTART_PAUSE_MILLISECONDS, again -> {
                        if (!stopping) {
                            restart(vertx);
                        }
                    });
                });
    }

    public Future<Void> stop(Vertx vertx) {
        stopping = true;
        return vertx.executeBlocking(() -> {
            stop();
            return null;
        });
    }

    private PgConnectOptions start() {
        try {
            Files.createDirectories(data);
            takeLock();
            endOrphan();
            moveIncompleteDataAside();
            return startServer();
        } catch (StartFailure e) {
            releaseLock();
            throw e;
        } catch (IOException | SQLException | RuntimeException e) {
            stop();
            throw new StartFailure(
                    "The embedded PostgreSQL does not start in " + data + " (" + e.getMessage()
                            + "). Look at " + serverLog() + ", give it another folder with embedded.directory, or use a"
                            + " server of your own with DATABASE_URL.",
                    e);
        }
    }

    private PgConnectOptions startServer() throws IOException, SQLException {
        boolean first = !Files.exists(complete());
        if (first) {
            LOG.info("Making a new database in {}", data);
        }
        String password = first ? newPassword() : Files.readString(complete()).strip();
        EmbeddedPostgres started = EmbeddedPostgres.builder()
                .setDataDirectory(data)
                .setCleanDataDirectory(false)
                .setRegisterShutdownHook(false)
                .setOverrideWorkingDirectory(
                        data.resolveSibling("postgres-binaries").toFile())
                .setPort(port)
                .setPGStartupWait(Duration.ofSeconds(60))
                .setConnectConfig("password", password)
                // The library's defaults are for tests: there a crash may lose data.
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("listen_addresses", "127.0.0.1")
                .setServerConfig("unix_socket_directories", "")
                .setServerConfig("max_connections", "100")
                .setOutputRedirector(ProcessBuilder.Redirect.appendTo(serverLog()))
                .setErrorRedirector(ProcessBuilder.Redirect.appendTo(serverLog()))
                .start();
        server = started;
        port = started.getPort();
        if (first) {
            lockUp(started, password);
        }
        return new PgConnectOptions()
                .setHost("127.0.0.1")
                .setPort(started.getPort())
                .setDatabase(NAME)
                .setUser(USER)
                .setPassword(password);
    }

    /** A new server trusts every local user; ours lets only those in who can read our files. */
    private void lockUp(EmbeddedPostgres started, String password) throws SQLException, IOException {
        try (Connection connection = started.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            // Rounds protect passwords that can be guessed, and cost each connection of every start their time;
            // this password is 128 random bits.
            statement.execute("SET scram_iterations = 1");
            statement.execute("ALTER USER " + USER + " PASSWORD '" + password + "'");
            Files.writeString(data.resolve("pg_hba.conf"), "host all all 127.0.0.1/32 scram-sha-256\n");
            statement.execute("SELECT pg_reload_conf()");
        }
        Files.createFile(
                complete(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(complete(), password + "\n");
    }

    private static String newPassword() {
        byte[] random = new byte[16];
        new SecureRandom().nextBytes(random);
        return HexFormat.of().formatHex(random);
    }

    /** Holds the password, and is written last: with it, the data folder is whole. */
    private Path complete() {
        return data.resolve("shortwave-password");
    }

    private void takeLock() throws IOException {
        Path file = data.resolveSibling(data.getFileName() + ".lock");
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            channel.close();
            throw new StartFailure("Another Shortwave uses the data in " + data
                    + ". Stop it, or give this one another folder with embedded.directory.");
        }
    }

    /** The server of a JVM that was killed still holds its data; its clients are gone, so it ends in moments. */
    private void endOrphan() throws IOException {
        Optional<ProcessHandle> process = process();
        if (process.isEmpty()) {
            return;
        }
        LOG.info(
                "Ending the PostgreSQL server of an earlier run (process {})",
                process.get().pid());
        process.get().destroy();
        try {
            process.get().onExit().get(20, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new StartFailure("A PostgreSQL server of an earlier run (process "
                    + process.get().pid() + ") does not end. End it, then start again.");
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The server that runs on our data, by the file that it keeps there. */
    private Optional<ProcessHandle> process() throws IOException {
        Path file = data.resolve("postmaster.pid");
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        List<String> lines = Files.readAllLines(file);
        return lines.isEmpty()
                ? Optional.empty()
                : ProcessHandle.of(Long.parseLong(lines.get(0).strip()))
                        .filter(handle -> handle.info().command().orElse("").contains("postgres"));
    }

    private File serverLog() {
        return data.resolveSibling(data.getFileName() + ".log").toFile();
    }

    /** A first start that was killed leaves a folder that no server can use; nothing in it is thrown away. */
    private void moveIncompleteDataAside() throws IOException {
        if (Files.exists(complete()) || isEmpty(data)) {
            return;
        }
        Path aside = data.resolveSibling(data.getFileName() + ".incomplete-" + System.currentTimeMillis());
        LOG.warn("{} was never completed; moved to {}", data, aside);
        Files.move(data, aside);
        Files.createDirectories(data);
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.findAny().isEmpty();
        }
    }

    private void stop() {
        closeServer();
        releaseLock();
    }

    private void closeServer() {
        EmbeddedPostgres running = server;
        server = null;
        if (running != null) {
            try {
                running.close();
            } catch (IOException e) {
                LOG.warn("The embedded PostgreSQL did not stop in order: {}", e.getMessage());
            }
        }
    }

    private void releaseLock() {
        FileLock held = lock;
        lock = null;
        if (held != null) {
            try {
                held.channel().close();
            } catch (IOException e) {
                LOG.debug("Could not release the lock of the data folder", e);
            }
        }
    }
}
