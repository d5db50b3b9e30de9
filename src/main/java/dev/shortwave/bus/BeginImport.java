package dev.shortwave.bus;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Opens an import: one transaction that takes {@link ImportRows} until {@link FinishImport} or {@link AbortImport}. It
 * is rolled back when no rows arrive for a while.
 *
 * @param kind what the rows are
 * @param columns the header of the file
 * @param session an open import that goes on with this file, so that several are one transaction; null for a new one
 */
public record BeginImport(
        Kind kind, List<String> columns, @Nullable String session) implements Request<BeginImport.Opened> {

    /** What can be imported. */
    public enum Kind {
        USERS,
        URLS,
        EVENTS
    }

    /** Where the rows go: an address of this import alone, in the verticle instance that holds its transaction. */
    public record Opened(String session) {}

    @Override
    public String address() {
        return session == null ? Addresses.IMPORTS_BEGIN : session + ".begin";
    }
}
