package dev.shortwave.click.journal;

import dev.shortwave.click.ClickCodec;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The clicks of one writer, in order: what the writer and the recorder share. Positions count bytes from the beginning
 * of the stream, over all its segments. Thread-safe.
 */
public final class ClickStream {

    /** Booked position of a stream whose clicks are all booked and whose files are deleted. */
    public static final long REMOVED = Long.MAX_VALUE;

    /** Time of the oldest click where none is pending. */
    static final long NEVER = Long.MAX_VALUE;

    private static final long NOT_FAILING = 0;

    private final String id;
    private final boolean recovered;
    private final Queue<Segment> segments = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean beingRead = new AtomicBoolean();
    private final AtomicLong clicks = new AtomicLong();
    private final AtomicLong bookedClicks = new AtomicLong();
    private volatile @Nullable PrefetchingReader reader;
    private volatile boolean readBefore;
    private volatile long appended;
    private volatile long booked;
    private volatile boolean ended;
    private volatile long failingSince;

    /**
     * A stream that this process writes.
     *
     * @param id unique among all streams that ever were; names the checkpoint in PostgreSQL
     */
    public ClickStream(String id) {
        this.id = id;
        this.recovered = false;
    }

    private ClickStream(String id, List<Segment> recoveredSegments) {
        this.id = id;
        this.recovered = true;
        segments.addAll(recoveredSegments);
        appended = recoveredSegments.isEmpty()
                ? 0
                : recoveredSegments.get(recoveredSegments.size() - 1).nextBase();
        ended = true;
    }

    /** The stream of an ended process, with its segments that could be read, the oldest first. */
    static ClickStream recover(String id, List<Segment> segments) {
        return new ClickStream(id, segments);
    }

    public String id() {
        return id;
    }

    boolean isRecovered() {
        return recovered;
    }

    /** Segments that hold clicks which are not booked, the oldest first. */
    Queue<Segment> segments() {
        return segments;
    }

    /** The segment behind this one, the oldest of all for null; null if there is none yet. */
    @Nullable
    Segment segmentAfter(@Nullable Segment segment) {
        boolean found = segment == null;
        for (Segment candidate : segments) {
            if (found) {
                return candidate;
            }
            found = candidate == segment;
        }
        return null;
    }

    /** Claims the stream for one recorder; false if another one has it. */
    public boolean acquireForReading() {
        return beingRead.compareAndSet(false, true);
    }

    public void release() {
        beingRead.set(false);
    }

    /** The reader, handed on with the stream from one recorder to the next; null to begin at the checkpoint. */
    @Nullable
    public PrefetchingReader reader() {
        return reader;
    }

    public void setReader(@Nullable PrefetchingReader next) {
        reader = next;
    }

    /** Marks a read from the checkpoint on. Returns whether the stream was read before, in this process or another. */
    public boolean beginReading() {
        boolean again = readBefore || recovered;
        readBefore = true;
        return again;
    }

    /** Counts one more click, up to this position. For the writer alone. */
    void markAppended(long position) {
        clicks.lazySet(clicks.getPlain() + 1);
        appended = position;
    }

    long appendedPosition() {
        return appended;
    }

    /** Clicks that were appended in this process. */
    long clicks() {
        return clicks.get();
    }

    /** Moves the booked position, by so many clicks. */
    public void markBooked(long position, int newClicks) {
        bookedClicks.addAndGet(newClicks);
        if (position > booked) {
            failingSince = NOT_FAILING;
        }
        booked = position;
    }

    /** Marks a failed attempt to book its clicks. For the recorder alone. */
    void markFailed() {
        if (failingSince == NOT_FAILING) {
            failingSince = System.nanoTime() | 1;
        }
    }

    /** For how long every attempt has failed; 0 if the last one did not. */
    long failingNanoseconds() {
        long since = failingSince;
        return since == NOT_FAILING ? 0 : System.nanoTime() - since;
    }

    /** Whether the last attempt to book its clicks failed. */
    public boolean isFailing() {
        return failingSince != NOT_FAILING;
    }

    /** Clicks of this process that are not booked; 0 for recovered streams, whose clicks are not counted. */
    long pendingClicks() {
        return booked >= appended ? 0 : Math.max(0, clicks.get() - bookedClicks.get());
    }

    long pendingBytes() {
        return Math.max(0, appended - booked);
    }

    /** When the oldest click was made that is not booked, or {@link #NEVER}. Reads one record. */
    long oldestPending() {
        long from;
        long oldest;
        do {
            from = booked;
            oldest = from < appended ? timeAt(from) : NEVER;
            // What was read may have been cleared for another use, but only if more was booked before that.
        } while (from != booked);
        return oldest;
    }

    private long timeAt(long position) {
        for (Segment segment : segments) {
            if (position < segment.nextBase()) {
                int at = segment.offsetOf(Math.max(position, segment.base()));
                if (segment.contains(Segment.payloadAt(at)) && segment.lengthAt(at) > 0) {
                    return ClickCodec.time(segment.buffer(), Segment.payloadAt(at));
                }
            }
        }
        return NEVER;
    }

    public long bookedPosition() {
        return booked;
    }

    /** Marks the end: its writer appends nothing more. */
    void markEnded() {
        ended = true;
    }

    boolean isEnded() {
        return ended;
    }

    /** Whether there is work for the recorder. */
    public boolean wantsReading() {
        return booked < appended || ended;
    }
}
