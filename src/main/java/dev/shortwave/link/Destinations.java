package dev.shortwave.link;

import dev.shortwave.problem.Problem;
import dev.shortwave.problem.Text;
import java.net.IDN;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Where a link may lead: absolute http or https, a host, no credentials, not to this service itself. Thread-safe. */
public final class Destinations {

    public static final int LONGEST = 2048;
    public static final int LONGEST_TITLE = 512;

    private final Set<String> ownHosts = new HashSet<>();

    /**
     * @param ownHosts names of this service as {@code host} (any port) or {@code host:port}
     */
    public Destinations(Collection<String> ownHosts) {
        ownHosts.forEach(host -> this.ownHosts.add(Place.of(host).toString()));
    }

    /**
     * Checks a destination.
     *
     * @param field the request's field, for the words of the problem
     * @param text what the caller sent
     * @param askedHost the Host header of the request, one more name of this service, or null
     * @return the text unchanged
     * @throws dev.shortwave.problem.ProblemException if it is not allowed
     */
    public String checked(String field, String text, @Nullable String askedHost) {
        URI uri = parsed(field, text);
        if (isOwn(uri, askedHost)) {
            throw refused(field, "must not lead back to this service");
        }
        return text;
    }

    /** The checks that need no knowledge of where this service runs: for imported rows. */
    public static String wellFormed(String field, String text) {
        parsed(field, text);
        return text;
    }

    /** The destination as a {@code Location}: headers hold ASCII, so what else it has is written as browsers do. */
    public static String location(String destination) {
        if (isAscii(destination)) {
            return destination;
        }
        int from = destination.indexOf("://") + 3;
        int to = from;
        while (to < destination.length() && "/?#".indexOf(destination.charAt(to)) < 0) {
            to++;
        }
        return encoded(destination.substring(0, from))
                + host(destination.substring(from, to))
                + encoded(destination.substring(to));
    }

    private static String host(String authority) {
        try {
            return IDN.toASCII(authority, IDN.ALLOW_UNASSIGNED);
        } catch (IllegalArgumentException e) {
            return encoded(authority);
        }
    }

    private static String encoded(String text) {
        StringBuilder ascii = new StringBuilder(text.length() + 16);
        for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
            if (octet >= 0) {
                ascii.append((char) octet);
            } else {
                ascii.append('%').append(HexFormat.of().withUpperCase().toHexDigits(octet));
            }
        }
        return ascii.toString();
    }

    private static boolean isAscii(String text) {
        for (int at = 0; at < text.length(); at++) {
            if (text.charAt(at) >= 0x80) {
                return false;
            }
        }
        return true;
    }

    private static URI parsed(String field, String text) {
        if (text.isEmpty()) {
            throw refused(field, "must not be empty");
        }
        if (text.length() > LONGEST) {
            throw refused(field, "must have at most " + LONGEST + " characters");
        }
        if (!Text.isStorable(text)) {
            throw refused(field, "must not contain control characters");
        }
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            int path = text.startsWith("http") ? text.indexOf('/', text.indexOf("://") + 3) : -1;
            boolean isCharacter = path > 0 && e.getIndex() > path && e.getIndex() < text.length();
            throw refused(
                    field,
                    isCharacter
                            ? "has the character '" + text.charAt(e.getIndex()) + "' where a URL has none (position "
                                    + (e.getIndex() + 1) + "); percent-encode it"
                            : "must be an absolute http or https URL");
        }
        String scheme = uri.getScheme();
        if (scheme == null || !(scheme.equalsIgnoreCase("http") || scheme.equalsIgnoreCase("https"))) {
            throw refused(field, "must be an absolute http or https URL");
        }
        String authority = uri.getRawAuthority();
        if (authority == null || authority.isEmpty()) {
            throw refused(field, "must name a host");
        }
        if (authority.indexOf('@') >= 0) {
            throw refused(field, "must not carry credentials");
        }
        if (uri.getHost() == null) {
            checkRegistryName(field, authority);
        }
        if (uri.getPort() > 65535) {
            throw refused(field, "must have a port of at most 65535");
        }
        return uri;
    }

    /** Hosts with an underscore or of non-ASCII letters exist, but {@link URI} does not call them hosts. */
    private static void checkRegistryName(String field, String authority) {
        int colon = authority.lastIndexOf(':');
        String host = colon < 0 ? authority : authority.substring(0, colon);
        String port = colon < 0 ? "" : authority.substring(colon + 1);
        boolean hostFits = !host.isEmpty()
                && host.codePoints().allMatch(c -> Character.isLetterOrDigit(c) || c == '-' || c == '_' || c == '.')
                && host.codePoints().anyMatch(Character::isLetterOrDigit);
        boolean portFits = port.length() <= 5
                && port.chars().allMatch(c -> c >= '0' && c <= '9')
                && (port.isEmpty() || Integer.parseInt(port) <= 65535);
        if (!hostFits || !portFits) {
            throw refused(field, "must name a host");
        }
    }

    private boolean isOwn(URI uri, @Nullable String askedHost) {
        int defaultPort = uri.getScheme().equalsIgnoreCase("https") ? 443 : 80;
        Place place = Place.of(uri.getRawAuthority());
        int port = place.port() < 0 ? defaultPort : place.port();
        if (ownHosts.contains(place.host()) || ownHosts.contains(new Place(place.host(), port).toString())) {
            return true;
        }
        if (askedHost == null || askedHost.isEmpty()) {
            return false;
        }
        Place asked = Place.of(askedHost);
        // A Host header without a port came to a default port, 80 or 443 as the proxy has it.
        return asked.host().equals(place.host())
                && (asked.port() < 0 ? port == 80 || port == 443 : asked.port() == port);
    }

    /** A host and a port, negative if none is named. */
    private record Place(String host, int port) {

        private static final Pattern WITH_PORT = Pattern.compile("(.*):0*([0-9]{0,5})", Pattern.DOTALL);

        static Place of(String text) {
            Matcher matcher = WITH_PORT.matcher(text);
            if (!matcher.matches()) {
                return new Place(HostName.canonical(text), -1);
            }
            String port = matcher.group(2);
            return new Place(HostName.canonical(matcher.group(1)), port.isEmpty() ? -1 : Integer.parseInt(port));
        }

        @Override
        public String toString() {
            return port < 0 ? host : host + ":" + port;
        }
    }

    private static RuntimeException refused(String field, String why) {
        return Problem.badField(field, field + " " + why).asException();
    }
}
