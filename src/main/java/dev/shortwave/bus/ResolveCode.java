package dev.shortwave.bus;

import dev.shortwave.link.Target;

/** What a code leads to, from PostgreSQL; a target of the state UNKNOWN if there is no such code. */
public record ResolveCode(String code) implements Request<Target> {

    @Override
    public String address() {
        return Addresses.LINKS_RESOLVE;
    }
}
