package dev.shortwave.postgres.embedded;

import dev.shortwave.error.StartupException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Runs the programs of PostgreSQL on one data folder, in an environment that does not depend on where Shortwave is
 * started from. Blocking.
 */
final class PostgresPrograms {

    static final String USER = "postgres";

    /** The database must not depend on the locale and the time zone of the service's start. */
    private static final Set<String> REMOVED_VARIABLES = Set.of("LANG", "LANGUAGE", "TZ");

    private static final String STOP_TIMEOUT_SECONDS = "30";

    private final Path programs;
    private final Path data;
    private final ServerLog log;
    private final List<String> prefix;

    /**
     * @param programs the folder that has them
     * @throws StartupException if PostgreSQL would refuse to run as this user
     */
    PostgresPrograms(Path programs, Path data, ServerLog log) {
        this.programs = programs;
        this.data = data;
        this.log = log;
        this.prefix = prefix();
    }

    /** PostgreSQL refuses to run as root, but not as root of its own user namespace. */
    private static List<String> prefix() {
        if (!ProcessHandle.current().info().user().orElse("").equals("root")) {
            return List.of();
        }
        try {
            Process unshare = new ProcessBuilder("unshare", "-U", "true")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (unshare.waitFor() == 0) {
                return List.of("unshare", "-U");
            }
        } catch (IOException e) {
            return refuseRoot();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return refuseRoot();
    }

    private static List<String> refuseRoot() {
        throw new StartupException(
                "PostgreSQL does not run as root, and this system has no user namespaces (unshare -U)."
                        + " Start Shortwave as another user, or use a server of your own with DATABASE_URL.");
    }

    /** Initialises an empty folder as the data of a new server, with this password. */
    void create(String password) throws IOException {
        // Code point order and the case rules of Unicode, from PostgreSQL's own tables: a system's locales come and go.
        Process process = start(
                "initdb",
                "--pgdata=" + data,
                "--username=" + USER,
                "--pwfile=/dev/stdin",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                // Rounds protect passwords that can be guessed, and cost each connection of every start their time;
                // this password is 128 random bits.
                "--set=scram_iterations=1");
        try (OutputStream input = process.getOutputStream()) {
            input.write((password + "\n").getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            // It ended before it read the password; its exit code and its log have the reason.
            require(process);
        }
        require(process);
    }

    /** Starts the server. */
    Process serve(int port) throws IOException {
        Process server = start(
                "postgres",
                "-D",
                data.toString(),
                "-p",
                Integer.toString(port),
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "unix_socket_directories=",
                "-c",
                "max_connections=100",
                "-c",
                "timezone=UTC");
        server.getOutputStream().close();
        return server;
    }

    /** Stops the server that runs on the data, without waiting for its clients, and waits for its end. */
    void stop() throws IOException {
        Process process =
                start("pg_ctl", "stop", "-D", data.toString(), "-m", "fast", "-w", "-t", STOP_TIMEOUT_SECONDS);
        require(process);
    }

    private Process start(String program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.add(programs.resolve(program).toString());
        command.addAll(List.of(arguments));
        log.begin();
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.file().toFile()));
        Map<String, String> environment = builder.environment();
        environment
                .keySet()
                .removeIf(name -> name.startsWith("LC_") || name.startsWith("PG") || REMOVED_VARIABLES.contains(name));
        environment.put("LC_ALL", "C");
        environment.put("TZ", "UTC");
        return builder.start();
    }

    private void require(Process process) throws IOException {
        try {
            if (process.waitFor() != 0) {
                throw new IOException(String.valueOf(log.failure()));
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
