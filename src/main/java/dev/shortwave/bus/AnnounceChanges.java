package dev.shortwave.bus;

import dev.shortwave.link.Target;
import java.util.List;

/** Answers when no JVM answers an older state of these links any more, which are committed. Never fails. */
public record AnnounceChanges(List<Target> changed) implements Request<Boolean> {

    @Override
    public String address() {
        return Addresses.PEERS_ANNOUNCE;
    }
}
