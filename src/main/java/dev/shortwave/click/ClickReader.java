package dev.shortwave.click;

import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Reads one stream from a position on, batch after batch, and takes nothing away: that is for who has booked the batch.
 * One thread at a time; blocking when the pages have gone to disk.
 */
final class ClickReader {

    /**
     * Some clicks of a stream, in order.
     *
     * @param end the position behind them: the checkpoint once they are booked
     * @param finished segments of which nothing is left after it
     * @param last whether nothing of the stream is left after it
     */
    record Batch(long end, List<Click> clicks, List<Segment> finished, boolean last) {}

    private final ClickStream stream;
    private final CRC32C crc = new CRC32C();
    private long position;
    private int at = Segment.HEADER_BYTES;
    private long damagedBytes;
    private @Nullable Segment segment;

    ClickReader(ClickStream stream, long position) {
        this.stream = stream;
        this.position = position;
    }

    /** Bytes that held no readable click, where some should have been. */
    long damagedBytes() {
        return damagedBytes;
    }

    /** The next clicks, at most so many; a batch without clicks may still have finished segments. */
    Batch next(int most) {
        // Asked first: what was appended before the end of the stream is visible after this.
        boolean ended = stream.isEnded();
        List<Click> clicks = new ArrayList<>();
        List<Segment> finished = new ArrayList<>();
        if (segment == null) {
            segment = stream.after(null);
        }
        while (segment != null && clicks.size() < most) {
            int length = segment.contains(at) ? segment.lengthAt(at) : Segment.END;
            if (length == Segment.END) {
                if (!segment.contains(at) && !ended) {
                    break;
                }
                finished.add(segment);
                position = Math.max(position, segment.nextBase());
                segment = stream.after(segment);
                at = Segment.HEADER_BYTES;
            } else if (segment.isRecord(at, length, crc)) {
                Click click = segment.position(at) < position
                        ? null
                        : ClickCodec.decode(segment.buffer(), Segment.payloadAt(at), length);
                if (click != null) {
                    clicks.add(click);
                }
                at = Segment.next(at, length);
                position = Math.max(position, segment.position(at));
            } else if (ended) {
                at = skipDamage(segment, at);
            } else {
                break;
            }
        }
        return new Batch(position, clicks, finished, ended && segment == null);
    }

    /** In a journal whose writer is gone: the next place with a whole record, or behind the end. */
    private int skipDamage(Segment segment, int from) {
        boolean harmed = false;
        int next = from;
        while (segment.contains(next)) {
            int length = segment.lengthAt(next);
            if (segment.isRecord(next, length, crc)) {
                break;
            }
            harmed |= length != 0;
            next += Long.BYTES;
        }
        if (harmed || segment.contains(next)) {
            damagedBytes += next - from;
        }
        return next;
    }
}
