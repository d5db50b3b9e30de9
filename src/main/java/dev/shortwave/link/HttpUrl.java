package dev.shortwave.link;

import dev.shortwave.error.Problem;

/**
 * Scheme, host and port of an http or https URL, read as browsers read it (https://url.spec.whatwg.org/). What other
 * programs would read as another host is refused: slashes that are missing or backslashes, and credentials.
 *
 * @param host in ASCII and lower case, an IPv6 address in brackets
 * @param port the default port of the scheme if the URL names none
 */
record HttpUrl(boolean isSecure, String host, int port) {

    private static final String HTTP = "http://";
    private static final String HTTPS = "https://";
    private static final int MAX_PORT = 65535;

    /** What is encoded in one part of a URL at least. */
    private static final String NEVER_PLAIN = "\"<>\\^`{}";

    private static final int MAX_PORT_DIGITS = 5;

    /**
     * Reads a URL.
     *
     * @param field the request's field, for the words of the problem
     * @throws dev.shortwave.error.ProblemException if browsers would not open it, or others elsewhere
     */
    static HttpUrl parse(String field, String url) {
        boolean isSecure = startsWith(url, HTTPS);
        if (!isSecure && !startsWith(url, HTTP)) {
            throw refused(field, "must be an absolute http or https URL");
        }
        int from = isSecure ? HTTPS.length() : HTTP.length();
        int to = endOfAuthority(url, from);
        if (to < url.length() && url.charAt(to) == '\\') {
            throw refused(field, "must not have a backslash before its path");
        }
        String authority = url.substring(from, to);
        if (authority.indexOf('@') >= 0) {
            throw refused(field, "must not carry credentials");
        }
        int colon = colonBeforePort(authority);
        String name = authority.substring(0, colon);
        if (name.isEmpty()) {
            throw refused(field, "must name a host");
        }
        int port = colon == authority.length() ? -1 : port(authority.substring(colon + 1));
        if (port > MAX_PORT) {
            throw refused(field, "must have a port of at most " + MAX_PORT);
        }
        String host = HostName.parse(name);
        if (host == null) {
            throw refused(field, "must name a valid host");
        }
        return new HttpUrl(isSecure, host, port >= 0 ? port : isSecure ? 443 : 80);
    }

    /**
     * The URL as it is sent in {@code Location}: in ASCII, with everything else encoded as browsers do, and the same
     * instance if nothing has to be. Takes any text: what is stored may be older than today's checks.
     */
    static String location(String url) {
        if (isSentAsItIs(url)) {
            return url;
        }
        int from = url.indexOf("://") + 3;
        int path = from < 3 ? 0 : endOfAuthority(url, from);
        int fragment = indexOf(url, '#', path, url.length());
        int query = indexOf(url, '?', path, fragment);
        String start = from < 3 ? "" : url.substring(0, from);
        String authority = from < 3 ? "" : url.substring(from, path);
        String sent = UrlEncoding.CONTROLS.encode(start)
                + sentAuthority(authority)
                + UrlEncoding.PATH.encode(url.substring(path, query))
                + mark(url, query, fragment)
                + UrlEncoding.QUERY.encode(url.substring(Math.min(query + 1, fragment), fragment))
                + mark(url, fragment, url.length())
                + UrlEncoding.FRAGMENT.encode(url.substring(Math.min(fragment + 1, url.length())));
        return sent.equals(url) ? url : sent;
    }

    /** True for nearly all URLs; a few that could be sent as they are may be false. */
    private static boolean isSentAsItIs(String url) {
        for (int at = 0; at < url.length(); at++) {
            char character = url.charAt(at);
            if (character <= ' ' || character > '~' || NEVER_PLAIN.indexOf(character) >= 0) {
                return false;
            }
        }
        int escape = url.indexOf('%');
        return escape < 0 || escape > endOfAuthority(url, url.indexOf("://") + 3);
    }

    private static String mark(String url, int at, int end) {
        return at < end ? url.substring(at, at + 1) : "";
    }

    private static String sentAuthority(String authority) {
        boolean isPlain =
                authority.chars().allMatch(character -> character > ' ' && character <= '~' && character != '%');
        if (isPlain) {
            return authority;
        }
        int colon = colonBeforePort(authority);
        String host = HostName.parse(authority.substring(0, colon));
        return host == null
                ? UrlEncoding.CONTROLS.encode(authority).replace(" ", "%20")
                : host + UrlEncoding.CONTROLS.encode(authority.substring(colon));
    }

    private static boolean startsWith(String url, String scheme) {
        return url.regionMatches(true, 0, scheme, 0, scheme.length());
    }

    /** Where path, query or fragment begin. */
    private static int endOfAuthority(String url, int from) {
        int to = from;
        while (to < url.length() && "/\\?#".indexOf(url.charAt(to)) < 0) {
            to++;
        }
        return to;
    }

    private static int indexOf(String url, char mark, int from, int to) {
        int at = url.indexOf(mark, from);
        return at < 0 || at > to ? to : at;
    }

    /** The first colon that is not in brackets, or the end. */
    private static int colonBeforePort(String authority) {
        boolean isInBrackets = false;
        for (int at = 0; at < authority.length(); at++) {
            char character = authority.charAt(at);
            if (character == ':' && !isInBrackets) {
                return at;
            }
            isInBrackets = character == '[' || (isInBrackets && character != ']');
        }
        return authority.length();
    }

    /** The number, negative for none, beyond {@link #MAX_PORT} for what is no port. */
    private static int port(String text) {
        String digits = text.replaceFirst("^0+(?=.)", "");
        boolean isNumber = digits.length() <= MAX_PORT_DIGITS && digits.chars().allMatch(c -> c >= '0' && c <= '9');
        return !isNumber ? MAX_PORT + 1 : digits.isEmpty() ? -1 : Integer.parseInt(digits);
    }

    private static RuntimeException refused(String field, String why) {
        return Problem.badField(field, field + " " + why).asException();
    }
}
