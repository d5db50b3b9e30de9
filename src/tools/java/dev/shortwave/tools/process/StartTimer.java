package dev.shortwave.tools.process;

import dev.shortwave.tools.CommandLine;
import dev.shortwave.tools.http.RawHttpClient;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Starts a command, waits until the service in it answers 200 at /health/ready, stops it again, and prints how long each
 * took.
 */
public final class StartTimer {

    private static final String USAGE = """
            Usage: StartTimer PORT SECONDS LOG COMMAND...

            Runs COMMAND with its output appended to the file LOG, asks http://127.0.0.1:PORT/health/ready every 5 ms,
            for SECONDS at most, then sends SIGTERM and waits for the end. Prints one line, in milliseconds:

              READY FROM_JVM CPU STOP

              READY     from the start of COMMAND to the whole first 200
              FROM_JVM  the same from the start of the java process in COMMAND
              CPU       processor time of that process until then
              STOP      from SIGTERM to the end of COMMAND

            A figure that this system does not have is -. Exit code: 1 if there was no answer in time or the command
            did not end with 0.
            """;

    private static final long PAUSE_MILLISECONDS = 5;
    private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(2);
    private static final long STOP_SECONDS = 120;

    private final int port;

    private StartTimer(int port) {
        this.port = port;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        CommandLine.require(arguments.length >= 4, USAGE);
        StartTimer timer = new StartTimer(Integer.parseInt(arguments[0]));
        // Everything this program needs is loaded before the clock starts.
        timer.isReady();
        ProcessHandle.current().info().totalCpuDuration();
        List<String> command = Arrays.asList(arguments).subList(3, arguments.length);
        System.exit(timer.run(command, Path.of(arguments[2]), Long.parseLong(arguments[1])) ? 0 : 1);
    }

    private boolean run(List<String> command, Path log, long seconds) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        long start = System.nanoTime();
        Process process = builder.start();
        Thread ender = new Thread(() -> end(process));
        Runtime.getRuntime().addShutdownHook(ender);
        try {
            while (!isReady()) {
                if (!process.isAlive()) {
                    System.err.println("ended with " + process.exitValue() + " before it was ready");
                    return false;
                }
                if (System.nanoTime() - start > TimeUnit.SECONDS.toNanos(seconds)) {
                    System.err.println("not ready within " + seconds + " s");
                    return false;
                }
                Thread.sleep(PAUSE_MILLISECONDS);
            }
            double ready = milliseconds(System.nanoTime() - start);
            Optional<ProcessHandle> java = javaIn(process);
            // The start times of the system are right to 10 ms or so among themselves, but not by the clock.
            Optional<Instant> first = process.toHandle().info().startInstant();
            Optional<Duration> until = java.flatMap(handle -> handle.info().startInstant())
                    .flatMap(started -> first.map(began -> Duration.between(began, started)));
            Optional<Duration> cpu = java.flatMap(handle -> handle.info().totalCpuDuration());
            long asked = System.nanoTime();
            boolean clean = end(process) && process.exitValue() == 0;
            double stop = milliseconds(System.nanoTime() - asked);
            if (!clean) {
                System.err.println("did not stop cleanly");
            }
            System.out.printf(
                    Locale.ROOT,
                    "%.0f %s %s %.0f%n",
                    ready,
                    text(until.map(before -> ready - before.toMillis())),
                    text(cpu.map(used -> (double) used.toMillis())),
                    stop);
            return clean;
        } finally {
            end(process);
        }
    }

    private static String text(Optional<Double> milliseconds) {
        return milliseconds
                .map(value -> String.format(Locale.ROOT, "%.0f", value))
                .orElse("-");
    }

    private static double milliseconds(long nanoseconds) {
        return nanoseconds / 1e6;
    }

    /** The first java among the command and its descendants. */
    private static Optional<ProcessHandle> javaIn(Process process) {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .filter(handle ->
                        handle.info().command().map(Path::of).stream().anyMatch(path -> path.endsWith("java")))
                .findFirst();
    }

    /** Stops the command, by force if it does not stop within {@link #STOP_SECONDS}. */
    private static boolean end(Process process) {
        try {
            if (!process.isAlive()) {
                return true;
            }
            process.destroy();
            if (process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                return true;
            }
            List<ProcessHandle> left = process.descendants().toList();
            process.destroyForcibly();
            left.forEach(ProcessHandle::destroyForcibly);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return false;
    }

    /** Whether the answer is a 200, read to its end. */
    private boolean isReady() {
        try (RawHttpClient client = new RawHttpClient(port, PROBE_TIMEOUT)) {
            return client.get("/health/ready").status() == 200;
        } catch (IOException e) {
            return false;
        }
    }
}
