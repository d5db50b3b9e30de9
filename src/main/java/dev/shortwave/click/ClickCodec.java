package dev.shortwave.click;

import dev.shortwave.link.LinkTarget;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A click as the payload of a journal's record: three numbers (time in milliseconds since 1970, link, owner or
 * {@link #NO_OWNER}) and four texts (code, destination, referrer, user agent), each a two-byte length in bytes, or
 * {@link #ABSENT}, and UTF-8. Nothing is allocated for plain ASCII, which nearly all of it is.
 */
public final class ClickCodec {

    /** Longer headers are cut: clients send any length, and a click must fit a record. */
    static final int MAX_HEADER_LENGTH = 1024;

    private static final long NO_OWNER = Long.MIN_VALUE;
    private static final int ABSENT = 0xFFFF;
    private static final int NUMBERS_BYTES = 3 * Long.BYTES;
    private static final int TEXTS = 4;
    private static final int MAX_UTF8_BYTES = 4;
    private static final int MAX_BYTES_PER_CHARACTER = 3;

    private ClickCodec() {}

    /** Bytes that the payload takes at the most. */
    public static int maxLength(LinkTarget target, @Nullable String referrer, @Nullable String userAgent) {
        return NUMBERS_BYTES
                + TEXTS * Short.BYTES
                + MAX_BYTES_PER_CHARACTER
                        * (target.code().length()
                                + target.destination().length()
                                + headerLength(referrer)
                                + headerLength(userAgent));
    }

    private static int headerLength(@Nullable String header) {
        return header == null ? 0 : Math.min(header.length(), MAX_HEADER_LENGTH);
    }

    /** Writes the payload; returns its length. */
    public static int encode(
            LinkTarget target,
            long atMilliseconds,
            @Nullable String referrer,
            @Nullable String userAgent,
            ByteBuffer buffer,
            int at) {
        Long owner = target.ownerId();
        buffer.putLong(at, atMilliseconds);
        buffer.putLong(at + Long.BYTES, target.linkId());
        buffer.putLong(at + 2 * Long.BYTES, owner == null ? NO_OWNER : owner);
        int next = at + NUMBERS_BYTES;
        next = putText(buffer, next, target.code(), false);
        next = putText(buffer, next, target.destination(), false);
        next = putText(buffer, next, referrer, true);
        next = putText(buffer, next, userAgent, true);
        return next - at;
    }

    private static int putText(ByteBuffer buffer, int at, @Nullable String text, boolean isHeader) {
        if (text == null) {
            buffer.putShort(at, (short) ABSENT);
            return at + Short.BYTES;
        }
        int length = isHeader ? cutAt(text, MAX_HEADER_LENGTH) : text.length();
        int start = at + Short.BYTES;
        for (int index = 0; index < length; index++) {
            char character = text.charAt(index);
            if (character >= 0x80) {
                String cut = text.substring(0, length);
                byte[] utf8 = isHeader ? headerBytes(cut, length < text.length()) : null;
                return putBytes(buffer, at, utf8 == null ? cut.getBytes(StandardCharsets.UTF_8) : utf8);
            }
            buffer.put(start + index, (byte) character);
        }
        buffer.putShort(at, (short) length);
        return start + length;
    }

    /** Never between the halves of a character. */
    private static int cutAt(String text, int maxLength) {
        if (text.length() <= maxLength) {
            return text.length();
        }
        return Character.isHighSurrogate(text.charAt(maxLength - 1)) ? maxLength - 1 : maxLength;
    }

    /**
     * The bytes of a header in which each character is a byte, as Netty gives it, if they are UTF-8, as what sends other
     * letters raw mostly does; null if they are not, and each character stands for itself, which is Latin-1.
     */
    private static byte @Nullable [] headerBytes(String header, boolean isCut) {
        byte[] bytes = header.getBytes(StandardCharsets.ISO_8859_1);
        ByteBuffer whole = ByteBuffer.wrap(bytes, 0, isCut ? wholeCharacters(bytes) : bytes.length);
        try {
            StandardCharsets.UTF_8.newDecoder().decode(whole.duplicate());
        } catch (CharacterCodingException e) {
            return null;
        }
        boolean isOneByteEach = header.chars().allMatch(character -> character <= 0xFF);
        return isOneByteEach ? Arrays.copyOf(bytes, whole.limit()) : null;
    }

    /** How many bytes the characters take that were not cut in two. */
    private static int wholeCharacters(byte[] bytes) {
        int last = bytes.length - 1;
        while (last > 0 && last > bytes.length - MAX_UTF8_BYTES && (bytes[last] & 0xC0) == 0x80) {
            last--;
        }
        int lead = bytes[last] & 0xFF;
        int length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
        return last + length > bytes.length ? last : bytes.length;
    }

    private static int putBytes(ByteBuffer buffer, int at, byte[] bytes) {
        buffer.putShort(at, (short) bytes.length);
        buffer.put(at + Short.BYTES, bytes);
        return at + Short.BYTES + bytes.length;
    }

    /** The time of a complete click. */
    public static long time(ByteBuffer buffer, int at) {
        return buffer.getLong(at);
    }

    /**
     * Reads a payload of this length.
     *
     * @return the click, or null if the bytes are not a click
     */
    static @Nullable public Click decode(ByteBuffer buffer, int at, int length) {
        if (length < NUMBERS_BYTES + TEXTS * Short.BYTES) {
            return null;
        }
        int end = at + length;
        int next = at + NUMBERS_BYTES;
        @Nullable String[] texts = new String[TEXTS];
        for (int text = 0; text < TEXTS; text++) {
            if (next + Short.BYTES > end) {
                return null;
            }
            int bytes = Short.toUnsignedInt(buffer.getShort(next));
            next += Short.BYTES;
            if (bytes != ABSENT) {
                if (bytes > end - next) {
                    return null;
                }
                byte[] utf8 = new byte[bytes];
                buffer.get(next, utf8);
                texts[text] = new String(utf8, StandardCharsets.UTF_8);
                next += bytes;
            }
        }
        long owner = buffer.getLong(at + 2 * Long.BYTES);
        String code = texts[0];
        String destination = texts[1];
        return code == null || destination == null
                ? null
                : new Click(
                        buffer.getLong(at),
                        buffer.getLong(at + Long.BYTES),
                        owner == NO_OWNER ? null : owner,
                        code,
                        destination,
                        texts[2],
                        texts[3]);
    }
}
