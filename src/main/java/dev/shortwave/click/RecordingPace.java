package dev.shortwave.click;

import dev.shortwave.config.Config;
import java.util.concurrent.TimeUnit;

/**
 * How fast clicks are booked: as slowly as nobody minds, because each takes more of the machine than its redirect did.
 * Without hurry batches are small, so that a redirect that comes meanwhile waits for none that takes long, and a rest
 * follows each: nineteen times as long as it took while its clicks are new, the shorter the older they are, and as long
 * as it took from {@code clicks.rest-until-lag} on. For one event loop.
 */
final class RecordingPace {

    private static final double LONGEST_REST_FOR_WORK = 19;
    private static final double SHORTEST_REST_FOR_WORK = 1;
    private static final long LONGEST_REST_MILLISECONDS = 4000;

    /** Clicks as many times as old as they should be at most will not become younger at half the speed. */
    private static final int HURRY_FROM_LAGS = 6;

    private final Config.Clicks config;
    private final double aim;
    private long appendedBefore;

    RecordingPace(Config.Clicks config) {
        this.config = config;
        this.aim = config.restUntilLag().toMillis() / 1000.0;
    }

    /** Whether clicks have come since this was asked last: there are redirects that need the machine. */
    boolean isLoaded(long appendedClicks) {
        boolean more = appendedClicks != appendedBefore;
        appendedBefore = appendedClicks;
        return more;
    }

    /** Whether redirects must share the machine with booking: somebody waits for clicks, they are late, or need room. */
    boolean isHurried(ClickJournal journal) {
        return isHurried(journal.isAwaited(), journal.lagSeconds(), journal.waitingBytes());
    }

    boolean isHurried(boolean awaited, double lagSeconds, long waitingBytes) {
        return awaited || lagSeconds >= HURRY_FROM_LAGS * aim || waitingBytes > config.maxBytes() / 2;
    }

    /** Clicks in a batch at the most. */
    int batchSize(boolean hurried) {
        return hurried ? config.batchSize() : Math.min(config.batchSize(), config.restingBatchSize());
    }

    /** Milliseconds to rest after so much work, without hurry. */
    long rest(long workedNanoseconds, double lagSeconds) {
        double freshness = 1 - lagSeconds / aim;
        double restForWork = Math.max(SHORTEST_REST_FOR_WORK, LONGEST_REST_FOR_WORK * freshness);
        long milliseconds = Math.round(restForWork * workedNanoseconds / TimeUnit.MILLISECONDS.toNanos(1));
        return Math.min(milliseconds, LONGEST_REST_MILLISECONDS);
    }
}
