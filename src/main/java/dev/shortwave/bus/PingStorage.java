package dev.shortwave.bus;

import java.time.Instant;

/** The time of PostgreSQL's clock; a 503 problem if it does not respond. */
public record PingStorage() implements Request<Instant> {

    @Override
    public String address() {
        return Addresses.STORAGE_PING;
    }
}
