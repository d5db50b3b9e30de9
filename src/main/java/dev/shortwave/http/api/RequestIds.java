package dev.shortwave.http.api;

import io.netty.util.AsciiString;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;

/** Ids that tie an answer to its log lines. One for each verticle instance, on its event loop. */
public final class RequestIds {

    public static final CharSequence HEADER = HttpHeaders.createOptimized("x-request-id");

    private static final int MAX_LENGTH = 128;

    private static final byte[] DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz".getBytes(StandardCharsets.US_ASCII);
    private static final int COUNT_DIGITS = 8;

    /** A random part of its own for each instance, and behind it room for the count. */
    private final byte[] template =
            ("%s-%" + COUNT_DIGITS + "s").formatted(random(), "").getBytes(StandardCharsets.US_ASCII);

    private long count;

    /** The caller's own id if it is a sane one, else a new one. */
    public CharSequence of(HttpServerRequest request) {
        String given = request.getHeader(HEADER);
        return given != null && isValid(given) ? given : next();
    }

    /** As bytes, which are sent as they are: each redirect needs one. */
    private CharSequence next() {
        byte[] id = template.clone();
        long rest = ++count;
        for (int at = id.length - 1; at >= id.length - COUNT_DIGITS; at--) {
            id[at] = DIGITS[(int) (rest % DIGITS.length)];
            rest /= DIGITS.length;
        }
        return new AsciiString(id, false);
    }

    private static String random() {
        return Long.toString(ThreadLocalRandom.current().nextLong(1L << 40), DIGITS.length);
    }

    private static boolean isValid(String id) {
        if (id.isEmpty() || id.length() > MAX_LENGTH) {
            return false;
        }
        for (int at = 0; at < id.length(); at++) {
            char c = id.charAt(at);
            boolean allowed = (c >= 'a' && c <= 'z')
                    || (c >= 'A' && c <= 'Z')
                    || (c >= '0' && c <= '9')
                    || c == '-'
                    || c == '_'
                    || c == '.'
                    || c == ':'
                    || c == '/'
                    || c == '='
                    || c == '+';
            if (!allowed) {
                return false;
            }
        }
        return true;
    }
}
