package dev.shortwave;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The service as an operator runs it: a JVM of its own, of which one sees the console and the exit code. */
final class Program implements AutoCloseable {

    private static final Path ROOT = Path.of(System.getProperty("shortwave.test.root", "."))
            .toAbsolutePath()
            .normalize();
    private static final Duration TIMEOUT = Duration.ofSeconds(90);
    private static final Pattern READY = Pattern.compile("Shortwave is ready at http://[^ ]*:(\\d+)");
    private static final Pattern STACK_TRACE =
            Pattern.compile("(?m)^\\s+at [\\w.$/]+\\(|^Caused by:|Exception in thread");

    private final Process process;
    private final Path output;
    private final Path errors;

    private Program(Process process, Path output, Path errors) {
        this.process = process;
        this.output = output;
        this.errors = errors;
    }

    /** How a program shall be started. */
    static final class Start {

        private final Path folder;
        private final Map<String, String> environment = new TreeMap<>();
        private final List<String> options = new ArrayList<>();
        private final List<String> arguments = new ArrayList<>();
        private Predicate<String> onClassPath = entry -> true;

        /** With free ports, and an embedded database in this folder if it comes to that. */
        Start(Path folder) {
            this.folder = folder;
            with("PORT", "0");
            with("MANAGEMENT_PORT", "0");
            with("SHORTWAVE_EMBEDDED_DIRECTORY", folder.resolve("postgres").toString());
            with("SHORTWAVE_EMBEDDED_SEED_DIRECTORY", "none");
            with("SHORTWAVE_CLICKS_DIRECTORY", folder.resolve("clicks").toString());
        }

        Start with(String variable, String value) {
            environment.put(variable, value);
            return this;
        }

        Start without(String variable) {
            environment.remove(variable);
            return this;
        }

        Start property(String name, String value) {
            options.add("-D" + name + "=" + value);
            return this;
        }

        Start arguments(String... given) {
            arguments.addAll(List.of(given));
            return this;
        }

        Start withoutJars(String part) {
            onClassPath = entry -> !entry.contains(part);
            return this;
        }

        Program run() {
            List<String> command = new ArrayList<>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
            if (Runtime.version().feature() >= 24) {
                command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
            }
            command.add("-Dshortwave.home=" + ROOT);
            command.addAll(options);
            command.add("dev.shortwave.Shortwave");
            command.addAll(arguments);
            try {
                Path output = Files.createTempFile(folder, "program", ".out");
                Path errors = Files.createTempFile(folder, "program", ".err");
                ProcessBuilder builder = new ProcessBuilder(command)
                        .redirectOutput(output.toFile())
                        .redirectError(errors.toFile());
                builder.environment()
                        .keySet()
                        .removeIf(name -> name.startsWith("SHORTWAVE_")
                                || name.startsWith("DATABASE_")
                                || name.startsWith("MANAGEMENT_")
                                || name.startsWith("LOG_")
                                || name.startsWith("JAVA_TOOL")
                                || List.of("REDIS_URL", "PORT", "PUBLIC_URL", "BASE_URL")
                                        .contains(name));
                builder.environment().putAll(environment);
                builder.environment().put("CLASSPATH", classPath());
                return new Program(builder.start(), output, errors);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }

        private String classPath() {
            return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                    .filter(entry -> !entry.endsWith("test-classes"))
                    .filter(onClassPath)
                    .collect(Collectors.joining(File.pathSeparator));
        }
    }

    /** Waits until it is ready, and gives its port. */
    int awaitReady() {
        await().atMost(TIMEOUT)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> READY.matcher(output()).find() || !process.isAlive());
        Matcher ready = READY.matcher(output());
        assertThat(ready.find()).as(this::toString).isTrue();
        return Integer.parseInt(ready.group(1));
    }

    void awaitOutput(String text) {
        await().atMost(TIMEOUT)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> output().contains(text) || !process.isAlive());
        assertThat(output()).as(this::toString).contains(text);
    }

    int awaitExit() {
        try {
            assertThat(process.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS))
                    .as(() -> "ended: " + this)
                    .isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        assertThat(output() + errors()).as("no stack trace on the console").doesNotContainPattern(STACK_TRACE);
        return process.exitValue();
    }

    /** The one line that a start must fail with. */
    String failure() {
        List<String> lines = failureLines();
        assertThat(lines).as(this::toString).hasSize(1);
        return lines.get(0);
    }

    List<String> failureLines() {
        assertThat(awaitExit()).as(this::toString).isEqualTo(1);
        assertThat(output()).as(this::toString).doesNotContain("is ready");
        List<String> lines = errors().lines().toList();
        assertThat(lines).as(this::toString).isNotEmpty();
        assertThat(lines.get(0)).startsWith("Shortwave can't start. ");
        return lines;
    }

    /** SIGTERM. */
    Program terminate() {
        process.destroy();
        return this;
    }

    /** SIGKILL. */
    void kill() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** SIGSTOP: its sockets go on taking what is sent. */
    void freeze() {
        signal("STOP");
    }

    /** SIGCONT. */
    void thaw() {
        signal("CONT");
    }

    private void signal(String name) {
        try {
            int code = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                    .start()
                    .waitFor();
            assertThat(code).as("exit code of kill").isZero();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    String output() {
        return read(output);
    }

    String errors() {
        return read(errors);
    }

    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** For tests that fail in between: ends it, and so that an embedded server ends with it. */
    @Override
    public void close() {
        if (process.isAlive()) {
            process.destroy();
            try {
                if (!process.waitFor(20, TimeUnit.SECONDS)) {
                    kill();
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Override
    public String toString() {
        return (process.isAlive() ? "running" : "ended with " + process.exitValue()) + "\n--- output\n" + output()
                + "--- errors\n" + errors();
    }
}
