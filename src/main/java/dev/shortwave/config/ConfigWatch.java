package dev.shortwave.config;

import io.vertx.config.ConfigRetriever;
import io.vertx.config.ConfigRetrieverOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Polls the settings file, and calls back when its text has changed and is stable: editors write in pieces. On the event
 * loop that creates it.
 */
public final class ConfigWatch {

    private final Vertx vertx;
    private final ConfigRetriever retriever;
    private final long interval;
    private final Runnable changed;
    private long stableTimer = -1;

    /**
     * @param interval of polling, and how long the text must then stay the same
     * @param changed called after each change
     */
    public ConfigWatch(Vertx vertx, Path file, Duration interval, Runnable changed) {
        this.vertx = vertx;
        this.interval = interval.toMillis();
        this.changed = changed;
        this.retriever = ConfigRetriever.create(
                vertx,
                new ConfigRetrieverOptions()
                        .setScanPeriod(this.interval)
                        // A file that is missing for a moment is a change, and no failure of the watch.
                        .addStore(ConfigLoader.text(file).setOptional(true)));
    }

    /** Starts with the current text as known. */
    public Future<Void> start() {
        return retriever
                .getConfig()
                .onSuccess(now -> retriever.listen(change -> {
                    vertx.cancelTimer(stableTimer);
                    stableTimer = vertx.setTimer(interval, timer -> changed.run());
                }))
                .mapEmpty();
    }

    public Future<Void> stop() {
        vertx.cancelTimer(stableTimer);
        return retriever.close();
    }
}
