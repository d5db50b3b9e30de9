package dev.shortwave.click;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folders and files of journals. One folder for each process, locked while it lives; in it one folder for each
 * stream. A folder whose lock is free belongs to a process that is gone: whoever finds it takes it over. Blocking.
 */
final class JournalFiles {

    private static final Logger LOG = LoggerFactory.getLogger(JournalFiles.class);

    private static final String LOCK = "lock";
    private static final String SUFFIX = ".clicks";

    private final Path root;
    private final int segmentBytes;
    private final long maxBytes;
    private final String process = UUID.randomUUID().toString();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong segmentsMade = new AtomicLong();
    private final Map<Path, FileLock> folderToLock = new ConcurrentHashMap<>();
    private final Map<ClickStream, Queue<Segment>> streamToSpares = new ConcurrentHashMap<>();

    JournalFiles(Path root, int segmentBytes, long maxBytes) {
        this.root = root;
        this.segmentBytes = segmentBytes;
        this.maxBytes = maxBytes;
    }

    /** Makes this process's folder and locks it. */
    void open() throws IOException {
        Path own = root.resolve(process);
        Files.createDirectories(own);
        if (lock(own) == null) {
            throw new IOException("could not lock " + own);
        }
    }

    String streamId(int number) {
        return process + "/" + number;
    }

    /** A segment that nobody uses: one that was booked before, or a new file. */
    Segment newSegment(ClickStream stream) throws IOException {
        Queue<Segment> spares = streamToSpares.computeIfAbsent(stream, first -> new ConcurrentLinkedQueue<>());
        Segment spare = spares.poll();
        if (spare != null) {
            return spare;
        }
        if (bytes.addAndGet(segmentBytes) > maxBytes) {
            bytes.addAndGet(-segmentBytes);
            throw new IOException("the journal has reached " + maxBytes + " bytes");
        }
        try {
            Path folder = root.resolve(stream.id());
            Files.createDirectories(folder);
            return Segment.create(folder.resolve(segmentsMade.incrementAndGet() + SUFFIX), segmentBytes);
        } catch (IOException e) {
            bytes.addAndGet(-segmentBytes);
            throw e;
        }
    }

    /** Cleared and kept for the next time: mapping costs more, and an unmapped file holds its disk until a collection. */
    void release(ClickStream stream, Segment segment) {
        stream.segments().remove(segment);
        if (stream.isEnded()) {
            delete(segment.file());
            return;
        }
        segment.clear();
        streamToSpares
                .computeIfAbsent(stream, first -> new ConcurrentLinkedQueue<>())
                .add(segment);
    }

    /** Deletes what is left of a stream, and its process's folder if that was the last. */
    void remove(ClickStream stream) {
        streamToSpares.remove(stream);
        Path folder = root.resolve(stream.id());
        for (Path file : list(folder)) {
            delete(file);
        }
        delete(folder);
        Path owner = root.resolve(stream.id()).getParent();
        if (owner != null
                && !owner.equals(root.resolve(process))
                && list(owner).stream().noneMatch(Files::isDirectory)) {
            unlock(owner);
        }
    }

    /** The streams of processes that are gone. Never fails for what is in them: that is logged. */
    List<ClickStream> takeOver() {
        List<ClickStream> streams = new ArrayList<>();
        for (Path folder : list(root)) {
            if (!Files.isDirectory(folder) || folder.equals(root.resolve(process))) {
                continue;
            }
            try {
                if (lock(folder) == null) {
                    continue;
                }
                List<Path> left =
                        list(folder).stream().filter(Files::isDirectory).toList();
                left.forEach(
                        stream -> streams.add(readStream(folder.getFileName() + "/" + stream.getFileName(), stream)));
                if (left.isEmpty()) {
                    unlock(folder);
                }
            } catch (IOException e) {
                LOG.error("The click journal in {} can't be taken over: {}", folder, e.getMessage());
            }
        }
        return streams;
    }

    private static ClickStream readStream(String id, Path folder) {
        ClickStream stream = new ClickStream(id);
        List<Segment> segments = new ArrayList<>();
        for (Path file : list(folder)) {
            try {
                Segment segment = Segment.open(file);
                if (segment.isValid()) {
                    segments.add(segment);
                } else if (!segment.isUnused()) {
                    LOG.error("{} is not a readable part of a click journal; its clicks are lost", file);
                }
            } catch (IOException e) {
                LOG.error("{} can't be read ({}); its clicks are lost", file, e.getMessage());
            }
        }
        segments.sort(Comparator.comparingLong(Segment::base));
        stream.segments().addAll(segments);
        stream.appended(
                segments.isEmpty() ? 0 : segments.get(segments.size() - 1).nextBase());
        stream.end();
        return stream;
    }

    private @Nullable FileLock lock(Path folder) throws IOException {
        FileChannel channel =
                FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = null;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            // Another service in this very process.
            LOG.debug("{} is in use", folder);
        }
        if (lock == null) {
            channel.close();
            return null;
        }
        folderToLock.put(folder, lock);
        return lock;
    }

    private void unlock(Path folder) {
        delete(folder.resolve(LOCK));
        delete(folder);
        giveUp(folder);
    }

    private void giveUp(Path folder) {
        FileLock lock = folderToLock.remove(folder);
        if (lock != null) {
            try {
                lock.channel().close();
            } catch (IOException e) {
                LOG.debug("Could not release {}", folder, e);
            }
        }
    }

    /** Gives this process's folder back; one with clicks in it stays for whoever comes next. */
    void close() {
        for (Path folder : List.copyOf(folderToLock.keySet())) {
            if (list(folder).stream().anyMatch(Files::isDirectory)) {
                giveUp(folder);
            } else {
                unlock(folder);
            }
        }
    }

    private void delete(Path file) {
        try {
            if (file.toString().endsWith(SUFFIX) && Files.exists(file) && file.startsWith(root.resolve(process))) {
                bytes.addAndGet(-segmentBytes);
            }
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.warn("Could not delete {}: {}", file, e.getMessage());
        }
    }

    private static List<Path> list(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    long bytes() {
        return bytes.get();
    }
}
