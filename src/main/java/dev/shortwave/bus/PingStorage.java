package dev.shortwave.bus;

import java.time.Instant;

/** Whether PostgreSQL answers, and what its clock says; a 503 problem if not. */
public record PingStorage() implements Request<Instant> {

    @Override
    public String address() {
        return Addresses.STORAGE_PING;
    }
}
