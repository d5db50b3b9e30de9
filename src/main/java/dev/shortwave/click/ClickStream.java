package dev.shortwave.click;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The clicks of one writer, in order: what the writer and the recorder share. Positions count bytes from the beginning
 * of the stream, over all its segments. Thread-safe.
 */
final class ClickStream {

    /** The position of a stream that is booked to its end, and of which nothing is left. */
    static final long REMOVED = Long.MAX_VALUE;

    private final String id;
    private final Queue<Segment> segments = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean beingRead = new AtomicBoolean();
    private volatile @Nullable ClickReader reader;
    private volatile long appended;
    private volatile long booked;
    private volatile boolean ended;

    /**
     * @param id unique among all streams that ever were; names the checkpoint in PostgreSQL
     */
    ClickStream(String id) {
        this.id = id;
    }

    String id() {
        return id;
    }

    /** Segments that hold clicks which are not booked, the oldest first. */
    Queue<Segment> segments() {
        return segments;
    }

    /** The segment behind this one, the oldest of all for null; null if there is none yet. */
    @Nullable
    Segment after(@Nullable Segment segment) {
        boolean found = segment == null;
        for (Segment candidate : segments) {
            if (found) {
                return candidate;
            }
            found = candidate == segment;
        }
        return null;
    }

    /** One recorder at a time; answers whether the caller is the one. */
    boolean takeForReading() {
        return beingRead.compareAndSet(false, true);
    }

    void giveBack() {
        beingRead.set(false);
    }

    /** The reader, handed on with the stream from one recorder to the next; null to begin at the checkpoint. */
    @Nullable
    ClickReader reader() {
        return reader;
    }

    void reader(@Nullable ClickReader next) {
        reader = next;
    }

    void appended(long position) {
        appended = position;
    }

    long appended() {
        return appended;
    }

    /** Up to here PostgreSQL has it. */
    void booked(long position) {
        booked = position;
    }

    long booked() {
        return booked;
    }

    /** Nothing will be appended any more. */
    void end() {
        ended = true;
    }

    boolean isEnded() {
        return ended;
    }

    /** Whether a recorder finds something to do here. */
    boolean wantsReading() {
        return booked < appended || ended;
    }
}
