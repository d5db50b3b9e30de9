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

/** Runs a {@link ClickRecorder} with a connection of its own, so that heavy batches hold up no look-up. */
public final class EventRecorderVerticle extends VerticleBase {

    private final Database database;
    private final ClickJournal journal;
    private final Config.Clicks config;
    private final LongConsumer batches;
    private @Nullable ClickRecorder recorder;

    /**
     * @param batches is told the size of each batch that is booked
     */
    public EventRecorderVerticle(Database database, ClickJournal journal, Config.Clicks config, LongConsumer batches) {
        this.database = database;
        this.journal = journal;
        this.config = config;
        this.batches = batches;
    }

    @Override
    public Future<?> start() {
        ReconnectingClickSink opened =
                new ReconnectingClickSink(() -> database.connection(vertx, "recorder"), database.responseTimeout());
        ClickRecorder made = new ClickRecorder(vertx, journal, opened, config, batches);
        recorder = made;
        vertx.eventBus().<ClicksAvailable>localConsumer(Addresses.CLICKS_AVAILABLE, wake -> made.run());
        Bus.serve(
                vertx.eventBus(),
                Addresses.CLICKS_FLUSH,
                (FlushClicks request) -> journal.flush().map(true));
        // What dead processes left behind wakes nobody.
        return database.proved("the booking of clicks", opened.check()).onSuccess(proved -> made.run());
    }

    @Override
    public Future<?> stop() {
        if (recorder != null) {
            recorder.stop();
        }
        return Future.succeededFuture();
    }
}
