package dev.shortwave.click.recorder;

import dev.shortwave.click.journal.ClickJournal;
import dev.shortwave.config.Config;
import java.util.concurrent.TimeUnit;

/**
 * How fast clicks are booked: as slowly as nobody minds, because each takes more of the machine than its redirect did.
 * Without hurry batches are small, so that a redirect that comes meanwhile waits for none that takes long, and a rest
 * follows each: nineteen times as long as it took while its clicks are new, the shorter the older they are, and as long
 * as it took from {@code clicks.throttle-below-lag} on. For one event loop.
 */
final class BookingThrottle {

    private static final double MAX_PAUSE_PER_WORK = 19;
    private static final double MIN_PAUSE_PER_WORK = 1;
    private static final long MAX_PAUSE_MILLISECONDS = 4000;

    /** Clicks as many times as old as they should be at most will not become younger at half the speed. */
    private static final int PRESSURE_FROM_LAGS = 6;

    private final Config.Clicks config;
    private final double aim;
    private long appendedBefore;

    BookingThrottle(Config.Clicks config) {
        this.config = config;
        this.aim = config.throttleBelowLag().toMillis() / 1000.0;
    }

    /** Whether clicks have come since this was asked last: there are redirects that need the machine. */
    boolean isLoaded(long appendedClicks) {
        boolean more = appendedClicks != appendedBefore;
        appendedBefore = appendedClicks;
        return more;
    }

    /** Whether redirects must share the machine with booking: somebody waits for clicks, they are late, or need room. */
    boolean isUnderPressure(ClickJournal journal) {
        return isUnderPressure(journal.isAwaited(), journal.lagSeconds(), journal.pendingBytes());
    }

    boolean isUnderPressure(boolean awaited, double lagSeconds, long waitingBytes) {
        return awaited || lagSeconds >= PRESSURE_FROM_LAGS * aim || waitingBytes > config.maxJournalBytes() / 2;
    }

    /** Clicks in a batch at the most. */
    int batchSize(boolean hurried) {
        return hurried ? config.batchSize() : Math.min(config.batchSize(), config.throttledBatchSize());
    }

    /** Milliseconds to rest after so much work, without hurry. */
    long pauseMilliseconds(long workedNanoseconds, double lagSeconds) {
        double freshness = 1 - lagSeconds / aim;
        double restForWork = Math.max(MIN_PAUSE_PER_WORK, MAX_PAUSE_PER_WORK * freshness);
        long milliseconds = Math.round(restForWork * workedNanoseconds / TimeUnit.MILLISECONDS.toNanos(1));
        return Math.min(milliseconds, MAX_PAUSE_MILLISECONDS);
    }
}
