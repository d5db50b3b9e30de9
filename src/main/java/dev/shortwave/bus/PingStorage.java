package dev.shortwave.bus;

/** Whether PostgreSQL answers; a 503 problem if not. */
public record PingStorage() implements Request<Boolean> {

    @Override
    public String address() {
        return Addresses.STORAGE_PING;
    }
}
