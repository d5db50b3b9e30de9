package dev.shortwave.bus;

import dev.shortwave.stats.LinkStats;
import dev.shortwave.stats.StatsRange;
import org.jspecify.annotations.Nullable;

/** A link with its click counts, by id or, if that is null, by code; a 404 problem if there is none. */
public record FindStats(@Nullable Long id, @Nullable String code, StatsRange range) implements Request<LinkStats> {

    @Override
    public String address() {
        return Addresses.LINKS_STATS;
    }
}
