package dev.shortwave.bus;

import dev.shortwave.link.LinkTarget;
import java.util.List;

/** What codes lead to, from PostgreSQL: a target for each, of the state UNKNOWN where there is no such code. */
public record ResolveCodes(List<String> codes) implements Request<List<LinkTarget>> {

    @Override
    public String address() {
        return Addresses.LINKS_RESOLVE;
    }
}
