package dev.shortwave.storage;

import dev.shortwave.bus.BeginImport;
import dev.shortwave.bus.ImportRows;
import dev.shortwave.link.Target;
import dev.shortwave.problem.Problem;
import dev.shortwave.problem.ProblemException;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;

/** What the rows of one kind of file are, and how a batch of them is written. */
abstract class ImportTable {

    /** What a batch did: rows that changed or were new, and the targets to announce after the commit. */
    record Written(long changed, List<Target> targets) {}

    private static final String MOVE_SEQUENCE = """
            SELECT CASE WHEN $1::bigint - last_value > 20000 THEN setval('%1$s_id_seq', $1::bigint)
                        ELSE (SELECT max(nextval('%1$s_id_seq')) FROM generate_series(last_value + is_called::int, $1::bigint)) END
            FROM %1$s_id_seq""";

    private final List<String> header;

    ImportTable(List<String> header) {
        this.header = header;
    }

    /**
     * The table for a file with this header.
     *
     * @param changesAreShared whether changed links are noted for other JVMs
     * @throws ProblemException if the header is not one of that kind of file
     */
    static ImportTable of(BeginImport.Kind kind, List<String> header, boolean changesAreShared) {
        return switch (kind) {
            case USERS -> new ImportUsers(checked(header, List.of("username", "email"), List.of("id", "created_at")));
            case URLS ->
                new ImportUrls(
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
                        changesAreShared);
            case EVENTS ->
                new ImportEvents(checked(
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

    /** Writes one batch in the transaction of the connection. */
    final Future<Written> write(SqlConnection connection, List<ImportRows.Row> batch) {
        ImportColumns columns;
        try {
            columns = new ImportColumns(header, batch);
            return write(connection, columns);
        } catch (ProblemException e) {
            return Future.failedFuture(e);
        }
    }

    abstract Future<Written> write(SqlConnection connection, ImportColumns columns);

    /** The first line of the batch that has this value in this column, or 0. */
    final long lineOf(List<ImportRows.Row> batch, String column, String value) {
        int at = header.indexOf(column);
        return at < 0
                ? 0
                : batch.stream()
                        .filter(row ->
                                row.cells().size() > at && row.cells().get(at).equals(value))
                        .mapToLong(ImportRows.Row::line)
                        .findFirst()
                        .orElse(0);
    }

    static Future<RowSet<Row>> execute(SqlConnection connection, String sql, Object... parameters) {
        return connection.preparedQuery(sql).execute(Tuple.wrap(parameters));
    }

    /**
     * Moves the sequence of a table past the ids of a batch, before they are inserted and at once for everybody: rows
     * that are created meanwhile get others. Never back, so it needs no lock: small steps take the numbers one by one,
     * and no other session takes thousands in the moment of a large one.
     */
    static Future<?> moveSequence(SqlConnection connection, String table, Long[] ids) {
        long most = Arrays.stream(ids).mapToLong(Long::longValue).max().orElse(0);
        return execute(connection, MOVE_SEQUENCE.formatted(table), most);
    }
}
