package dev.shortwave.bus;

import dev.shortwave.user.User;

/** Users in the order of their ids. */
public record ListUsers(Slice slice) implements Request<Rows<User>> {

    @Override
    public String address() {
        return Addresses.USERS_LIST;
    }
}
