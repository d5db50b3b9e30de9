package dev.shortwave.bus;

import dev.shortwave.event.Event;

/** Events that match, in the order of their ids. */
public record ListEvents(EventFilter filter, PageRequest page) implements Request<Page<Event>> {

    @Override
    public String address() {
        return Addresses.EVENTS_LIST;
    }
}
