package dev.shortwave.click.journal;

import dev.shortwave.click.ClickCodec;
import dev.shortwave.link.LinkTarget;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Appends to one stream. For one event loop: with a single writer a record is complete or absent. */
public final class ClickWriter {

    private final ClickStream stream;
    private final Consumer<ClickWriter> prepareFreeSegment;
    private final Queue<Segment> freeSegments = new ConcurrentLinkedQueue<>();
    private final SegmentChecksum checksum = new SegmentChecksum();
    private @Nullable Segment segment;
    private int at = Segment.HEADER_BYTES;

    /**
     * @param prepareFreeSegment requests one more segment whenever one is taken into use; must call {@link #offer}
     */
    public ClickWriter(ClickStream stream, Consumer<ClickWriter> prepareFreeSegment) {
        this.stream = stream;
        this.prepareFreeSegment = prepareFreeSegment;
    }

    ClickStream stream() {
        return stream;
    }

    /** Gives the writer its next segment. On any thread. */
    public void offer(Segment next) {
        freeSegments.add(next);
    }

    /** Appends a click; false if there is no room. */
    public boolean append(
            LinkTarget target, long atMilliseconds, @Nullable String referrer, @Nullable String userAgent) {
        int bound = ClickCodec.maxLength(target, referrer, userAgent);
        Segment current = segment;
        if (current == null || !current.hasRoom(at, bound)) {
            current = roll(current);
            if (current == null) {
                return false;
            }
        }
        int length =
                ClickCodec.encode(target, atMilliseconds, referrer, userAgent, current.buffer(), Segment.payloadAt(at));
        current.publish(at, length, checksum);
        at = Segment.next(at, length);
        stream.markAppended(current.position(at));
        return true;
    }

    /** The reader must find the next segment before it finds the end of this one. */
    private @Nullable Segment roll(@Nullable Segment full) {
        Segment next = freeSegments.poll();
        if (next == null) {
            return null;
        }
        prepareFreeSegment.accept(this);
        next.begin(full == null ? 0 : full.nextBase());
        stream.segments().add(next);
        if (full != null) {
            full.writeEndMark(at);
        }
        segment = next;
        at = Segment.HEADER_BYTES;
        return next;
    }
}
