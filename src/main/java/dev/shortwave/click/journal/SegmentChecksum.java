package dev.shortwave.click.journal;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Adds up parts of segments. Keeps a view of the segment that it saw last, so that a click, which needs one sum, leaves no
 * object behind. For one thread.
 */
final class SegmentChecksum {

    private final CRC32C crc = new CRC32C();
    private @Nullable ByteBuffer buffer;
    private ByteBuffer view = ByteBuffer.allocate(0);

    int of(ByteBuffer segment, int from, int length) {
        if (buffer != segment) {
            buffer = segment;
            view = segment.duplicate();
        }
        crc.reset();
        crc.update(view.limit(from + length).position(from));
        return (int) crc.getValue();
    }
}
