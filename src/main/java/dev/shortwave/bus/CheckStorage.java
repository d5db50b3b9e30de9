package dev.shortwave.bus;

/** Verifies, once at the start, that PostgreSQL serves what requests need. Fails with the remedy. */
public record CheckStorage() implements Request<Boolean> {

    @Override
    public String address() {
        return Addresses.STORAGE_CHECK;
    }
}
