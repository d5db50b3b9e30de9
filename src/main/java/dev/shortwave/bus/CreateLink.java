package dev.shortwave.bus;

import dev.shortwave.link.Link;
import org.jspecify.annotations.Nullable;

/** A new link, with a random code if none is given; 404 for an unknown user, 409 for a code that is taken or retired. */
public record CreateLink(
        @Nullable Long userId,
        String destination,
        @Nullable String title,
        @Nullable String code,
        boolean active) implements Request<Link> {

    @Override
    public String address() {
        return Addresses.LINKS_CREATE;
    }
}
