package dev.shortwave.click;

import io.vertx.core.Future;
import java.util.List;

/** Where batches of clicks end up. */
public interface ClickSink {

    /**
     * Books a batch in one transaction.
     *
     * @param position number of the batch, growing by one; a batch whose number was booked before is not booked again,
     *     so a batch may be repeated when the answer was lost
     */
    Future<Void> write(long position, List<Click> batch);
}
