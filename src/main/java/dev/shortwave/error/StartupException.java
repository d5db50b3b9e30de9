package dev.shortwave.error;

import org.jspecify.annotations.Nullable;

/** The service can't start; the message is one line for the operator that names the remedy. */
public final class StartupException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public StartupException(String message) {
        this(message, null);
    }

    public StartupException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
