package dev.shortwave.click.journal;

import dev.shortwave.click.Click;
import dev.shortwave.click.sink.ClickBatchParameters;
import io.vertx.core.Future;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The batches of a stream, on demand one ahead: while PostgreSQL books a full batch, a worker reads the next one and
 * makes its rows. For the recorder that holds the stream, on its event loop. Nothing that is read ahead is lost with this
 * object: another one begins at the checkpoint.
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
     * @param maxClicks clicks in a batch
     * @param ahead whether to prefetch the one after it
     */
    public Future<Prepared> next(int maxClicks, boolean ahead) {
        Future<Prepared> next = following == null ? read(maxClicks) : following;
        following = null;
        return next.onSuccess(prepared -> {
            // Behind one that is not full there is nothing yet: the next one may grow until it is requested.
            if (ahead
                    && prepared.batch().clicks().size() == maxClicks
                    && !prepared.batch().isLast()) {
                following = read(maxClicks);
            }
        });
    }

    private Future<Prepared> read(int maxClicks) {
        return journal.onWorker(() -> {
            ClickReader.Batch batch = reader.next(maxClicks);
            return new Prepared(batch, rows(batch.clicks()));
        });
    }

    private static Future<ClickBatchParameters> rows(List<Click> clicks) {
        try {
            return Future.succeededFuture(ClickBatchParameters.of(clicks));
        } catch (RuntimeException e) {
            return Future.failedFuture(e);
        }
    }
}
