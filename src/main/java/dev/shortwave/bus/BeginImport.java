package dev.shortwave.bus;

import java.util.List;

/**
 * Opens an import: one transaction that takes {@link ImportRows} until {@link FinishImport} or {@link AbortImport}. It
 * is rolled back by itself when nothing comes for a while.
 *
 * @param kind what the rows are
 * @param columns the header of the file
 */
public record BeginImport(Kind kind, List<String> columns) implements Request<BeginImport.Opened> {

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
        return Addresses.IMPORTS_BEGIN;
    }
}
