package dev.shortwave.bus;

import dev.shortwave.link.LinkTarget;
import java.util.List;

/** Replied to when no JVM serves an older state of these committed links. Never fails. */
public record PublishInvalidations(List<LinkTarget> changed) implements Request<Boolean> {

    @Override
    public String address() {
        return Addresses.CLUSTER_INVALIDATE;
    }
}
