package dev.shortwave.problem;

import org.jspecify.annotations.Nullable;

/** The service can't start; the message is one line for the operator that names the remedy. */
public final class StartFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public StartFailure(String message) {
        this(message, null);
    }

    public StartFailure(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
