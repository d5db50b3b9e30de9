package dev.shortwave.bus;

/** Reads all active links into the cache. */
public record WarmCache() implements Request<WarmCache.Result> {

    /** How many links were read, in how many milliseconds. */
    public record Result(long links, long milliseconds) {}

    @Override
    public String address() {
        return Addresses.CACHE_WARM;
    }
}
