package dev.shortwave.bus;

import dev.shortwave.link.Link;

/** Links that match, in the order of their ids. */
public record ListLinks(LinkFilter filter, PageRequest page) implements Request<Page<Link>> {

    @Override
    public String address() {
        return Addresses.LINKS_LIST;
    }
}
