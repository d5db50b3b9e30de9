package dev.shortwave.tracing;

import org.jspecify.annotations.Nullable;

/**
 * The header {@code traceparent} of W3C Trace Context: {@code version-traceId-parentId-flags}, in small hexadecimal digits.
 *
 * @param traceId of the whole trace, 32 digits
 * @param header as it came
 */
public record TraceParent(String traceId, String header) implements Trace {

    /** The name of the header, over HTTP and on the bus. */
    public static final String HEADER = "traceparent";

    private static final int TRACE_ID_AT = 3;
    private static final int TRACE_ID_END = 35;
    private static final int PARENT_ID_AT = 36;
    private static final int PARENT_ID_END = 52;
    private static final int FLAGS_AT = 53;
    private static final int LENGTH = 55;
    private static final int SAMPLED = 1;
    private static final int HEXADECIMAL = 16;

    /** What later versions may add is not read, and passed on; nothing sane is longer. */
    private static final int MAX_LENGTH = 256;

    /** The trace that the header names; null if there is none, or it is malformed: then it counts as if it were not there. */
    public static @Nullable TraceParent parse(@Nullable String header) {
        if (header == null || header.length() < LENGTH || header.length() > MAX_LENGTH || !isWellFormed(header)) {
            return null;
        }
        return new TraceParent(header.substring(TRACE_ID_AT, TRACE_ID_END), header);
    }

    /** The caller's own part of the trace, 16 digits. */
    public String parentId() {
        return header.substring(PARENT_ID_AT, PARENT_ID_END);
    }

    /** Whether the caller keeps its own part. */
    public boolean isSampled() {
        return (Integer.parseInt(header, FLAGS_AT, LENGTH, HEXADECIMAL) & SAMPLED) != 0;
    }

    private static boolean isWellFormed(String header) {
        boolean first = header.startsWith("00");
        return isHex(header, 0, 2)
                && !header.startsWith("ff")
                && header.charAt(TRACE_ID_AT - 1) == '-'
                && isId(header, TRACE_ID_AT, TRACE_ID_END)
                && header.charAt(TRACE_ID_END) == '-'
                && isId(header, PARENT_ID_AT, PARENT_ID_END)
                && header.charAt(PARENT_ID_END) == '-'
                && isHex(header, FLAGS_AT, LENGTH)
                && (header.length() == LENGTH || (!first && header.charAt(LENGTH) == '-' && isPrintable(header)));
    }

    /** All zeros are no id. */
    private static boolean isId(String text, int from, int end) {
        return isHex(text, from, end) && !text.substring(from, end).chars().allMatch(digit -> digit == '0');
    }

    private static boolean isHex(String text, int from, int end) {
        for (int at = from; at < end; at++) {
            char c = text.charAt(at);
            if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
                return false;
            }
        }
        return true;
    }

    private static boolean isPrintable(String text) {
        return text.chars().allMatch(c -> c > ' ' && c < 0x7f);
    }
}
