package dev.shortwave.health;

import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Since when each dependency is in its state: since it was first seen so, by whoever asked for the health of this process.
 * Thread-safe.
 */
public final class Dependencies {

    private record Seen(String state, Instant since) {}

    private final Clock clock;
    private final Map<String, Seen> nameToSeen = new ConcurrentHashMap<>();

    public Dependencies(Clock clock) {
        this.clock = clock;
    }

    /** Notes the state of a dependency now, and tells since when it is in it. */
    Instant saw(String name, String state) {
        Instant now = clock.instant();
        return nameToSeen
                .compute(
                        name,
                        (dependency, before) ->
                                before != null && before.state().equals(state) ? before : new Seen(state, now))
                .since();
    }
}
