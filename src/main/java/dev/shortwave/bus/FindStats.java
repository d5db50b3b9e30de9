package dev.shortwave.bus;

import dev.shortwave.link.LinkStats;
import org.jspecify.annotations.Nullable;

/** A link with its counters, by id or, if that is null, by code; a 404 problem if there is none. */
public record FindStats(@Nullable Long id, @Nullable String code) implements Request<LinkStats> {

    @Override
    public String address() {
        return Addresses.LINKS_STATS;
    }
}
