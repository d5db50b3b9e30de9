package dev.shortwave.config;

import io.vertx.config.ConfigRetriever;
import io.vertx.config.ConfigRetrieverOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Looks at the settings file from time to time, and tells when its text has changed and is at rest: editors write in
 * pieces. On the event loop that makes it.
 */
public final class ConfigWatch {

    private final Vertx vertx;
    private final ConfigRetriever retriever;
    private final long interval;
    private final Runnable changed;
    private long closeTimer = -1;

    /**
     * @param interval how often to look, and how long the text must stay the same then
     * @param changed is called after each change
     */
    public ConfigWatch(Vertx vertx, Path file, Duration interval, Runnable changed) {
        this.vertx = vertx;
        this.interval = interval.toMillis();
        this.changed = changed;
        this.retriever = ConfigRetriever.create(
                vertx,
                new ConfigRetrieverOptions()
                        .setScanPeriod(this.interval)
                        // A file that is away for a moment is a change, and no failure of the watch.
                        .addStore(ConfigLoader.text(file).setOptional(true)));
    }

    /** Begins: what is there now is known. */
    public Future<Void> start() {
        return retriever
                .getConfig()
                .onSuccess(now -> retriever.listen(change -> {
                    vertx.cancelTimer(closeTimer);
                    closeTimer = vertx.setTimer(interval, rested -> changed.run());
                }))
                .mapEmpty();
    }

    public Future<Void> stop() {
        vertx.cancelTimer(closeTimer);
        return retriever.close();
    }
}
