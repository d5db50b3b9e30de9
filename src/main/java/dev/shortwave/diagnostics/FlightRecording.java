package dev.shortwave.diagnostics;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.List;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;

/**
 * What the JVM does for a while, as Java Flight Recorder writes it: threads, locks, allocations, collections, sockets. Its
 * events that hold the environment, system properties or command lines are left out: secrets stand there. Blocking.
 */
public final class FlightRecording {

    /** Settings of the JDK's own for a closer look, at a few per cent of the processor. */
    private static final String SETTINGS = "profile";

    private static final long MAX_BYTES = 64 << 20;

    private static final List<String> SENSITIVE_EVENTS = List.of(
            "jdk.InitialEnvironmentVariable",
            "jdk.InitialSystemProperty",
            "jdk.JVMInformation",
            "jdk.SystemProcess",
            "jdk.ProcessStart");

    private final Recording recording;

    private FlightRecording(Recording recording) {
        this.recording = recording;
    }

    /** Begins to record; {@link #finish} has to follow. */
    public static FlightRecording start() throws IOException {
        try {
            Recording begun = new Recording(Configuration.getConfiguration(SETTINGS));
            SENSITIVE_EVENTS.forEach(begun::disable);
            begun.setMaxSize(MAX_BYTES);
            begun.start();
            return new FlightRecording(begun);
        } catch (ParseException e) {
            throw new IOException("the JDK's settings for recordings are not readable", e);
        }
    }

    /** Ends it, and gives its file's content. */
    public byte[] finish() throws IOException {
        Path file = Files.createTempFile("shortwave", ".jfr");
        try (recording) {
            recording.stop();
            recording.dump(file);
            return Files.readAllBytes(file);
        } finally {
            Files.delete(file);
        }
    }
}
