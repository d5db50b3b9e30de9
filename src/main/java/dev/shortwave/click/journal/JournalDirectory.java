package dev.shortwave.click.journal;

import dev.shortwave.file.OwnerOnly;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directories and files of journals: one directory for each process, locked while the process runs, and in it one for
 * each stream. A directory whose lock is free belongs to an ended process; the next process that scans adopts it. Blocking,
 * and for one thread at a time.
 */
final class JournalDirectory {

    private static final Logger LOG = LoggerFactory.getLogger(JournalDirectory.class);

    private static final String LOCK = "lock";
    private static final String SUFFIX = ".clicks";

    /** Where corrupt segments are kept. */
    private static final String UNREADABLE = "unreadable";

    /** Prefix of directories that are not adopted. */
    private static final String HIDDEN = ".";

    /**
     * The directories that this process has locked: the system keeps one lock for each process and file, and releases it
     * when the process closes any of its channels on that file.
     */
    private static final Set<Path> HELD_LOCKS = ConcurrentHashMap.newKeySet();

    private final Path root;
    private final int segmentBytes;
    private final long maxBytes;
    private final String process = UUID.randomUUID().toString();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong segmentsCreated = new AtomicLong();
    private final Map<Path, FileLock> folderToLock = new ConcurrentHashMap<>();
    private final Queue<Segment> freeSegments = new ConcurrentLinkedQueue<>();
    private final Set<Path> reportedFolders = new HashSet<>();

    JournalDirectory(Path root, int segmentBytes, long maxBytes) {
        this.root = root.toAbsolutePath().normalize();
        this.segmentBytes = segmentBytes;
        this.maxBytes = maxBytes;
    }

    /** Creates this process's directory. It gets its name once it is locked, or another process might adopt it. */
    void open() throws IOException {
        Path hidden = root.resolve(HIDDEN + process);
        Path place = Files.exists(own()) ? own() : hidden;
        OwnerOnly.createFolders(place);
        FileLock lock = tryLock(place.resolve(LOCK));
        if (lock == null) {
            throw new IOException("could not lock " + place);
        }
        HELD_LOCKS.add(own());
        try {
            if (place.equals(hidden)) {
                Files.move(hidden, own(), StandardCopyOption.ATOMIC_MOVE);
            }
        } catch (IOException e) {
            close(lock);
            throw e;
        }
        FileLock before = folderToLock.put(own(), lock);
        if (before != null) {
            close(before);
        }
    }

    /** Recreates a deleted directory with its lock: no other process may adopt the journal of a running one. */
    private void reopenIfDeleted() throws IOException {
        if (!Files.exists(own().resolve(LOCK))) {
            open();
            LOG.error(
                    "The click journal directory {} was deleted while in use; recreated. Clicks in the deleted files are"
                            + " booked, unless this process is killed before",
                    own());
        }
    }

    private Path own() {
        return root.resolve(process);
    }

    String streamId(int number) {
        return process + "/" + number;
    }

    /** An unused segment: a cleared one of any stream, or a new file. */
    Segment newSegment(ClickStream stream) throws IOException {
        reopenIfDeleted();
        Path folder = root.resolve(stream.id());
        OwnerOnly.createFolders(folder);
        Segment free = pollFreeSegment();
        if (free == null) {
            return createSegment(folder);
        }
        if (!free.file().startsWith(folder)) {
            try {
                free.moveTo(folder.resolve(free.file().getFileName()));
            } catch (IOException e) {
                freeSegments.add(free);
                throw e;
            }
        }
        return free;
    }

    /** One whose file exists: a click in a deleted file would not outlive the process. */
    private @Nullable Segment pollFreeSegment() {
        Segment free = freeSegments.poll();
        while (free != null && !Files.exists(free.file())) {
            bytes.addAndGet(-segmentBytes);
            free = freeSegments.poll();
        }
        return free;
    }

    private Segment createSegment(Path folder) throws IOException {
        if (bytes.addAndGet(segmentBytes) > maxBytes) {
            bytes.addAndGet(-segmentBytes);
            throw new IOException("the journal has reached " + maxBytes + " bytes");
        }
        try {
            return Segment.create(folder.resolve(segmentsCreated.incrementAndGet() + SUFFIX), segmentBytes);
        } catch (IOException e) {
            bytes.addAndGet(-segmentBytes);
            throw e;
        }
    }

    /** Clears it and keeps it for reuse: mapping costs more, and an unmapped file occupies its disk until a collection. */
    void release(ClickStream stream, Segment segment) {
        stream.segments().remove(segment);
        if (stream.isEnded()) {
            delete(segment.file());
            return;
        }
        segment.clear();
        try {
            // On the disk too, or a power cut could leave clicks that are booked behind those of its next use.
            segment.force();
            freeSegments.add(segment);
        } catch (UncheckedIOException e) {
            LOG.warn("fsync of {} failed; the segment is not reused", segment.file(), e.getCause());
            delete(segment.file());
        }
    }

    /**
     * Deletes the files of a stream, and its process's directory if that was the last stream.
     *
     * @return false if a file remains, which the next process that adopts it would read again
     */
    boolean remove(ClickStream stream) {
        Path folder = root.resolve(stream.id());
        freeSegments.removeIf(free -> free.file().startsWith(folder));
        try {
            for (Path file : list(folder)) {
                delete(file);
            }
            delete(folder);
            Path owner = folder.getParent();
            if (owner != null && !owner.equals(own()) && streamsIn(owner).isEmpty()) {
                unlock(owner);
            }
        } catch (IOException e) {
            LOG.warn("Listing {} failed: {}", folder, e.getMessage());
        }
        return !Files.exists(folder);
    }

    /**
     * The streams of ended processes that this process has not adopted before. Never fails because of their content: that
     * is logged.
     */
    List<ClickStream> adoptOrphans() {
        List<ClickStream> streams = new ArrayList<>();
        for (Path folder : processDirectories()) {
            try {
                if (lock(folder)) {
                    adoptOrphans(folder, streams);
                }
            } catch (IOException e) {
                report(folder, e);
            }
        }
        return streams;
    }

    private List<Path> processDirectories() {
        try {
            return list(root).stream()
                    .filter(Files::isDirectory)
                    .filter(folder -> !folder.getFileName().toString().startsWith(HIDDEN))
                    .filter(folder -> !folder.endsWith(UNREADABLE))
                    .toList();
        } catch (IOException e) {
            report(root, e);
            return List.of();
        }
    }

    private void report(Path folder, IOException failure) {
        if (reportedFolders.add(folder)) {
            LOG.error("Adopting the click journals in {} failed: {}", folder, failure.getMessage());
        }
    }

    private void adoptOrphans(Path folder, List<ClickStream> streams) throws IOException {
        List<Path> orphans = streamsIn(folder);
        for (Path stream : orphans) {
            try {
                streams.add(readStream(folder.getFileName() + "/" + stream.getFileName(), stream));
            } catch (IOException e) {
                report(stream, e);
            }
        }
        if (orphans.isEmpty()) {
            unlock(folder);
        }
    }

    private ClickStream readStream(String id, Path folder) throws IOException {
        List<Segment> segments = new ArrayList<>();
        for (Path file : list(folder)) {
            try {
                Segment segment = Segment.open(file);
                if (segment.isValid()) {
                    segments.add(segment);
                } else if (segment.isCutOff()) {
                    LOG.warn("{} is too short to hold clicks: truncated, or never completed", file);
                } else if (!segment.isUnused()) {
                    quarantine(id, file, "invalid header");
                }
            } catch (IOException | IllegalArgumentException e) {
                quarantine(id, file, e.getMessage());
            }
        }
        segments.sort(Comparator.comparingLong(Segment::base));
        return ClickStream.recover(id, segments);
    }

    /** Moves a corrupt segment aside, for an operator to inspect, so that the others can be booked and removed. */
    private void quarantine(String id, Path file, @Nullable String reason) {
        Path kept = root.resolve(UNREADABLE).resolve(id.replace('/', '-') + "-" + file.getFileName());
        LOG.error(
                "Corrupt click journal segment {} ({}); its clicks are not booked, it is kept as {}",
                file,
                reason,
                kept);
        try {
            OwnerOnly.createFolders(root.resolve(UNREADABLE));
            Files.move(file, kept);
        } catch (IOException e) {
            LOG.error("{} could not be moved: {}", file, e.getMessage());
        }
    }

    /** Locks the directory of a process; false if another process has the lock, or it is deleted. */
    private boolean lock(Path folder) throws IOException {
        if (!HELD_LOCKS.add(folder)) {
            return false;
        }
        FileLock lock = null;
        try {
            lock = tryLock(folder.resolve(LOCK));
        } finally {
            if (lock == null) {
                HELD_LOCKS.remove(folder);
            } else {
                folderToLock.put(folder, lock);
            }
        }
        return lock != null;
    }

    private static @Nullable FileLock tryLock(Path file) throws IOException {
        FileChannel channel;
        try {
            channel = OwnerOnly.open(file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE));
        } catch (NoSuchFileException e) {
            return null;
        }
        FileLock lock = channel.tryLock();
        if (lock == null) {
            channel.close();
        }
        return lock;
    }

    private void unlock(Path folder) {
        delete(folder.resolve(LOCK));
        delete(folder);
        abandon(folder);
    }

    private void abandon(Path folder) {
        FileLock lock = folderToLock.remove(folder);
        if (lock != null) {
            close(lock);
            HELD_LOCKS.remove(folder);
        }
    }

    private static void close(FileLock lock) {
        try {
            lock.channel().close();
        } catch (IOException e) {
            LOG.debug("Could not release a lock", e);
        }
    }

    /** Releases all directories; one with clicks in it stays for the next process. */
    void close() {
        for (Path folder : List.copyOf(folderToLock.keySet())) {
            try {
                if (streamsIn(folder).isEmpty()) {
                    unlock(folder);
                }
            } catch (IOException e) {
                LOG.warn("Listing {} failed: {}", folder, e.getMessage());
            }
            abandon(folder);
        }
    }

    private void delete(Path file) {
        try {
            if (Files.deleteIfExists(file) && file.toString().endsWith(SUFFIX) && file.startsWith(own())) {
                bytes.addAndGet(-segmentBytes);
            }
        } catch (IOException e) {
            LOG.warn("Could not delete {}: {}", file, e.getMessage());
        }
    }

    private static List<Path> streamsIn(Path folder) throws IOException {
        return list(folder).stream().filter(Files::isDirectory).toList();
    }

    private static List<Path> list(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** Bytes of the files that this process created. */
    long bytes() {
        return bytes.get();
    }
}
