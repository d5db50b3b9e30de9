package dev.shortwave.postgres.embedded;

import java.nio.file.Path;
import java.util.List;

/** What an operator can do about a message of PostgreSQL. */
final class Remedies {

    private static final long FULL_DISK_BYTES = 1 << 20;

    private static final String NO_SPACE = "No space left on device";
    private static final String LEFTOVERS = "pre-existing shared memory block";
    private static final String DAMAGED = "The data is damaged: put a backup in its place.";
    private static final String ELSEWHERE =
            "give it another folder with embedded.directory, or use a server of your own with DATABASE_URL.";

    /** Part of a message, and the remedy in which {0} stands for the data folder and {1} for the port. */
    private record Remedy(String message, String text) {}

    private static final List<Remedy> KNOWN = List.of(
            new Remedy("invalid permissions", "Run: chmod 700 {0}"),
            new Remedy(
                    "wrong ownership", "Start Shortwave as the owner of {0}, or make its user the owner with chown."),
            new Remedy(
                    "could not bind",
                    "Stop what uses port {1}, or choose another one with embedded.port (0 takes a free one)."),
            new Remedy(
                    NO_SPACE, "Free some of the disk that has {0}, or give it another folder with embedded.directory."),
            new Remedy(
                    "incompatible with server",
                    "Use the release that made {0}, or load its data into a new folder with pg_dump."),
            new Remedy(
                    "locale is incompatible",
                    "Install that locale on this system, or load the data into a new folder with pg_dump."),
            new Remedy("postmaster.pid", "Delete {0}/postmaster.pid if no PostgreSQL runs on this folder."),
            new Remedy("control file", DAMAGED),
            new Remedy("checkpoint record", DAMAGED),
            new Remedy("pg_control", DAMAGED),
            new Remedy("not a valid data directory", DAMAGED),
            new Remedy("could not open directory", DAMAGED),
            new Remedy("configuration file", "Correct the file, or take back the last change to it."),
            new Remedy("shared libraries", "Install that library, or use a server of your own with DATABASE_URL."),
            new Remedy(LEFTOVERS, "End the processes of an earlier PostgreSQL that work in {0}."),
            new Remedy("shared memory", "Give PostgreSQL more memory, or lower shared_buffers in {0}/postgresql.conf."),
            new Remedy("Cannot allocate memory", "Give the machine more memory."),
            new Remedy(
                    "password authentication",
                    "{0}/shortwave-password does not have the server's password: put the right one there."));

    private Remedies() {}

    static boolean isPortTaken(String reason) {
        return reason.contains("could not bind");
    }

    static boolean hasLeftovers(String reason) {
        return reason.contains(LEFTOVERS);
    }

    static String of(String reason, Path data, int port, Path log) {
        // A full disk has no room for the message in the log either.
        boolean isFull = data.toFile().exists() && data.toFile().getUsableSpace() < FULL_DISK_BYTES;
        String cause = isFull ? NO_SPACE : reason;
        return KNOWN.stream()
                .filter(remedy -> cause.contains(remedy.message()))
                .findFirst()
                .map(remedy -> remedy.text().replace("{0}", data.toString()).replace("{1}", Integer.toString(port)))
                .orElseGet(() -> "See " + log + ", " + ELSEWHERE);
    }
}
