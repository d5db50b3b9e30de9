package dev.shortwave.bus;

import dev.shortwave.user.User;
import org.jspecify.annotations.Nullable;

/** Changes what is not null; 404 or 409 problems. */
public record UpdateUser(
        long id, @Nullable String username, @Nullable String email) implements Request<User> {

    @Override
    public String address() {
        return Addresses.USERS_UPDATE;
    }
}
