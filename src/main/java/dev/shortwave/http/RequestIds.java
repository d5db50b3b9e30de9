package dev.shortwave.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.concurrent.ThreadLocalRandom;

/** Ids that tie an answer to its log lines. One for each verticle instance, on its event loop. */
public final class RequestIds {

    public static final CharSequence HEADER = HttpHeaders.createOptimized("x-request-id");

    private static final int LONGEST = 128;

    private final String prefix = Long.toString(ThreadLocalRandom.current().nextLong(1L << 40), 36) + "-";
    private long count;

    /** The caller's own id if it is a sane one, else a new one. */
    public String of(HttpServerRequest request) {
        String given = request.getHeader(HEADER);
        return given != null && isSane(given) ? given : prefix + Long.toString(++count, 36);
    }

    private static boolean isSane(String id) {
        if (id.isEmpty() || id.length() > LONGEST) {
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
