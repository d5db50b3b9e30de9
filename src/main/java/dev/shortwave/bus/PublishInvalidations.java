package dev.shortwave.bus;

import dev.shortwave.link.LinkTarget;
import java.util.List;

/** Answers when no JVM answers an older state of these links any more, which are committed. Never fails. */
public record PublishInvalidations(List<LinkTarget> changed) implements Request<Boolean> {

    @Override
    public String address() {
        return Addresses.CLUSTER_INVALIDATE;
    }
}
