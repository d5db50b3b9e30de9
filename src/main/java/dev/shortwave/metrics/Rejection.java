package dev.shortwave.metrics;

import java.util.Locale;

/** Why a request or a connection was turned away before a route could handle it. */
public enum Rejection {
    MALFORMED_HEAD,
    MALFORMED_BODY,
    MALFORMED_FORM,
    HEAD_TIMEOUT,
    BODY_TIMEOUT,
    UNKNOWN_METHOD,
    FOREIGN_ORIGIN,
    FOREIGN_HOST,
    CONNECTION_LIMIT,
    REQUEST_LIMIT;

    /** The value of the label. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
