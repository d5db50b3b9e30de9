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
 * on worker threads. The server outlives a killed JVM; the next start ends it in order and goes on with its data.
 */
public final class EmbeddedDatabase {

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedDatabase.class);

    private static final String HOST = "127.0.0.1";
    private static final String NAME = "postgres";
    private static final long RESTART_DELAY_MILLISECONDS = 5_000;
    private static final long POLL_INTERVAL_MILLISECONDS = 20;
    private static final long RETRY_DELAY_MILLISECONDS = 100;
    private static final long STOP_TIMEOUT_SECONDS = 20;

    /** Processes of a server that was killed end when they notice it. */
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
    private volatile boolean calledOff;
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
        // Of its own, and without a warning about a thread that takes its time: recovery after a crash may.
        WorkerExecutor worker = vertx.createSharedWorkerExecutor("embedded-database", 1, 10, TimeUnit.MINUTES);
        return worker.executeBlocking(this::start).eventually(worker::close).onSuccess(started -> watch(vertx));
    }

    /** Lets a start that is under way fail soon; does nothing to one that is over. For any thread. */
    public void callOff() {
        calledOff = true;
    }

    /** A server that dies, killed by the system for its memory perhaps, is started again where it was. */
    private void watch(Vertx vertx) {
        Process watched = server;
        if (watched == null) {
            return;
        }
        Future.fromCompletionStage(watched.onExit()).onSuccess(ended -> {
            if (!stopping) {
                LOG.error("The embedded PostgreSQL ended; starting it again. See {}", log.file());
                restart(vertx);
            }
        });
    }

    private void restart(Vertx vertx) {
        vertx.executeBlocking(this::startServer)
                .onSuccess(started -> watch(vertx))
                .onFailure(failure -> {
                    LOG.error("The embedded PostgreSQL does not start: {}", failure.getMessage());
                    vertx.setTimer(RESTART_DELAY_MILLISECONDS, again -> {
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
            folder.moveIncompleteDataAside();
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

    /** The messages of exceptions about files are no more than the file. */
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
        PostgresPrograms using = programs;
        if (using == null) {
            throw new IllegalStateException("not unpacked");
        }
        String password;
        if (folder.isComplete()) {
            password = folder.password();
            folder.overrideLocale();
        } else {
            LOG.info("Making a new database in {}", data);
            password = newPassword();
            using.create(password);
            folder.complete(password);
        }
        startServer(using);
        check(password);
        running = true;
        return new PgConnectOptions()
                .setHost(HOST)
                .setPort(port)
                .setDatabase(NAME)
                .setUser(PostgresPrograms.USER)
                .setPassword(password);
    }

    private void startServer(PostgresPrograms using) throws IOException {
        long begun = System.nanoTime();
        int portAttempts = 0;
        while (true) {
            if (port == 0) {
                port = freePort();
            }
            Process started = using.serve(port);
            server = started;
            if (awaitReady(started)) {
                return;
            }
            String reason = String.valueOf(log.failure());
            if (Remedies.hasLeftovers(reason) && System.nanoTime() - begun < LEFTOVERS_TIMEOUT_NANOSECONDS) {
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

    /** Waits for as long as it lives: recovery after a crash may take its time. */
    private boolean awaitReady(Process started) throws IOException {
        long begun = System.nanoTime();
        boolean told = false;
        while (started.isAlive()) {
            if (folder.isReady(started.pid())) {
                return true;
            }
            if (stopping || (calledOff && !running)) {
                throw new StartupException("The start was called off.");
            }
            if (!told && System.nanoTime() - begun > SLOW_START_NANOSECONDS) {
                told = true;
                LOG.info("The embedded PostgreSQL is still starting, as after a crash; see {}", log.file());
            }
            try {
                if (started.waitFor(POLL_INTERVAL_MILLISECONDS, TimeUnit.MILLISECONDS)) {
                    return false;
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        return false;
    }

    /** A server that accepts connections may still refuse each of them: for a locale that the system lacks, for one. */
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

    /** The server of a JVM that was killed still holds its data. */
    private void stopOrphan(PostgresPrograms using) throws IOException {
        Optional<ProcessHandle> orphan = folder.runningServer();
        if (orphan.isEmpty()) {
            return;
        }
        long pid = orphan.get().pid();
        LOG.info("Ending the PostgreSQL server of an earlier run (process {})", pid);
        try {
            using.stop();
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
        PostgresPrograms using = programs;
        server = null;
        if (running != null && using != null && running.isAlive()) {
            try {
                using.stop();
            } catch (IOException e) {
                LOG.warn("The embedded PostgreSQL did not stop cleanly: {}", e.getMessage());
            }
            // It removes its process file before it ends.
            hasEnded(running.onExit());
        }
    }
}
