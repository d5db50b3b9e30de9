package dev.shortwave.click.sink;

import io.vertx.core.Future;

/** Where clicks end up, with the checkpoints of the streams that they come from. */
public interface ClickSink {

    /** How far a stream is booked; 0 for one that is not known. */
    Future<Long> checkpoint(String stream);

    /**
     * Books clicks and moves the checkpoint, in one transaction, if the checkpoint is where it is expected.
     *
     * @return false if the checkpoint was elsewhere; nothing is booked then
     */
    Future<Boolean> write(String stream, long expected, long next, ClickBatchParameters rows);

    /** Forgets the checkpoint of a stream that is booked to its end and whose files are gone. */
    Future<Void> removeCheckpoint(String stream);
}
