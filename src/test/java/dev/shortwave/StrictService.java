package dev.shortwave;

import dev.shortwave.config.Config;
import java.util.concurrent.TimeUnit;

/** Starts the service with a watch on its event loops that production would find too nervous. */
public final class StrictService {

    /** Far above what any handler needs, and above what a busy machine takes the processor away for. */
    private static final long LONGEST_ON_THE_LOOP_MILLISECONDS = 500;

    private StrictService() {}

    /** Starts it, and waits until it is ready. */
    public static ServiceLauncher start(Config config) {
        return ServiceLauncher.start(
                        config,
                        options -> options.setBlockedThreadCheckInterval(100)
                                .setBlockedThreadCheckIntervalUnit(TimeUnit.MILLISECONDS)
                                .setMaxEventLoopExecuteTime(LONGEST_ON_THE_LOOP_MILLISECONDS)
                                .setMaxEventLoopExecuteTimeUnit(TimeUnit.MILLISECONDS)
                                .setWarningExceptionTime(LONGEST_ON_THE_LOOP_MILLISECONDS)
                                .setWarningExceptionTimeUnit(TimeUnit.MILLISECONDS))
                .awaitReady();
    }
}
