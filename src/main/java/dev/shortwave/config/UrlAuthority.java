package dev.shortwave.config;

import io.vertx.core.net.HostAndPort;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/** Host and port of a URL. {@link URI#getHost} is null for names with an underscore, which containers often have. */
public final class UrlAuthority {

    private UrlAuthority() {}

    /** Host and port of the URL, the port negative if it names none; null if the URL has no valid host. */
    public static @Nullable HostAndPort of(URI url) {
        String authority = url.getRawAuthority();
        if (authority == null) {
            return null;
        }
        String place = authority.substring(authority.lastIndexOf('@') + 1);
        HostAndPort parsed =
                HostAndPort.parseAuthority(place.endsWith(":") ? place.substring(0, place.length() - 1) : place, -1);
        return parsed == null || parsed.host().isEmpty() ? null : parsed;
    }

    /** The host of a URL that is known to have one. */
    public static String host(URI url) {
        HostAndPort place = of(url);
        if (place == null) {
            throw new IllegalArgumentException("no host");
        }
        return place.host();
    }

    /** Whether the URL carries a user name or a password. */
    public static boolean hasCredentials(URI url) {
        return url.getRawAuthority() != null && url.getRawAuthority().indexOf('@') >= 0;
    }
}
