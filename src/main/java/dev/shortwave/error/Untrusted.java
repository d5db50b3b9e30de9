package dev.shortwave.error;

import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Tells a server that is not trusted, or does not trust this process, from one that does not answer. */
public final class Untrusted {

    private Untrusted() {}

    /** Whether one side does not trust the other, or asks for what the other can't do: waiting does not change that. */
    public static boolean isCauseOf(@Nullable Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String message = String.valueOf(cause.getMessage());
            if (cause instanceof CertificateException
                    || cause instanceof CertPathBuilderException
                    || cause instanceof CertPathValidatorException
                    || (cause instanceof SSLException
                            && (message.contains("fatal alert") || message.contains("not an SSL/TLS record")))
                    // Of the two drivers of PostgreSQL.
                    || message.contains("could not be verified by hostnameverifier")
                    || message.contains("SSL handshake failed")
                    || message.contains("does not support SSL")
                    || message.contains("does not handle SSL")) {
                return true;
            }
        }
        return false;
    }

    /** The first line of the innermost reason that says something. */
    public static String reason(Throwable failure) {
        String reason = String.valueOf(failure.getMessage());
        for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            if (cause.getMessage() != null) {
                reason = cause.getMessage();
            }
        }
        return reason.lines().filter(line -> !line.isBlank()).findFirst().orElse(reason);
    }
}
