package dev.shortwave.stats;

import dev.shortwave.link.HostName;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Extracts the host of a {@code Referer}: whole URLs are unbounded in number, and may be private. */
public final class ReferrerHosts {

    private static final int MAX_HOST_LENGTH = 253;

    private ReferrerHosts() {}

    /** The host of a referrer in lower case, without port, or null if there is no valid one. */
    public static @Nullable String host(String referrer) {
        int start = referrer.indexOf("://");
        if (start <= 0) {
            return null;
        }
        start += 3;
        int end = endOfAuthority(referrer, start);
        int at = referrer.lastIndexOf('@', end - 1);
        if (at >= start) {
            start = at + 1;
        }
        int colon = referrer.indexOf(':', start);
        if (colon >= 0 && colon < end) {
            end = colon;
        }
        if (end == start || end - start > MAX_HOST_LENGTH) {
            return null;
        }
        for (int index = start; index < end; index++) {
            char character = referrer.charAt(index);
            if (character >= 0x80) {
                return international(referrer.substring(start, end));
            }
            if (!isOfAHost(character)) {
                return null;
            }
        }
        return referrer.substring(start, end).toLowerCase(Locale.ROOT);
    }

    /** As browsers write it: {@code xn--bcher-kva.example} for {@code bücher.example}. */
    private static @Nullable String international(String host) {
        String ascii = HostName.parse(host);
        return ascii != null
                        && ascii.length() <= MAX_HOST_LENGTH
                        && ascii.chars().allMatch(c -> isOfAHost((char) c))
                ? ascii
                : null;
    }

    private static int endOfAuthority(String referrer, int start) {
        for (int index = start; index < referrer.length(); index++) {
            char character = referrer.charAt(index);
            if (character == '/' || character == '?' || character == '#') {
                return index;
            }
        }
        return referrer.length();
    }

    private static boolean isOfAHost(char character) {
        return (character >= 'a' && character <= 'z')
                || (character >= 'A' && character <= 'Z')
                || (character >= '0' && character <= '9')
                || character == '.'
                || character == '-'
                || character == '_';
    }
}
