package dev.shortwave.bus;

import dev.shortwave.user.User;

/** One user; a 404 problem if there is none. */
public record FindUser(long id) implements Request<User> {

    @Override
    public String address() {
        return Addresses.USERS_FIND;
    }
}
