package dev.shortwave.bus;

import dev.shortwave.link.Link;
import org.jspecify.annotations.Nullable;

/**
 * Changes a link; a 404 problem if there is none.
 *
 * @param changesTitle whether the title changes; it may change to null
 * @param title the new title
 * @param active the new state, or null to leave it
 * @param destination the new destination, or null to leave it
 */
public record UpdateLink(
        long id,
        boolean changesTitle,
        @Nullable String title,
        @Nullable Boolean active,
        @Nullable String destination) implements Request<Link> {

    @Override
    public String address() {
        return Addresses.LINKS_UPDATE;
    }
}
