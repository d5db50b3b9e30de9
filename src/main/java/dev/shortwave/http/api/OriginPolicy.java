package dev.shortwave.http.api;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.Collection;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which writes a page of another origin has sent: its browser says so by {@code Sec-Fetch-Site} and {@code Origin}.
 * Programs send neither, and pass.
 */
public final class OriginPolicy {

    public static final String SEC_FETCH_SITE = "sec-fetch-site";

    private static final Set<HttpMethod> WRITES =
            Set.of(HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH, HttpMethod.DELETE);

    private static final Pattern ORIGIN =
            Pattern.compile("(https?)://(\\[[0-9a-f:.]+]|[^/:@?#\\[\\]]+)(?::([0-9]{1,5}))?");

    private static final Pattern PLACE = Pattern.compile("(\\[[0-9a-f:.]+]|[^/:@?#\\[\\]]+)(?::([0-9]{1,5}))?");

    private final Forwarding forwarding;
    private final Set<String> ownHosts;

    /**
     * @param ownHosts names of the service, each with a port or for every port
     */
    public OriginPolicy(Forwarding forwarding, Collection<String> ownHosts) {
        this.forwarding = forwarding;
        this.ownHosts =
                ownHosts.stream().map(host -> host.toLowerCase(Locale.ROOT)).collect(Collectors.toUnmodifiableSet());
    }

    static boolean isWrite(HttpServerRequest request) {
        return WRITES.contains(request.method());
    }

    /** Whether the request is a write from a page that is not of this service. */
    boolean isForeignWrite(HttpServerRequest request) {
        if (!isWrite(request)) {
            return false;
        }
        String origin = request.getHeader(HttpHeaders.ORIGIN);
        String site = request.getHeader(SEC_FETCH_SITE);
        if (origin == null && site == null) {
            return false;
        }
        return switch (site == null ? "" : site.toLowerCase(Locale.ROOT)) {
            case "cross-site" -> true;
            // The browser has compared them itself, with the host that it asked; a proxy may have put another into
            // Host.
            case "same-origin" -> false;
            case "same-site" -> origin == null || !isOwn(origin, request);
            default -> origin != null && !isOwn(origin, request);
        };
    }

    private boolean isOwn(String origin, HttpServerRequest request) {
        Matcher matcher = ORIGIN.matcher(origin.toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            return false;
        }
        String host = matcher.group(2);
        int defaultPort = matcher.group(1).equals("https") ? 443 : 80;
        int port = matcher.group(3) == null ? defaultPort : Integer.parseInt(matcher.group(3));
        return ownHosts.contains(host)
                || ownHosts.contains(host + ":" + port)
                || isAsked(host, port, defaultPort, forwarding.host(request));
    }

    private static boolean isAsked(String host, int port, int defaultPort, @Nullable String asked) {
        if (asked == null) {
            return false;
        }
        Matcher matcher = PLACE.matcher(asked.toLowerCase(Locale.ROOT));
        return matcher.matches()
                && matcher.group(1).equals(host)
                && port == (matcher.group(2) == null ? defaultPort : Integer.parseInt(matcher.group(2)));
    }
}
