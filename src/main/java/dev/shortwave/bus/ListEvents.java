package dev.shortwave.bus;

import dev.shortwave.event.Event;

/** Events that match, in the order of their ids. */
public record ListEvents(EventFilter filter, Slice slice) implements Request<Rows<Event>> {

    @Override
    public String address() {
        return Addresses.EVENTS_LIST;
    }
}
