package dev.shortwave.user;

import java.time.OffsetDateTime;

/** A user as the API shows it. */
public record User(long id, String username, String email, OffsetDateTime createdAt) {}
