package dev.shortwave.bus;

import dev.shortwave.user.User;

/** A new user; a 409 problem if name or e-mail is taken. */
public record CreateUser(String username, String email) implements Request<User> {

    @Override
    public String address() {
        return Addresses.USERS_CREATE;
    }
}
