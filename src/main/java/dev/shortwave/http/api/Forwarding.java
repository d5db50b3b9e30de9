package dev.shortwave.http.api;

import dev.shortwave.config.IpNetworks;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a client has reached the service: by the connection, and by what trusted proxies say of it in {@code
 * X-Forwarded-Proto}, {@code -Host} and {@code -For}, or else in {@code Forwarded} (RFC 7239). The {@code X-} headers come
 * first, because a proxy that knows only these passes on whatever the client wrote into the other one. Values that are not
 * what they should be count as absent.
 */
public final class Forwarding {

    private static final String PROTO = "proto";
    private static final String HOST = "host";
    private static final String FOR = "for";

    private static final Pattern AUTHORITY =
            Pattern.compile("(?:[A-Za-z0-9._-]{1,255}|\\[[0-9A-Fa-f:.]{2,45}])(?::[0-9]{1,5})?");

    private static final Pattern ADDRESS = Pattern.compile("[0-9A-Fa-f.:]{2,45}");

    /** An address as {@code Forwarded} writes it: IPv6 in brackets, and each with a port or without. */
    private static final Pattern NODE = Pattern.compile("(?:\\[([0-9A-Fa-f:.]{2,45})]|([0-9.]{7,15}))(?::[0-9]{1,5})?");

    /** One pair of an element of {@code Forwarded}, and what ends it. */
    private static final Pattern PAIR = Pattern.compile(
            "\\G\\s*(?:([A-Za-z]+)=(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^\\s\";,]*)))?\\s*(;|,|$)", Pattern.DOTALL);

    private final IpNetworks trustedProxies;

    public Forwarding(IpNetworks trustedProxies) {
        this.trustedProxies = trustedProxies;
    }

    /** Whether the client came over TLS; the service itself speaks none. */
    boolean isSecure(HttpServerRequest request) {
        String scheme = isFromProxy(request) ? first(request, "x-forwarded-proto", PROTO) : null;
        return "https".equalsIgnoreCase(scheme);
    }

    /** The host that the client asked, with a port if it named one; null if there is none that could be one. */
    @Nullable
    String host(HttpServerRequest request) {
        String forwarded = isFromProxy(request) ? first(request, "x-forwarded-host", HOST) : null;
        if (forwarded != null && AUTHORITY.matcher(forwarded).matches()) {
            return forwarded;
        }
        String host = request.getHeader(HttpHeaders.HOST);
        return host != null && AUTHORITY.matcher(host).matches() ? host : null;
    }

    /** The address of the client, as the nearest trusted proxy saw it; null if a proxy is asking for itself. */
    @Nullable
    String client(HttpServerRequest request) {
        String peer = request.remoteAddress().hostAddress();
        if (!trustedProxies.contains(peer)) {
            return peer;
        }
        String client = request.getHeader("x-forwarded-for");
        if (client != null) {
            String last = client.substring(client.lastIndexOf(',') + 1).strip();
            return ADDRESS.matcher(last).matches() ? last : null;
        }
        String forwarded = request.getHeader("forwarded");
        Matcher node = NODE.matcher(forwarded == null ? "" : String.valueOf(pair(forwarded, FOR, true)));
        if (!node.matches()) {
            return null;
        }
        return node.group(1) == null ? node.group(2) : node.group(1);
    }

    private boolean isFromProxy(HttpServerRequest request) {
        return trustedProxies.contains(request.remoteAddress().hostAddress());
    }

    /** What the proxy nearest to the client says. */
    private static @Nullable String first(HttpServerRequest request, String header, String name) {
        String values = request.getHeader(header);
        if (values != null) {
            int end = values.indexOf(',');
            return (end < 0 ? values : values.substring(0, end)).strip();
        }
        String forwarded = request.getHeader("forwarded");
        return forwarded == null ? null : pair(forwarded, name, false);
    }

    /** The value of a name in the first element or the last one; null also where the header is malformed before it. */
    private static @Nullable String pair(String forwarded, String name, boolean last) {
        String found = null;
        Matcher pair = PAIR.matcher(forwarded);
        while (pair.find()) {
            if (name.equalsIgnoreCase(pair.group(1))) {
                found = pair.group(2) == null ? pair.group(3) : pair.group(2).replaceAll("\\\\(.)", "$1");
            }
            String end = pair.group(4);
            if (end.isEmpty() || (end.equals(",") && !last)) {
                return found;
            }
            if (end.equals(",")) {
                found = null;
            }
        }
        return null;
    }
}
