package dev.shortwave.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import org.jspecify.annotations.Nullable;

/** Looks at files of certificates and keys before the first connection needs them. */
final class PemFiles {

    private static final String KEY = "-----BEGIN PRIVATE KEY-----";

    private PemFiles() {}

    /** Why this file can't be used as certificates, as the end of a sentence about it; null if it can. */
    static @Nullable String refuseCertificates(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return CertificateFactory.getInstance("X.509")
                            .generateCertificates(in)
                            .isEmpty()
                    ? file + " holds no certificate in PEM format"
                    : null;
        } catch (IOException e) {
            return unreadable(file);
        } catch (CertificateException e) {
            return file + " holds no certificate in PEM format";
        }
    }

    /** As {@link #refuseCertificates}, of a private key. Both drivers of PostgreSQL read this one form of it. */
    static @Nullable String refuseKey(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1).contains(KEY)
                    ? null
                    : file + " holds no private key in PEM format (PKCS #8) without a password;"
                            + " openssl pkcs8 -topk8 -nocrypt writes one";
        } catch (IOException e) {
            return unreadable(file);
        }
    }

    private static String unreadable(Path file) {
        return file + " can't be read";
    }
}
