package dev.shortwave.click.journal;

import dev.shortwave.click.Click;
import dev.shortwave.click.sink.ClickBatchParameters;
import io.vertx.core.Future;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The batches of a stream, on demand one ahead: while PostgreSQL books a full batch, a worker reads the next one and
 * makes its rows. For the recorder that holds the stream, on its event loop. Nothing read ahead is lost with this object: another
 * one begins at the checkpoint.
 */
public final class PrefetchingReader {

    /** A batch, and the rows of all its clicks; failed if one of them can't be made into a row. */
    public record Prepared(ClickReader.Batch batch, Future<ClickBatchParameters> rows) {}

    private final ClickJournal journal;
    private final ClickReader reader;
    private @Nullable Future<Prepared> following;

    public PrefetchingReader(ClickJournal journal, ClickReader reader) {
        this.journal = journal;
        this.reader = reader;
    }

    /**
     * @param most clicks in a batch
     * @param ahead whether to begin with the one after it
     */
    public Future<Prepared> next(int most, boolean ahead) {
        Future<Prepared> next = following == null ? read(most) : following;
        following = null;
        return next.onSuccess(prepared -> {
            // Behind one that is not full there is nothing yet: the next one may grow until it is asked for.
            if (ahead
                    && prepared.batch().clicks().size() == most
                    && !prepared.batch().isLast()) {
                following = read(most);
            }
        });
    }

    private Future<Prepared> read(int most) {
        return journal.onWorker(() -> {
            ClickReader.Batch batch = reader.next(most);
            return new Prepared(batch, rows(batch.clicks()));
        });
    }

    private static Future<ClickBatchParameters> rows(List<Click> clicks) {
        try {
            return Future.succeededFuture(ClickBatchParameters.of(clicks));
        } catch (RuntimeException unfit) {
            return Future.failedFuture(unfit);
        }
    }
}
