package dev.shortwave.bus;

import java.util.List;

/**
 * Rows for an open import. A 400 problem names the line of a bad row; the import is then rolled back.
 *
 * @param session from {@link BeginImport.Opened}
 * @param rows cells in the order of the header
 */
public record ImportRows(String session, List<Row> rows) implements Request<Boolean> {

    /** One row and the line in the file at which it starts, from 1. */
    public record Row(long line, List<String> cells) {}

    @Override
    public String address() {
        return session;
    }
}
