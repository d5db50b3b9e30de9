package dev.shortwave;

import dev.shortwave.config.Config;
import dev.shortwave.config.ConfigException;
import dev.shortwave.error.StartupException;
import dev.shortwave.file.OwnerOnly;
import dev.shortwave.logging.Logging;
import dev.shortwave.postgres.embedded.EmbeddedDatabase;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The embedded PostgreSQL and nothing else, for several services of one machine to share: it runs on when one of them
 * ends. Exit codes: 0 after a stop, 1 if it can't start, 2 for a wrong call.
 */
public final class EmbeddedPostgresMain {

    private static final String USAGE = """
            Runs the embedded PostgreSQL alone, for several services of this machine to share.

            Usage: postgres.sh --url-file FILE [--config FILE]

              --url-file FILE  gets the DATABASE_URL as soon as the server is ready; only its owner may read it
              --config FILE    settings (default: conf/shortwave.yaml), of which embedded.directory and embedded.port
                               count here
              --help           print this and end

            Ctrl-C (or SIGTERM) stops it.""";

    /** Exit code of the shutdown hook. */
    private static final AtomicInteger EXIT_CODE = new AtomicInteger();

    private EmbeddedPostgresMain() {}

    public static void main(String[] arguments) {
        Path home = Path.of(System.getProperty("shortwave.home", "")).toAbsolutePath();
        Path config = home.resolve("conf/shortwave.yaml");
        Path urlFile = null;
        for (int at = 0; at < arguments.length; at++) {
            switch (arguments[at]) {
                case "--help", "-h" -> exit(0, USAGE);
                case "--url-file", "--config" -> {
                    if (++at == arguments.length) {
                        exit(2, arguments[at - 1] + " needs a file; see --help");
                    }
                    Path file = Path.of(arguments[at]).toAbsolutePath();
                    if (arguments[at - 1].equals("--config")) {
                        config = file;
                    } else {
                        urlFile = file;
                    }
                }
                default -> exit(2, "Unknown argument " + arguments[at] + "; see --help");
            }
        }
        if (urlFile == null) {
            exit(2, "--url-file is missing; see --help");
        } else {
            run(config, home, urlFile);
        }
    }

    private static void run(Path configFile, Path home, Path urlFile) {
        Vertx vertx = Vertx.vertx();
        try {
            Config config = ServiceLauncher.readConfig(configFile, home);
            Logging.configure(config.log());
            EmbeddedDatabase server = new EmbeddedDatabase(config.embedded());
            Future<PgConnectOptions> started = server.start(vertx);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(vertx, server, started), "shutdown"));
            publish(url(ServiceLauncher.await(started, Long.MAX_VALUE)), urlFile);
        } catch (ConfigException | StartupException e) {
            fail("The embedded PostgreSQL can't start. " + e.getMessage());
        } catch (IOException e) {
            fail("The file for the URL can't be written: " + e.getMessage());
        }
    }

    /** The JVM ends when this returns, so it waits for a start under way and for the server's end. */
    private static void stop(Vertx vertx, EmbeddedDatabase server, Future<PgConnectOptions> started) {
        server.cancel();
        try {
            ServiceLauncher.await(started.transform(any -> server.stop(vertx)), Long.MAX_VALUE);
        } finally {
            Logging.stop();
            // A clean stop is exit code 0, not 143.
            Runtime.getRuntime().halt(EXIT_CODE.get());
        }
    }

    private static String url(PgConnectOptions server) {
        return "postgresql://" + server.getUser() + ":" + server.getPassword() + "@" + server.getHost() + ":"
                + server.getPort() + "/" + server.getDatabase();
    }

    /** A reader never sees a partly written file. */
    private static void publish(String url, Path file) throws IOException {
        Path unfinished = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(unfinished);
        OwnerOnly.createFile(unfinished);
        Files.writeString(unfinished, url + "\n");
        Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private static void fail(String why) {
        EXIT_CODE.set(1);
        exit(1, why);
    }

    private static void exit(int code, String message) {
        (code == 0 ? System.out : System.err).println(message);
        System.exit(code);
    }
}
