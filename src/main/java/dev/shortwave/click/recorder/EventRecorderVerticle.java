package dev.shortwave.click.recorder;

import dev.shortwave.bus.Addresses;
import dev.shortwave.bus.Bus;
import dev.shortwave.bus.ClicksAvailable;
import dev.shortwave.bus.FlushClicks;
import dev.shortwave.click.journal.ClickJournal;
import dev.shortwave.click.sink.ReconnectingClickSink;
import dev.shortwave.config.Config;
import dev.shortwave.postgres.Database;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Runs a {@link ClickRecorder} with its own connection, so that heavy batches delay no lookup. */
public final class EventRecorderVerticle extends VerticleBase {

    private final Database database;
    private final ClickJournal journal;
    private final Config.Clicks config;
    private final LongConsumer batches;
    private @Nullable ClickRecorder recorder;

    /**
     * @param batches receives the size of each booked batch
     */
    public EventRecorderVerticle(Database database, ClickJournal journal, Config.Clicks config, LongConsumer batches) {
        this.database = database;
        this.journal = journal;
        this.config = config;
        this.batches = batches;
    }

    @Override
    public Future<?> start() {
        ReconnectingClickSink sink =
                new ReconnectingClickSink(() -> database.connection(vertx, "recorder"), database.responseTimeout());
        ClickRecorder started = new ClickRecorder(vertx, journal, sink, config, batches);
        recorder = started;
        vertx.eventBus().<ClicksAvailable>localConsumer(Addresses.CLICKS_AVAILABLE, message -> started.run());
        Bus.serve(
                vertx.eventBus(),
                Addresses.CLICKS_FLUSH,
                (FlushClicks request) -> journal.flush().map(true));
        // Recovered streams send no message.
        return database.verifyAtStart("the booking of clicks", sink.check()).onSuccess(verified -> started.run());
    }

    @Override
    public Future<?> stop() {
        if (recorder != null) {
            recorder.stop();
        }
        return Future.succeededFuture();
    }
}
