package dev.shortwave.link;

import dev.shortwave.error.Problem;
import dev.shortwave.error.TextRules;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Where a link may lead: absolute http or https, a host, no credentials, not to this service itself. Thread-safe. */
public final class Destinations {

    public static final int MAX_TITLE_LENGTH = 512;

    /** The most that {@code links.max-url-length} allows. */
    public static final int MAX_LENGTH = 8192;

    private static final Set<Integer> DEFAULT_PORTS = Set.of(80, 443);

    private final Set<HostAndPort> ownPlaces = new HashSet<>();
    private final int maxLength;

    /**
     * @param ownHosts names of this service as {@code host} (any port) or {@code host:port}
     * @param maxLength of a URL as it is sent
     */
    public Destinations(Collection<String> ownHosts, int maxLength) {
        ownHosts.forEach(host -> this.ownPlaces.add(HostAndPort.of(host)));
        this.maxLength = maxLength;
    }

    /**
     * Checks a destination.
     *
     * @param field the request's field, for the words of the problem
     * @param text what the caller sent
     * @param askedHost the Host header of the request, one more name of this service, or null
     * @return the text without the white space around it
     * @throws dev.shortwave.error.ProblemException if it is not allowed
     */
    public String validate(String field, String text, @Nullable String askedHost) {
        String url = stripped(field, text);
        if (isOwn(parsed(field, url, maxLength), askedHost)) {
            throw invalid(field, "must not lead back to this service");
        }
        return url;
    }

    /** Loads the tables of host names, which takes a tenth of a second. To be called once, where that may block. */
    public static void load() {
        HostName.parse("bücher.example");
    }

    /** The destination as a {@code Location}. */
    public static String location(String destination) {
        return HttpUrl.location(destination);
    }

    /** People paste URLs with line breaks and other blanks around them, also with those of word processors. */
    private static String stripped(String field, String text) {
        int from = 0;
        int to = text.length();
        while (from < to && isBlank(text.charAt(from))) {
            from++;
        }
        while (from < to && isBlank(text.charAt(to - 1))) {
            to--;
        }
        if (from == to) {
            throw invalid(field, text.isEmpty() ? "must not be empty" : "must not be blank");
        }
        return text.substring(from, to);
    }

    private static boolean isBlank(char character) {
        return Character.isSpaceChar(character)
                || (character >= '\t' && character <= '\r')
                || character == '\u0085'
                || character == '\ufeff';
    }

    private static HttpUrl parsed(String field, String url, int maxLength) {
        if (url.length() > maxLength) {
            throw tooLong(field, maxLength);
        }
        String violation = TextRules.violation(url);
        if (violation != null) {
            throw invalid(field, violation);
        }
        HttpUrl parsed = HttpUrl.parse(field, url);
        if (location(url).length() > maxLength) {
            throw tooLong(field, maxLength);
        }
        return parsed;
    }

    private static RuntimeException tooLong(String field, int maxLength) {
        return invalid(field, "must have at most " + maxLength + " characters when it is percent-encoded");
    }

    private boolean isOwn(HttpUrl url, @Nullable String askedHost) {
        String host = HostName.canonical(url.host());
        if (ownPlaces.stream().anyMatch(own -> own.isAt(host, url.port()))) {
            return true;
        }
        if (askedHost == null || askedHost.isEmpty()) {
            return false;
        }
        HostAndPort asked = HostAndPort.of(askedHost);
        // A Host header without a port came to a default port, 80 or 443 as the proxy has it.
        return asked.port() < 0
                ? new HostAndPort(asked.host(), 80).isAt(host, url.port())
                : asked.isAt(host, url.port());
    }

    /** A host in its canonical spelling and a port, negative for any. */
    private record HostAndPort(String host, int port) {

        private static final Pattern WITH_PORT = Pattern.compile("(.*):0*([0-9]{0,5})", Pattern.DOTALL);

        static HostAndPort of(String text) {
            Matcher matcher = WITH_PORT.matcher(text);
            if (!matcher.matches()) {
                return new HostAndPort(HostName.canonical(text), -1);
            }
            String port = matcher.group(2);
            return new HostAndPort(HostName.canonical(matcher.group(1)), port.isEmpty() ? -1 : Integer.parseInt(port));
        }

        /** Where http is served, https is too: a proxy takes both to the same service, or one redirects to the other. */
        boolean isAt(String otherHost, int otherPort) {
            return host.equals(otherHost)
                    && (port < 0
                            || port == otherPort
                            || (DEFAULT_PORTS.contains(port) && DEFAULT_PORTS.contains(otherPort)));
        }
    }

    private static RuntimeException invalid(String field, String why) {
        return Problem.badField(field, field + " " + why).asException();
    }
}
