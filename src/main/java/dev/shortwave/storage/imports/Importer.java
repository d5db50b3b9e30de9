package dev.shortwave.storage.imports;

import dev.shortwave.bus.BeginImport;
import dev.shortwave.bus.ImportRows;
import dev.shortwave.error.Problem;
import dev.shortwave.link.Destinations;
import dev.shortwave.link.LinkTarget;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.HashSet;
import java.util.List;

/** The rows of one kind of file: how a batch of them is checked, and how a staged batch is merged into its table. */
abstract class Importer {

    /**
     * A checked batch.
     *
     * @param json the rows, as {@code import_batches} keeps them
     * @param maxId the largest id of the rows, 0 without ids
     */
    record Staged(String json, long maxId) {}

    /** Result of a merged batch: rows that changed or were new, and the targets to invalidate after the commit. */
    record Merged(long changed, List<LinkTarget> targets) {}

    private static final String MOVE_SEQUENCE = """
            SELECT CASE WHEN $1::bigint - last_value > 20000 THEN setval('%1$s_id_seq', $1::bigint)
                        ELSE (SELECT max(nextval('%1$s_id_seq')) FROM generate_series(last_value + is_called::int, $1::bigint)) END
            FROM %1$s_id_seq""";

    private final String name;
    private final List<String> header;

    Importer(String name, List<String> header) {
        this.name = name;
        this.header = header;
    }

    /**
     * The table for a file with this header.
     *
     * @param destinations the rules for destinations of links
     * @param changesAreShared whether other JVMs need invalidations of changed links
     * @throws dev.shortwave.error.ProblemException if the header is not one of that kind of file
     */
    static Importer of(
            BeginImport.Kind kind, List<String> header, Destinations destinations, boolean changesAreShared) {
        return switch (kind) {
            case USERS -> new UserImporter(checked(header, List.of("username", "email"), List.of("id", "created_at")));
            case URLS ->
                new UrlImporter(
                        checked(
                                header,
                                List.of(
                                        "id",
                                        "user_id",
                                        "short_code",
                                        "original_url",
                                        "title",
                                        "is_active",
                                        "created_at",
                                        "updated_at"),
                                List.of()),
                        destinations,
                        changesAreShared);
            case EVENTS ->
                new EventImporter(checked(
                        header, List.of("id", "url_id", "user_id", "event_type", "timestamp", "details"), List.of()));
        };
    }

    private static List<String> checked(List<String> header, List<String> needed, List<String> possible) {
        HashSet<String> names = new HashSet<>(header);
        boolean fits = names.size() == header.size()
                && names.containsAll(needed)
                && header.stream().allMatch(name -> needed.contains(name) || possible.contains(name));
        if (!fits) {
            throw Problem.badRequest("line 1: the header must be " + String.join(",", needed)
                            + (possible.isEmpty() ? "" : ", with or without " + String.join(", ", possible)))
                    .asException();
        }
        return header;
    }

    /** Checks a batch. Throws a problem that names the line of a bad row. */
    final Staged stage(List<ImportRows.Row> batch) {
        return stage(new ColumnReader(header, batch));
    }

    abstract Staged stage(ColumnReader columns);

    /** Creates what the merge needs, outside of its transaction. */
    Future<?> prepare(SqlClient client) {
        return Future.succeededFuture();
    }

    /** Merges one staged batch in the transaction of the connection. */
    abstract Future<Merged> merge(SqlConnection connection, String importId, int batch);

    static Future<RowSet<Row>> execute(SqlClient client, String sql, Object... parameters) {
        return client.preparedQuery(sql).execute(Tuple.wrap(parameters));
    }

    /**
     * Moves the sequence of the table past the largest id of a file, before its rows are inserted and for all sessions at
     * once: concurrently created rows get other ids. It never moves back, so it needs no lock: small steps take the numbers
     * one by one, and during a large step no other session takes thousands.
     */
    final Future<?> moveSequence(SqlConnection connection, long maxId) {
        return maxId == 0 ? Future.succeededFuture() : execute(connection, MOVE_SEQUENCE.formatted(name), maxId);
    }
}
