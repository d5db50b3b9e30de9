package dev.shortwave.click.journal;

import dev.shortwave.click.Click;
import dev.shortwave.click.ClickAppenders;
import dev.shortwave.click.Clicks;
import dev.shortwave.click.recorder.ClickRecorder;
import dev.shortwave.click.sink.ClickSink;
import dev.shortwave.config.Config;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** What a process of the service is to its clicks: a journal on a folder, an event loop that appends, and a recorder. */
public final class JournalProcess {

    static final int SEGMENT_BYTES = 64 * 1024;
    static final String INSTALLATION = "installation";
    static final Duration FSYNC_INTERVAL = Duration.ofMillis(20);

    public final ClickJournal journal;
    final ClickAppenders.ClickAppender appender;

    /** The size of each batch that was booked. */
    final Queue<Long> batches = new ConcurrentLinkedQueue<>();

    private final Vertx vertx;
    private final ClickRecorder recorder;
    private boolean gone;

    private JournalProcess(Vertx vertx, Config.Clicks config, ClickSink sink, Clock clock) {
        this.vertx = vertx;
        this.journal = new ClickJournal(vertx, config, INSTALLATION, clock);
        join(journal.start());
        this.recorder = new ClickRecorder(vertx, journal, sink, config, batches::add);
        this.appender = join(journal.open());
    }

    public static JournalProcess on(Vertx vertx, Path folder, ClickSink sink) {
        return on(vertx, folder, sink, 1 << 30, Clock.systemUTC());
    }

    public static JournalProcess on(Vertx vertx, Path folder, ClickSink sink, long maxBytes, Clock clock) {
        Config.Clicks config = new Config.Clicks(
                50,
                10,
                folder,
                SEGMENT_BYTES,
                maxBytes,
                FSYNC_INTERVAL,
                Duration.ofMillis(100),
                Duration.ZERO,
                Duration.ofMillis(1));
        return new JournalProcess(vertx, config, sink, clock);
    }

    /** Whether there was room for it: a spare segment takes its time, and tests append faster than any client. */
    public boolean append(Click click) {
        long before = journal.appended();
        Clicks.append(appender, click);
        return journal.appended() > before;
    }

    public void run() {
        vertx.runOnContext(go -> recorder.run());
    }

    /** Stops in order, as far as the sink lets it. */
    void stop() {
        appender.close();
        run();
        join(journal.flush());
        crash();
    }

    /** What the system does to a killed process: its locks are gone, its files are as they are. */
    public void crash() {
        if (!gone) {
            gone = true;
            recorder.stop();
            join(journal.stop());
        }
    }

    public static <T> T join(Future<T> future) {
        return future.toCompletionStage().toCompletableFuture().join();
    }
}
