package dev.shortwave.click.sink;

import io.vertx.core.Future;

/** Where clicks end up, with the checkpoints of the streams that they come from. */
public interface ClickSink {

    /** How far a stream is booked; 0 for an unknown one. */
    Future<Long> checkpoint(String stream);

    /**
     * Books clicks and moves the checkpoint, in one transaction, if the checkpoint is at the expected position.
     *
     * @return false if the checkpoint was elsewhere; nothing is booked then
     */
    Future<Boolean> write(String stream, long expected, long next, ClickBatchParameters rows);

    /** Deletes the checkpoint of a stream whose clicks are all booked and whose files are deleted. */
    Future<Void> removeCheckpoint(String stream);
}
