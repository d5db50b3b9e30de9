package dev.shortwave.bus;

/** Answers when every click recorded before it is committed. */
public record FlushClicks() implements Request<Boolean> {

    @Override
    public String address() {
        return Addresses.CLICKS_FLUSH;
    }
}
