package dev.shortwave.postgres.embedded;

import dev.shortwave.config.Config;
import dev.shortwave.error.StartupException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.pgclient.PgConnectOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URL;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL server as a child of this process, on the loopback address, its data in a folder that survives. Blocking,
 * on worker threads. The server outlives a killed JVM; the next start stops it and continues with its data.
 */
public final class EmbeddedDatabase {

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedDatabase.class);

    private static final String HOST = "127.0.0.1";
    private static final String NAME = "postgres";
    private static final long RESTART_DELAY_MILLISECONDS = 5_000;
    private static final long POLL_INTERVAL_MILLISECONDS = 20;
    private static final long RETRY_DELAY_MILLISECONDS = 100;
    private static final long STOP_TIMEOUT_SECONDS = 20;

    /** How long the processes of a killed server may take to end. */
    private static final long LEFTOVERS_TIMEOUT_NANOSECONDS = TimeUnit.SECONDS.toNanos(20);

    private static final long SLOW_START_NANOSECONDS = TimeUnit.SECONDS.toNanos(10);

    /** Another process may take a port between the moment it is found free and the server's start. */
    private static final int MAX_PORT_ATTEMPTS = 3;

    private final Path data;
    private final DataFolder folder;
    private final ServerLog log;
    private final boolean choosesPort;
    private @Nullable Process server;
    private @Nullable PostgresPrograms programs;
    private int port;
    private volatile boolean cancelled;
    private volatile boolean running;
    private volatile boolean stopping;

    public EmbeddedDatabase(Config.Embedded config) {
        this.port = config.port();
        this.choosesPort = config.port() == 0;
        this.data = config.directory().toAbsolutePath().normalize();
        this.folder = new DataFolder(data);
        this.log = folder.log();
    }

    /** Whether the programs are on the class path: the container image leaves them out. */
    public static boolean isAvailable() {
        return PostgresBinaries.archive() != null;
    }

    /** Starts the server; fails with {@link StartupException}, whose message names the remedy. */
    public Future<PgConnectOptions> start(Vertx vertx) {
        // A worker pool of its own, without a warning about slow tasks: recovery after a crash may take long.
        WorkerExecutor worker = vertx.createSharedWorkerExecutor("embedded-database", 1, 10, TimeUnit.MINUTES);
        return worker.executeBlocking(this::start).eventually(worker::close).onSuccess(started -> watch(vertx));
    }

    /** Lets a running start fail soon; has no effect after it. For any thread. */
    public void cancel() {
        cancelled = true;
    }

    /** Restarts a server that ends unexpectedly, for example killed by the system for its memory. */
    private void watch(Vertx vertx) {
        Process process = server;
        if (process == null) {
            return;
        }
        Future.fromCompletionStage(process.onExit()).onSuccess(ended -> {
            if (!stopping) {
                LOG.error("The embedded PostgreSQL ended unexpectedly; restarting it. See {}", log.file());
                restart(vertx);
            }
        });
    }

    private void restart(Vertx vertx) {
        vertx.executeBlocking(this::startServer)
                .onSuccess(started -> watch(vertx))
                .onFailure(failure -> {
                    LOG.error(
                            "Restart of the embedded PostgreSQL failed: {}; retrying in {} ms",
                            failure.getMessage(),
                            RESTART_DELAY_MILLISECONDS);
                    vertx.setTimer(RESTART_DELAY_MILLISECONDS, timer -> {
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
            folder.acquire();
            URL archive = PostgresBinaries.archive();
            if (archive == null) {
                throw new StartupException("This distribution has no embedded PostgreSQL. Set DATABASE_URL.");
            }
            Path unpacked = PostgresBinaries.unpack(archive, data.resolveSibling("postgres-binaries"));
            programs = new PostgresPrograms(unpacked, data, log);
            stopOrphan(programs);
            folder.quarantineIncompleteData();
            return startServer();
        } catch (StartupException e) {
            stop();
            throw e;
        } catch (IOException e) {
            stop();
            throw failure(reason(e), e);
        } catch (RuntimeException e) {
            stop();
            throw failure(String.valueOf(e.getMessage()), e);
        }
    }

    private StartupException failure(String reason, @Nullable Throwable cause) {
        return new StartupException(
                "The embedded PostgreSQL does not start in " + data + " (" + reason + "). "
                        + Remedies.of(reason, data, port, log.file()),
                cause);
    }

    /** The messages of file exceptions name only the file. */
    private static String reason(IOException e) {
        String message = String.valueOf(e.getMessage());
        if (e instanceof AccessDeniedException) {
            return message + ": permission denied";
        }
        if (e instanceof NoSuchFileException) {
            return message + ": no such file or folder";
        }
        if (e instanceof FileAlreadyExistsException) {
            return message + ": exists, and is no folder";
        }
        return e instanceof FileSystemException file && file.getReason() == null ? message + ": not usable" : message;
    }

    private synchronized PgConnectOptions startServer() throws IOException {
        PostgresPrograms binaries = programs;
        if (binaries == null) {
            throw new IllegalStateException("not unpacked");
        }
        String password;
        if (folder.isComplete()) {
            password = folder.password();
            folder.overrideLocale();
        } else {
            LOG.info("Creating a new database in {}", data);
            password = newPassword();
            binaries.create(password);
            folder.complete(password);
        }
        startServer(binaries);
        check(password);
        running = true;
        return new PgConnectOptions()
                .setHost(HOST)
                .setPort(port)
                .setDatabase(NAME)
                .setUser(PostgresPrograms.USER)
                .setPassword(password);
    }

    private void startServer(PostgresPrograms binaries) throws IOException {
        long began = System.nanoTime();
        int portAttempts = 0;
        while (true) {
            if (port == 0) {
                port = freePort();
            }
            Process process = binaries.serve(port);
            server = process;
            if (awaitReady(process)) {
                return;
            }
            String reason = String.valueOf(log.failure());
            if (Remedies.hasLeftovers(reason) && System.nanoTime() - began < LEFTOVERS_TIMEOUT_NANOSECONDS) {
                pause();
            } else if (choosesPort && !running && Remedies.isPortTaken(reason) && ++portAttempts < MAX_PORT_ATTEMPTS) {
                port = 0;
            } else {
                throw failure(reason, null);
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(RETRY_DELAY_MILLISECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Waits as long as the server runs: recovery after a crash may take long. */
    private boolean awaitReady(Process process) throws IOException {
        long began = System.nanoTime();
        boolean logged = false;
        while (process.isAlive()) {
            if (folder.isReady(process.pid())) {
                return true;
            }
            if (stopping || (cancelled && !running)) {
                throw new StartupException("The start was cancelled.");
            }
            if (!logged && System.nanoTime() - began > SLOW_START_NANOSECONDS) {
                logged = true;
                LOG.info(
                        "The embedded PostgreSQL is still starting, possibly recovering from a crash; see {}",
                        log.file());
            }
            try {
                if (process.waitFor(POLL_INTERVAL_MILLISECONDS, TimeUnit.MILLISECONDS)) {
                    return false;
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        return false;
    }

    /** A server that accepts connections may still refuse each of them, for example for a locale that the system lacks. */
    private void check(String password) {
        String url = "jdbc:postgresql://" + HOST + ":" + port + "/" + NAME;
        try (Connection connection = DriverManager.getConnection(url, PostgresPrograms.USER, password)) {
            LOG.debug("{} answers", connection);
        } catch (SQLException e) {
            String reason = String.valueOf(e.getMessage()).replace('\n', ' ').replaceAll(" {2,}", " ");
            throw failure(reason, e);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(HOST, 0));
            return socket.getLocalPort();
        }
    }

    private static String newPassword() {
        byte[] random = new byte[16];
        new SecureRandom().nextBytes(random);
        return HexFormat.of().formatHex(random);
    }

    /** The server of a killed JVM still uses the data. */
    private void stopOrphan(PostgresPrograms binaries) throws IOException {
        Optional<ProcessHandle> orphan = folder.runningServer();
        if (orphan.isEmpty()) {
            return;
        }
        long pid = orphan.get().pid();
        LOG.info("Stopping the PostgreSQL server of an earlier run (process {})", pid);
        try {
            binaries.stop();
        } catch (IOException e) {
            LOG.warn("The PostgreSQL server of an earlier run did not stop cleanly: {}", e.getMessage());
        }
        if (!hasEnded(orphan.get().onExit())) {
            throw new StartupException("A PostgreSQL server of an earlier run (process " + pid
                    + ") does not end. End it, then start again.");
        }
    }

    private static boolean hasEnded(CompletableFuture<?> exit) {
        try {
            exit.get(STOP_TIMEOUT_SECONDS, TimeUnit.SECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private void stop() {
        stopServer();
        folder.release();
    }

    private synchronized void stopServer() {
        Process running = server;
        PostgresPrograms binaries = programs;
        server = null;
        if (running != null && binaries != null && running.isAlive()) {
            try {
                binaries.stop();
            } catch (IOException e) {
                LOG.warn("The embedded PostgreSQL did not stop cleanly: {}", e.getMessage());
            }
            // It removes its process file before it ends.
            hasEnded(running.onExit());
        }
    }
}
