package dev.shortwave.bus;

/** Deletes a link; a 404 problem if there is none. */
public record DeleteLink(long id) implements Request<Boolean> {

    @Override
    public String address() {
        return Addresses.LINKS_DELETE;
    }
}
