package dev.shortwave.bus;

/** Deletes a user and its links, in one transaction; a 404 problem if there is none. */
public record DeleteUser(long id) implements Request<Boolean> {

    @Override
    public String address() {
        return Addresses.USERS_DELETE;
    }
}
