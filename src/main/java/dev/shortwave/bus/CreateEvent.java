package dev.shortwave.bus;

import dev.shortwave.event.Event;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** Stores an event as given; 404 for an unknown link or user. */
public record CreateEvent(String type, long urlId, @Nullable Long userId, JsonObject details)
        implements Request<Event> {

    @Override
    public String address() {
        return Addresses.EVENTS_CREATE;
    }
}
