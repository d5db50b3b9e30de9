package dev.shortwave.storage;

import dev.shortwave.bus.FinishImport;
import dev.shortwave.bus.ImportRows;
import dev.shortwave.link.LinkChanges;
import dev.shortwave.link.Target;
import dev.shortwave.postgres.PgFailures;
import dev.shortwave.problem.Problem;
import io.vertx.core.Future;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Transaction;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One import: a transaction on a connection of its own. All or nothing. On the event loop of its verticle. */
final class ImportSession {

    private static final Pattern VIOLATED_KEY =
            Pattern.compile("Key \\((\\w+)\\)=\\((.*)\\) (?:already|is not).*", Pattern.DOTALL);

    private final SqlConnection connection;
    private final Transaction transaction;
    private final LinkChanges changes;
    private final List<Target> changedTargets = new ArrayList<>();
    private ImportTable table;
    private long rows;
    private long changed;

    private ImportSession(SqlConnection connection, Transaction transaction, ImportTable table, LinkChanges changes) {
        this.connection = connection;
        this.transaction = transaction;
        this.table = table;
        this.changes = changes;
    }

    static Future<ImportSession> open(Pool pool, ImportTable table, LinkChanges changes) {
        return pool.getConnection()
                .compose(connection -> connection
                        .begin()
                        .map(transaction -> new ImportSession(connection, transaction, table, changes))
                        .onFailure(failure -> connection.close()));
    }

    /** The next rows are another file's. */
    void goOnWith(ImportTable next) {
        table = next;
    }

    Future<Void> add(List<ImportRows.Row> batch) {
        return table.write(connection, batch)
                .onSuccess(written -> {
                    rows += batch.size();
                    changed += written.changed();
                    changedTargets.addAll(written.targets());
                })
                .<Void>mapEmpty()
                .recover(failure -> Future.failedFuture(withLine(failure, batch)));
    }

    Future<FinishImport.Imported> finish() {
        return transaction
                .commit()
                .eventually(connection::close)
                .compose(committed -> changes.announce(changedTargets))
                .map(announced -> new FinishImport.Imported(rows, changed));
    }

    Future<Void> abort() {
        return transaction.rollback().eventually(connection::close);
    }

    /** A key that is taken or missing is the file's fault: say which line has it. Everything else stays as it is. */
    private Throwable withLine(Throwable failure, List<ImportRows.Row> batch) {
        if (!(failure instanceof PgException e) || e.getDetail() == null) {
            return failure;
        }
        Matcher key = VIOLATED_KEY.matcher(e.getDetail());
        if (!key.matches()) {
            return failure;
        }
        String column = key.group(1);
        String value = key.group(2);
        String words = PgFailures.isViolation(e, PgFailures.FOREIGN_KEY_VIOLATION)
                ? column + " " + value + " does not exist"
                : column + " " + value + " belongs to another row already";
        long line = table.lineOf(batch, column, value);
        return Problem.badField(column, line > 0 ? "line " + line + ": " + words : words)
                .asException();
    }
}
