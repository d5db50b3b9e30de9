package dev.shortwave.click.recorder;

import dev.shortwave.click.journal.ClickJournal;
import dev.shortwave.config.Config;
import java.util.concurrent.TimeUnit;

/**
 * Throttles the booking of clicks, because each takes more of the machine than its redirect did. Without pressure batches
 * are small, so that a concurrent redirect waits for no long one, and a pause follows each: nineteen times as long as the
 * batch took while its clicks are new, shorter the older they are, and as long as the batch took from
 * {@code clicks.throttle-below-lag} on. For one event loop.
 */
final class BookingThrottle {

    private static final double MAX_PAUSE_PER_WORK = 19;
    private static final double MIN_PAUSE_PER_WORK = 1;
    private static final long MAX_PAUSE_MILLISECONDS = 4000;

    /** Clicks so many times as old as the aim do not become younger at half the speed. */
    private static final int PRESSURE_FROM_LAGS = 6;

    private final Config.Clicks config;
    private final double aim;
    private long appendedBefore;

    BookingThrottle(Config.Clicks config) {
        this.config = config;
        this.aim = config.throttleBelowLag().toMillis() / 1000.0;
    }

    /** Whether clicks were appended since the last call: there are redirects that need the machine. */
    boolean isLoaded(long appendedClicks) {
        boolean loaded = appendedClicks != appendedBefore;
        appendedBefore = appendedClicks;
        return loaded;
    }

    /** Whether redirects must share the machine with booking: a flush waits for clicks, they are late, or need room. */
    boolean isUnderPressure(ClickJournal journal) {
        return isUnderPressure(journal.isAwaited(), journal.lagSeconds(), journal.pendingBytes());
    }

    boolean isUnderPressure(boolean awaited, double lagSeconds, long pendingBytes) {
        return awaited || lagSeconds >= PRESSURE_FROM_LAGS * aim || pendingBytes > config.maxJournalBytes() / 2;
    }

    /** Maximum of clicks in a batch. */
    int batchSize(boolean underPressure) {
        return underPressure ? config.batchSize() : Math.min(config.batchSize(), config.throttledBatchSize());
    }

    /** Milliseconds to pause after so much work, without pressure. */
    long pauseMilliseconds(long workedNanoseconds, double lagSeconds) {
        double freshness = 1 - lagSeconds / aim;
        double pausePerWork = Math.max(MIN_PAUSE_PER_WORK, MAX_PAUSE_PER_WORK * freshness);
        long milliseconds = Math.round(pausePerWork * workedNanoseconds / TimeUnit.MILLISECONDS.toNanos(1));
        return Math.min(milliseconds, MAX_PAUSE_MILLISECONDS);
    }
}
