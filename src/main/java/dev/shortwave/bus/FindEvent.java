package dev.shortwave.bus;

import dev.shortwave.event.Event;

/** One event; a 404 problem if there is none. */
public record FindEvent(long id) implements Request<Event> {

    @Override
    public String address() {
        return Addresses.EVENTS_FIND;
    }
}
