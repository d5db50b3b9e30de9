package dev.shortwave.bus;

/** Whether requests can do at PostgreSQL what they will do; once, at the start. Fails with the remedy. */
public record CheckStorage() implements Request<Boolean> {

    @Override
    public String address() {
        return Addresses.STORAGE_CHECK;
    }
}
