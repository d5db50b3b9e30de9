package dev.shortwave.click;

import dev.shortwave.link.Target;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Appends to one stream. For one event loop: with a single writer a record is there in full or not at all. */
final class ClickWriter {

    private final ClickStream stream;
    private final Consumer<ClickWriter> prepareSpare;
    private final Queue<Segment> spares = new ConcurrentLinkedQueue<>();
    private final SegmentChecksum checksum = new SegmentChecksum();
    private @Nullable Segment segment;
    private int at = Segment.HEADER_BYTES;

    /**
     * @param prepareSpare is asked for one more segment whenever one is taken into use; must call {@link #offer}
     */
    ClickWriter(ClickStream stream, Consumer<ClickWriter> prepareSpare) {
        this.stream = stream;
        this.prepareSpare = prepareSpare;
    }

    ClickStream stream() {
        return stream;
    }

    /** Gives the writer its next segment. On any thread. */
    void offer(Segment next) {
        spares.add(next);
    }

    /** The click is in the journal when this returns true; false means that there is no room. */
    boolean append(Target target, long atMilliseconds, @Nullable String referrer, @Nullable String userAgent) {
        int bound = ClickCodec.bound(target, referrer, userAgent);
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
        stream.appended(current.position(at));
        return true;
    }

    /** The reader must find the next segment before it finds the end of this one. */
    private @Nullable Segment roll(@Nullable Segment full) {
        Segment next = spares.poll();
        if (next == null) {
            return null;
        }
        prepareSpare.accept(this);
        next.begin(full == null ? 0 : full.nextBase());
        stream.segments().add(next);
        if (full != null) {
            full.end(at);
        }
        segment = next;
        at = Segment.HEADER_BYTES;
        return next;
    }
}
