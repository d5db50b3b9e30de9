package dev.shortwave.bus;

/** Replied to when every click appended before it is committed. */
public record FlushClicks() implements Request<Boolean> {

    @Override
    public String address() {
        return Addresses.CLICKS_FLUSH;
    }
}
