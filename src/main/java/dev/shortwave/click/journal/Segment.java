package dev.shortwave.click.journal;

import dev.shortwave.file.OwnerOnly;
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
import java.util.Set;

/**
 * One mapped file of a journal: a header, then records one after the other, each at a multiple of eight bytes.
 *
 * <pre>
 * header   0 magic (8 bytes) · 8 base, the stream's position of the first record (8 bytes) · 16 size of the file (4 bytes)
 *          20 CRC32C of these 20 bytes (4 bytes) · zero up to 32, then the same once more: one copy may be corrupt
 * record   0 length of the payload (4 bytes), written last · 4 CRC32C of the payload (4 bytes) · 8 payload
 * </pre>
 *
 * A length of zero is where the next record will be; {@link #END} says that the stream goes on in the next segment. All
 * numbers are little-endian. What is written is in the page cache at once, and so survives the process.
 */
public final class Segment {

    static final int HEADER_BYTES = 64;

    /** In the place of a length: nothing more in this segment. */
    static final int END_MARK = -1;

    private static final long MAGIC = 0x324B_4C43_5453_5753L;
    private static final int BASE_AT = 8;
    private static final int SIZE_AT = 16;
    private static final int HEADER_CRC_AT = 20;
    private static final int SECOND_COPY_AT = 32;
    private static final int CRC_AT = 4;
    private static final int RECORD_HEADER_BYTES = 8;
    private static final int ALIGNMENT = 8;
    private static final int CHUNK_BYTES = 1 << 16;

    /** More than any click takes. Bounds the checksums of a search for the next valid record among corrupt bytes. */
    private static final int MAX_PAYLOAD_BYTES = 1 << 18;

    private static final VarHandle INT = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private final ByteBuffer buffer;
    private final MappedByteBuffer mapped;
    private Path file;
    private long base = -1;
    private int size;

    private Segment(Path file, MappedByteBuffer mapped) {
        this.file = file;
        this.mapped = mapped;
        this.buffer = mapped.order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Creates a segment. Blocking. Every byte is written, not just reserved: a full disk fails here, and not as a fault in
     * the middle of a redirect.
     */
    public static Segment create(Path file, int bytes) throws IOException {
        try (FileChannel channel = OwnerOnly.open(
                file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE))) {
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

    /** Maps a segment of an ended process, whatever its content. Blocking. */
    static Segment open(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            Segment segment = new Segment(file, channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()));
            segment.readHeader(0);
            segment.readHeader(SECOND_COPY_AT);
            return segment;
        }
    }

    private void readHeader(int at) {
        if (buffer.capacity() >= HEADER_BYTES
                && buffer.getLong(at) == MAGIC
                && buffer.getInt(at + HEADER_CRC_AT) == headerChecksum(at)) {
            base = buffer.getLong(at + BASE_AT);
            size = buffer.getInt(at + SIZE_AT);
        }
    }

    /** Assigns it to a stream, from this position on. */
    void begin(long position) {
        base = position;
        size = buffer.capacity();
        writeHeader(0);
        writeHeader(SECOND_COPY_AT);
    }

    private void writeHeader(int at) {
        buffer.putLong(at, MAGIC);
        buffer.putLong(at + BASE_AT, base);
        buffer.putInt(at + SIZE_AT, size);
        buffer.putInt(at + HEADER_CRC_AT, headerChecksum(at));
    }

    private int headerChecksum(int at) {
        return new SegmentChecksum().of(buffer, at, HEADER_CRC_AT);
    }

    /** Whether a header could be read. */
    boolean isValid() {
        return base >= 0;
    }

    /** Whether it holds nothing: it was never taken into use, or never completed. */
    boolean isUnused() {
        for (int at = HEADER_BYTES; at + Long.BYTES <= buffer.capacity(); at += Long.BYTES) {
            if (buffer.getLong(at) != 0) {
                return false;
            }
        }
        return true;
    }

    /** Whether the file ends before it begins to hold clicks. */
    boolean isCutOff() {
        return buffer.capacity() < HEADER_BYTES;
    }

    long base() {
        return base;
    }

    /** Where the next segment of the stream begins. */
    long nextBase() {
        return position(size);
    }

    /** Where its bytes end: before its size, if the file was truncated. */
    int endOffset() {
        return Math.min(size, buffer.capacity());
    }

    /** Bytes that the file lacks. */
    int missingBytes() {
        return size - endOffset();
    }

    int capacity() {
        return buffer.capacity();
    }

    /** The place of a position of the stream that is not before this segment, or where it ends. */
    int offsetOf(long position) {
        return (int) Math.min(HEADER_BYTES + position - base, endOffset());
    }

    /** The stream's position of a place in this segment. */
    long position(int at) {
        return base + at - HEADER_BYTES;
    }

    ByteBuffer buffer() {
        return buffer;
    }

    Path file() {
        return file;
    }

    /** Moves the file. Blocking. */
    void moveTo(Path other) throws IOException {
        file = Files.move(file, other);
    }

    /** Whether a record of this payload, and the end mark behind it, fits at this place. */
    boolean hasRoom(int at, int payloadBytes) {
        return at + RECORD_HEADER_BYTES + payloadBytes + ALIGNMENT + RECORD_HEADER_BYTES <= buffer.capacity();
    }

    /** Whether a length can be read at this place. */
    boolean contains(int at) {
        return at + RECORD_HEADER_BYTES <= endOffset();
    }

    static int payloadAt(int at) {
        return at + RECORD_HEADER_BYTES;
    }

    /** The place behind a record with a payload of this length. */
    static int next(int at, int length) {
        return (at + RECORD_HEADER_BYTES + length + ALIGNMENT - 1) & -ALIGNMENT;
    }

    /** Whether the eight bytes at this place are anything but zero. */
    boolean hasRecordAt(int at) {
        return buffer.getLong(at) != 0;
    }

    /** The length at this place, seen only together with all that was written before it. */
    int lengthAt(int at) {
        return (int) INT.getAcquire(buffer, at);
    }

    /** Makes the record at this place, whose payload is written, visible to the reader. */
    void publish(int at, int length, SegmentChecksum checksum) {
        buffer.putInt(at + CRC_AT, checksum.of(buffer, payloadAt(at), length));
        INT.setRelease(buffer, at, length);
    }

    /** Says that the stream goes on in the next segment. */
    void writeEndMark(int at) {
        INT.setRelease(buffer, at, END_MARK);
    }

    /** Whether a valid record of this length is at this place. */
    boolean isRecord(int at, int length, SegmentChecksum checksum) {
        return length > 0
                && length <= Math.min(MAX_PAYLOAD_BYTES, endOffset() - payloadAt(at))
                && buffer.getInt(at + CRC_AT) == checksum.of(buffer, payloadAt(at), length);
    }

    /**
     * Overwrites everything with zeros, for another use. The header comes last: if the process ends in the middle of it,
     * the header still says that all this was booked. Blocking for milliseconds.
     */
    void clear() {
        for (int at = HEADER_BYTES; at + Long.BYTES <= buffer.capacity(); at += Long.BYTES) {
            buffer.putLong(at, 0);
        }
        for (int at = 0; at < HEADER_BYTES; at += Long.BYTES) {
            buffer.putLong(at, 0);
        }
    }

    /** Writes through to the disk. Blocking. */
    void force() {
        mapped.force();
    }
}
