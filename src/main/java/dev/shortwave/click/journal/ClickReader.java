package dev.shortwave.click.journal;

import dev.shortwave.click.Click;
import dev.shortwave.click.ClickCodec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads one stream from a position on, batch after batch, and removes nothing: the recorder does, once a batch is booked.
 * Corrupt bytes are skipped and counted. One thread at a time; blocks when the pages are not in memory.
 */
public final class ClickReader {

    /** Some clicks of a stream, in order. */
    public static final class Batch {

        private final List<Click> clicks = new ArrayList<>();
        private final List<Segment> finished = new ArrayList<>();
        private long[] ends = new long[64];
        private long damagedBytes;
        private long end;
        private boolean last;

        private void add(Click click, long end) {
            if (clicks.size() == ends.length) {
                ends = Arrays.copyOf(ends, 2 * ends.length);
            }
            ends[clicks.size()] = end;
            clicks.add(click);
        }

        public List<Click> clicks() {
            return clicks;
        }

        /** The position behind the first so many clicks: the checkpoint once they are booked. */
        public long positionAfter(int count) {
            return count == clicks.size() ? end : ends[count - 1];
        }

        /** Segments of which nothing is left after it. */
        public List<Segment> finished() {
            return finished;
        }

        /** Bytes that held no readable click, where one should have been. */
        public long damagedBytes() {
            return damagedBytes;
        }

        /** Whether nothing of the stream is left after it. */
        public boolean isLast() {
            return last;
        }
    }

    private final ClickStream stream;
    private final SegmentChecksum checksum = new SegmentChecksum();
    private long position;
    private int at = Segment.HEADER_BYTES;
    private @Nullable Segment segment;

    public ClickReader(ClickStream stream, long position) {
        this.stream = stream;
        this.position = position;
    }

    /** The next clicks, at most so many; a batch without clicks may still have finished segments. */
    Batch next(int maxClicks) {
        // Read first: what was appended before the end of the stream, or before this position, is visible after this.
        boolean ended = stream.isEnded();
        long appended = stream.appendedPosition();
        Batch batch = new Batch();
        if (segment == null) {
            startSegment(stream.segmentAfter(null), batch);
        }
        while (segment != null && batch.clicks.size() < maxClicks) {
            int length = segment.contains(at) ? segment.lengthAt(at) : Segment.END_MARK;
            // Before this place everything has been written. Behind it the writer may be at work.
            int written = ended ? segment.endOffset() : segment.offsetOf(appended);
            if (segment.isRecord(at, length, checksum)) {
                read(segment, length, batch);
            } else if (at < written) {
                skip(segment, written, batch);
            } else if (at < segment.endOffset() && length != Segment.END_MARK) {
                break;
            } else {
                Segment following = stream.segmentAfter(segment);
                if (following == null && !ended) {
                    break;
                }
                finishSegment(segment, batch);
                startSegment(following, batch);
            }
        }
        batch.end = position;
        batch.last = ended && segment == null;
        return batch;
    }

    private void startSegment(@Nullable Segment next, Batch batch) {
        segment = next;
        if (next != null) {
            // A gap is a lost segment.
            batch.damagedBytes += Math.max(0, next.base() - position);
            position = Math.max(position, next.base());
            at = next.offsetOf(position);
        }
    }

    private void finishSegment(Segment segment, Batch batch) {
        if (position < segment.nextBase()) {
            batch.damagedBytes += segment.missingBytes();
            position = segment.nextBase();
        }
        batch.finished.add(segment);
    }

    private void read(Segment segment, int length, Batch batch) {
        Click click = ClickCodec.decode(segment.buffer(), Segment.payloadAt(at), length);
        at = Segment.next(at, length);
        position = segment.position(at);
        if (click == null) {
            batch.damagedBytes += length;
        } else {
            batch.add(click, position);
        }
    }

    /** Moves on to the next valid record, or to this offset: over corrupt bytes, or what a full segment leaves free. */
    private void skip(Segment segment, int to, Batch batch) {
        int next = at;
        int afterCorruption = at;
        if (segment.contains(at) && segment.lengthAt(at) == Segment.END_MARK) {
            // The regular end of a segment, unless a record follows it after all.
            next += Long.BYTES;
        }
        while (next < to && segment.contains(next) && !segment.isRecord(next, segment.lengthAt(next), checksum)) {
            if (segment.hasRecordAt(next)) {
                afterCorruption = next + Long.BYTES;
            }
            next += Long.BYTES;
        }
        boolean found = next < to && segment.contains(next);
        batch.damagedBytes += (found ? next : afterCorruption) - at;
        at = found ? next : to;
        position = segment.position(at);
    }
}
