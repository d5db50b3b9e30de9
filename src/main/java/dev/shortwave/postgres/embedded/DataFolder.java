package dev.shortwave.postgres.embedded;

import dev.shortwave.error.StartupException;
import dev.shortwave.file.OwnerOnly;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The data directory of the embedded server: its lock, and whether it is complete. Blocking. */
final class DataFolder {

    private static final Logger LOG = LoggerFactory.getLogger(DataFolder.class);

    private static final String SERVER = "postgres";
    private static final Path PROCESSES = Path.of("/proc");

    /** Comment before the settings that override those of an earlier release. */
    private static final String OVERRIDES = "# Shortwave: whatever locale the folder was made with.";

    private static final int READY_LINE = 7;

    private final Path data;
    private @Nullable FileLock lock;

    DataFolder(Path data) {
        this.data = data;
    }

    /** A file beside the folder. */
    private Path beside(String suffix) {
        return data.resolveSibling(data.getFileName() + suffix);
    }

    ServerLog log() {
        return new ServerLog(beside(".log"));
    }

    /** Creates the folder if it is missing, and locks it until {@link #release}. */
    void acquire() throws IOException {
        if (data.getFileName() == null) {
            throw new StartupException("embedded.directory must be a folder of its own, not " + data + ".");
        }
        OwnerOnly.createFolders(data);
        FileChannel channel =
                OwnerOnly.open(beside(".lock"), Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE));
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            channel.close();
            throw new StartupException("Another Shortwave uses the data in " + data
                    + ". Stop it, or give this one another folder with embedded.directory.");
        }
    }

    void release() {
        FileLock acquired = lock;
        lock = null;
        if (acquired != null) {
            try {
                acquired.channel().close();
            } catch (IOException e) {
                LOG.debug("Could not release the lock of the data folder", e);
            }
        }
    }

    /** Holds the password, and is written last: with it, the data folder is complete. */
    private Path passwordFile() {
        return data.resolve("shortwave-password");
    }

    boolean isComplete() {
        return Files.exists(passwordFile());
    }

    String password() throws IOException {
        return Files.readString(passwordFile()).strip();
    }

    /** Called after {@code initdb}: allows log-ins with the password, over the loopback address only. */
    void complete(String password) throws IOException {
        Files.writeString(data.resolve("pg_hba.conf"), "host all all 127.0.0.1/32 scram-sha-256\n");
        OwnerOnly.createFile(passwordFile());
        Files.writeString(passwordFile(), password + "\n");
    }

    /** A killed first start leaves a folder that no server can use. It is renamed, and nothing in it is deleted. */
    void quarantineIncompleteData() throws IOException {
        if (isComplete() || isEmpty()) {
            return;
        }
        Path aside = beside(".incomplete-" + System.currentTimeMillis());
        LOG.warn("{} was never completed; moved to {}", data, aside);
        Files.move(data, aside);
        OwnerOnly.createFolders(data);
    }

    private boolean isEmpty() throws IOException {
        try (Stream<Path> files = Files.list(data)) {
            return files.findAny().isEmpty();
        }
    }

    /**
     * Folders of earlier releases name the locale of the environment they were made in, for messages and numbers; a server
     * does not start where the system does not have it.
     */
    void overrideLocale() throws IOException {
        Path file = data.resolve("postgresql.conf");
        // Byte for byte, whatever the encoding of its comments.
        String settings = Files.readString(file, StandardCharsets.ISO_8859_1);
        if (settings.lines().anyMatch(line -> line.startsWith("lc_") && !line.matches("lc_\\w+ = ('C'|C)(\\s.*)?"))
                && !settings.contains(OVERRIDES)) {
            Files.writeString(
                    file,
                    "\n" + OVERRIDES + "\nlc_messages = 'C'\nlc_monetary = 'C'\nlc_numeric = 'C'\nlc_time = 'C'\n",
                    StandardCharsets.US_ASCII,
                    StandardOpenOption.APPEND);
        }
    }

    /** Whether the server of this process accepts connections. */
    boolean isReady(long pid) throws IOException {
        List<String> lines = postmasterFile();
        return lines.size() > READY_LINE
                && lines.get(0).strip().equals(Long.toString(pid))
                && lines.get(READY_LINE).strip().equals("ready");
    }

    /** The lines of the running server's process file; empty if there is none. */
    private List<String> postmasterFile() throws IOException {
        try {
            return Files.readAllLines(data.resolve("postmaster.pid"), StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    /**
     * The server that an earlier process left running on the data. A process file that names a process which is certainly
     * no server on the data is removed: PostgreSQL would take any process of this number for its server.
     */
    Optional<ProcessHandle> runningServer() throws IOException {
        List<String> lines = postmasterFile();
        if (lines.isEmpty()) {
            return Optional.empty();
        }
        Optional<ProcessHandle> named = named(lines.get(0).strip());
        if (named.filter(this::mayServeData).isPresent()) {
            return named;
        }
        Optional<ProcessHandle> other =
                ProcessHandle.allProcesses().filter(this::servesData).findAny();
        if (other.isPresent()) {
            throw new StartupException("Process " + other.get().pid() + " of PostgreSQL uses the data in " + data
                    + ", and its process file names another one. End it, then start again.");
        }
        if (named.isPresent()) {
            LOG.warn(
                    "Removing a stale postmaster.pid from {}: process {} is not its server",
                    data,
                    named.get().pid());
            Files.deleteIfExists(data.resolve("postmaster.pid"));
        }
        return Optional.empty();
    }

    private static Optional<ProcessHandle> named(String pid) {
        try {
            return ProcessHandle.of(Long.parseLong(pid)).filter(ProcessHandle::isAlive);
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** Whether a process is the server of the data, or may be one if the system does not show its program. */
    private boolean mayServeData(ProcessHandle process) {
        return process.info().command().isEmpty() || servesData(process);
    }

    private boolean servesData(ProcessHandle process) {
        String program = process.info().command().orElse("").replace(" (deleted)", "");
        if (!program.endsWith("/" + SERVER)) {
            return false;
        }
        try {
            // A server works in its data folder.
            Path working = PROCESSES.resolve(Long.toString(process.pid())).resolve("cwd");
            return Files.exists(PROCESSES.resolve("self"))
                    ? Files.isSameFile(working, data)
                    : Arrays.asList(process.info().arguments().orElse(new String[0]))
                            .contains(data.toString());
        } catch (IOException e) {
            // It has ended, or belongs to another user, who could not write here.
            return false;
        }
    }
}
