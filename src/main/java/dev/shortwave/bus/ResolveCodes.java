package dev.shortwave.bus;

import dev.shortwave.link.LinkTarget;
import java.util.List;

/** The targets of codes, from PostgreSQL: one for each, UNKNOWN where there is no such code. */
public record ResolveCodes(List<String> codes) implements Request<List<LinkTarget>> {

    @Override
    public String address() {
        return Addresses.LINKS_RESOLVE;
    }
}
