package dev.shortwave.bus;

import dev.shortwave.link.Link;

/** One link, active or not; a 404 problem if there is none. */
public record FindLink(long id) implements Request<Link> {

    @Override
    public String address() {
        return Addresses.LINKS_FIND;
    }
}
