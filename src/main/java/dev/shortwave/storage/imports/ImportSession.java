package dev.shortwave.storage.imports;

import dev.shortwave.bus.FinishImport;
import dev.shortwave.bus.ImportRows;
import dev.shortwave.error.Problem;
import dev.shortwave.link.LinkInvalidations;
import dev.shortwave.link.LinkTarget;
import dev.shortwave.postgres.PgFailures;
import io.vertx.core.Future;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One import. Its rows are staged as they arrive, each batch in a transaction of its own that touches no row of others.
 * At the end one transaction merges all of them: all or nothing. On the event loop of its verticle.
 */
final class ImportSession {

    /** Deletes the batches of killed processes. */
    private static final String DELETE_ORPHANS =
            "DELETE FROM import_batches WHERE staged_at < now() - interval '1 day'";

    private static final String STAGE =
            "INSERT INTO import_batches (import_id, batch, rows) VALUES ($1::uuid, $2::integer, $3::text::json)";

    private static final String COUNT_BATCHES = "SELECT count(*) FROM import_batches WHERE import_id = $1::uuid";

    private static final String DELETE_BATCHES = "DELETE FROM import_batches WHERE import_id = $1::uuid";

    private static final String FIND_LINE = """
            SELECT min((item ->> 'line')::bigint)
            FROM import_batches, json_array_elements(rows) AS item
            WHERE import_id = $1::uuid AND batch >= $2::integer AND item ->> $3::text = $4::text""";

    private static final Pattern VIOLATED_KEY =
            Pattern.compile("Key \\((\\w+)\\)=\\((.*)\\) (?:already|is not).*", Pattern.DOTALL);

    private final Pool pool;
    private final LinkInvalidations changes;
    private final String id = UUID.randomUUID().toString();
    private final List<File> files = new ArrayList<>();
    private Future<Void> staging = Future.succeededFuture();
    private int batches;
    private long rows;

    /** One file of the import: how its rows are merged, and which batches are its own. */
    private static final class File {
        private final Importer table;
        private final int firstBatch;
        private long maxId;

        File(Importer table, int firstBatch) {
            this.table = table;
            this.firstBatch = firstBatch;
        }
    }

    private ImportSession(Pool pool, LinkInvalidations changes) {
        this.pool = pool;
        this.changes = changes;
    }

    static Future<ImportSession> open(Pool pool, Importer table, LinkInvalidations changes) {
        ImportSession session = new ImportSession(pool, changes);
        session.startFile(table);
        return pool.query(DELETE_ORPHANS).execute().map(session);
    }

    /** Starts another file: the next rows belong to it. */
    void startFile(Importer table) {
        files.add(new File(table, batches));
    }

    private File currentFile() {
        return files.get(files.size() - 1);
    }

    /** Checks and stages rows. Fails with a problem that names the line of a bad one. */
    Future<Void> add(List<ImportRows.Row> batch) {
        Importer.Staged staged = currentFile().table.stage(batch);
        currentFile().maxId = Math.max(currentFile().maxId, staged.maxId());
        rows += batch.size();
        staging = pool.preparedQuery(STAGE)
                .execute(Tuple.of(id, batches++, staged.json()))
                .mapEmpty();
        return staging;
    }

    /** Merges all rows. Fails with a problem that names the line of a row that PostgreSQL refuses. */
    Future<FinishImport.Imported> finish() {
        Future<?> prepared = Future.succeededFuture();
        for (File file : files) {
            prepared = prepared.compose(before -> file.table.prepare(pool));
        }
        // Two imports of the same rows may deadlock; the staged rows remain for another attempt.
        return prepared.compose(all -> PgFailures.retrying(this::merge, Set.of()))
                .compose(merge -> changes.publish(merge.targets).map(new FinishImport.Imported(rows, merge.changed)));
    }

    /** Deletes all staged rows, those of a running batch included. */
    Future<Void> abort() {
        return staging.transform(
                any -> pool.preparedQuery(DELETE_BATCHES).execute(Tuple.of(id)).mapEmpty());
    }

    private Future<Merge> merge() {
        Merge merge = new Merge();
        return pool.getConnection()
                .compose(connection -> connection
                        .begin()
                        .compose(transaction -> merge.run(connection)
                                .compose(
                                        merged -> transaction.commit(),
                                        failure -> transaction
                                                .rollback()
                                                .transform(any -> withLine(connection, failure, merge.file)
                                                        .compose(named -> Future.failedFuture(named)))))
                        .eventually(connection::close)
                        .map(merge));
    }

    /** One attempt of the transaction. */
    private final class Merge {

        private final List<LinkTarget> targets = new ArrayList<>();
        private long changed;
        private File file = files.get(0);

        Future<?> run(SqlConnection connection) {
            Future<?> merged = connection
                    .preparedQuery(COUNT_BATCHES)
                    .execute(Tuple.of(id))
                    .compose(counted -> counted.iterator().next().getLong(0) == batches
                            ? Future.succeededFuture()
                            : Future.failedFuture(
                                    Problem.unavailable("the database has lost rows of the file, send it again")
                                            .asException()));
            for (int at = 0; at < files.size(); at++) {
                File next = files.get(at);
                int end = at + 1 < files.size() ? files.get(at + 1).firstBatch : batches;
                merged = merged.compose(before -> {
                            file = next;
                            return next.table.moveSequence(connection, next.maxId);
                        })
                        .compose(moved -> mergeBatches(connection, next.firstBatch, end));
            }
            return merged.compose(
                    all -> connection.preparedQuery(DELETE_BATCHES).execute(Tuple.of(id)));
        }

        private Future<?> mergeBatches(SqlConnection connection, int batch, int end) {
            return batch == end
                    ? Future.succeededFuture()
                    : file.table
                            .merge(connection, id, batch)
                            .onSuccess(merged -> {
                                changed += merged.changed();
                                targets.addAll(merged.targets());
                            })
                            .compose(merged -> mergeBatches(connection, batch + 1, end));
        }
    }

    /** A duplicate or missing key is an error of the file: names its line. Returns other failures unchanged. */
    private Future<Throwable> withLine(SqlConnection connection, Throwable failure, File file) {
        if (!(failure instanceof PgException e) || e.getDetail() == null) {
            return Future.succeededFuture(failure);
        }
        Matcher key = VIOLATED_KEY.matcher(e.getDetail());
        if (!key.matches()) {
            return Future.succeededFuture(failure);
        }
        String column = key.group(1);
        String value = key.group(2);
        String words = PgFailures.isViolation(e, PgFailures.FOREIGN_KEY_VIOLATION)
                ? column + " " + value + " does not exist"
                : column + " " + value + " belongs to another row already";
        return connection
                .preparedQuery(FIND_LINE)
                .execute(Tuple.of(id, file.firstBatch, column, value))
                .map(rows -> {
                    Row row = rows.iterator().next();
                    Long line = row.getLong(0);
                    return Problem.badField(column, line == null ? words : "line " + line + ": " + words)
                            .asException();
                });
    }
}
