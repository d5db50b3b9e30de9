package dev.shortwave.click;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * One mapped file of a journal: a header, then records one after the other, each at a multiple of eight bytes.
 *
 * <pre>
 * header   0 magic (8 bytes) · 8 base, the stream's position of the first record (8 bytes) · zero up to 64
 * record   0 length of the payload (4 bytes), written last · 4 CRC32C of the payload (4 bytes) · 8 payload
 * </pre>
 *
 * A length of zero is where the next record will be; {@link #END} says that the stream goes on in the next segment. All
 * numbers are little-endian. What is written is in the page cache at once, and so survives the process.
 */
final class Segment {

    static final int HEADER_BYTES = 64;

    /** In the place of a length: nothing more in this segment. */
    static final int END = -1;

    private static final long MAGIC = 0x314B_4C43_5453_5753L;
    private static final int BASE_AT = 8;
    private static final int CRC_AT = 4;
    private static final int RECORD_HEADER_BYTES = 8;
    private static final int ALIGNMENT = 8;
    private static final int CHUNK_BYTES = 1 << 16;

    private static final VarHandle INT = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private final Path file;
    private final ByteBuffer buffer;
    private final MappedByteBuffer mapped;

    private Segment(Path file, MappedByteBuffer mapped) {
        this.file = file;
        this.mapped = mapped;
        this.buffer = mapped.order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Makes a new segment. Blocking. Every byte is written, not just reserved: a full disk fails here, in the open, and
     * not as a fault in the middle of a redirect.
     */
    static Segment create(Path file, int bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer zeros = ByteBuffer.allocateDirect(CHUNK_BYTES);
            for (int at = 0; at < bytes; ) {
                zeros.clear().limit(Math.min(CHUNK_BYTES, bytes - at));
                at += channel.write(zeros, at);
            }
            return new Segment(file, channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes));
        } catch (IOException e) {
            Files.deleteIfExists(file);
            throw e;
        }
    }

    /** Maps a segment of a process that is gone, whatever it holds. Blocking. */
    static Segment open(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return new Segment(file, channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()));
        }
    }

    /** Makes it the part of a stream that begins at this position. */
    void begin(long base) {
        buffer.putLong(BASE_AT, base);
        buffer.putLong(0, MAGIC);
    }

    /** Whether the header is whole. */
    boolean isValid() {
        return buffer.capacity() >= HEADER_BYTES && buffer.getLong(0) == MAGIC && base() >= 0;
    }

    /** Whether it was prepared and never taken into use. */
    boolean isUnused() {
        for (int at = 0; at + Long.BYTES <= Math.min(buffer.capacity(), HEADER_BYTES); at += Long.BYTES) {
            if (buffer.getLong(at) != 0) {
                return false;
            }
        }
        return true;
    }

    long base() {
        return buffer.getLong(BASE_AT);
    }

    /** Where the next segment of the stream begins. */
    long nextBase() {
        return position(buffer.capacity());
    }

    /** The stream's position of a place in this segment. */
    long position(int at) {
        return base() + at - HEADER_BYTES;
    }

    ByteBuffer buffer() {
        return buffer;
    }

    Path file() {
        return file;
    }

    /** Whether a record of this payload, and the end mark behind it, fits at this place. */
    boolean hasRoom(int at, int payloadBytes) {
        return at + RECORD_HEADER_BYTES + payloadBytes + ALIGNMENT + RECORD_HEADER_BYTES <= buffer.capacity();
    }

    /** Whether a length can be read at this place. */
    boolean contains(int at) {
        return at + RECORD_HEADER_BYTES <= buffer.capacity();
    }

    static int payloadAt(int at) {
        return at + RECORD_HEADER_BYTES;
    }

    /** The place behind a record with a payload of this length. */
    static int next(int at, int length) {
        return (at + RECORD_HEADER_BYTES + length + ALIGNMENT - 1) & -ALIGNMENT;
    }

    /** The length at this place, seen only together with all that was written before it. */
    int lengthAt(int at) {
        return (int) INT.getAcquire(buffer, at);
    }

    /** Makes the record at this place, whose payload is written, visible to the reader. */
    void publish(int at, int length, CRC32C crc) {
        buffer.putInt(at + CRC_AT, checksum(at, length, crc));
        INT.setRelease(buffer, at, length);
    }

    /** Says that the stream goes on in the next segment. */
    void end(int at) {
        INT.setRelease(buffer, at, END);
    }

    /** Whether a whole, unharmed record of this length is at this place. */
    boolean isRecord(int at, int length, CRC32C crc) {
        return length > 0
                && length <= buffer.capacity() - payloadAt(at)
                && buffer.getInt(at + CRC_AT) == checksum(at, length, crc);
    }

    private int checksum(int at, int length, CRC32C crc) {
        crc.reset();
        crc.update(buffer.slice(payloadAt(at), length));
        return (int) crc.getValue();
    }

    /** Overwrites everything with zeros, the header first, for another use. Blocking for milliseconds. */
    void clear() {
        for (int at = 0; at + Long.BYTES <= buffer.capacity(); at += Long.BYTES) {
            buffer.putLong(at, 0);
        }
    }

    /** Writes through to the disk. Blocking. */
    void force() {
        mapped.force();
    }
}
