package dev.shortwave.bus;

import dev.shortwave.user.User;

/** Users in the order of their ids. */
public record ListUsers(PageRequest page) implements Request<Page<User>> {

    @Override
    public String address() {
        return Addresses.USERS_LIST;
    }
}
