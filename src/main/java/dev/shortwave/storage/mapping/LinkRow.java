package dev.shortwave.storage.mapping;

import dev.shortwave.link.Link;
import io.vertx.sqlclient.Row;

/** The columns of a link and the one mapping of a row that begins with them. */
public final class LinkRow {

    public static final String COLUMNS =
            "id, user_id, short_code, original_url, title, is_active, created_at, updated_at, version";

    private LinkRow() {}

    /** By position: the client looks names up one after the other. */
    public static Link toLink(Row row) {
        return new Link(
                row.getLong(0),
                row.getLong(1),
                row.getString(2),
                row.getString(3),
                row.getString(4),
                row.getBoolean(5),
                row.getOffsetDateTime(6),
                row.getOffsetDateTime(7),
                row.getLong(8));
    }
}
