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

    /** The position of a stream that is booked to its end, and of which nothing is left. */
    public static final long REMOVED = Long.MAX_VALUE;

    /** The time of a click where there is none. */
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

    private ClickStream(String id, List<Segment> left) {
        this.id = id;
        this.recovered = true;
        segments.addAll(left);
        appended = left.isEmpty() ? 0 : left.get(left.size() - 1).nextBase();
        ended = true;
    }

    /** A stream of a process that is gone, and what there is of it, the oldest first. */
    static ClickStream recover(String id, List<Segment> left) {
        return new ClickStream(id, left);
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

    /** One recorder at a time; answers whether the caller is the one. */
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

    /** A reader begins at the checkpoint. Answers whether one has been here before, in this process or another. */
    public boolean beginReading() {
        boolean again = readBefore || recovered;
        readBefore = true;
        return again;
    }

    /** One more click, up to this position. For the writer alone. */
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

    /** Up to here PostgreSQL has it, so many clicks more. */
    public void markBooked(long position, int more) {
        bookedClicks.addAndGet(more);
        if (position > booked) {
            failingSince = NOT_FAILING;
        }
        booked = position;
    }

    /** Its clicks could not be booked. For the recorder alone. */
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

    /** Clicks of this process that are not booked; none of those that it inherited, which nobody has counted. */
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

    /** Nothing will be appended any more. */
    void markEnded() {
        ended = true;
    }

    boolean isEnded() {
        return ended;
    }

    /** Whether a recorder finds something to do here. */
    public boolean wantsReading() {
        return booked < appended || ended;
    }
}
