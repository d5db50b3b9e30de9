package dev.shortwave.postgres;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/**
 * Names of pools for their metrics. Two open pools of one name would share their series. The name of a closed pool is
 * reused, because its series remain as long as the process runs. Thread-safe.
 */
final class PoolNames {

    private final Set<String> taken = ConcurrentHashMap.newKeySet();

    /** The purpose, with the smallest number that no open pool has. */
    String acquire(String purpose) {
        return IntStream.iterate(1, number -> number + 1)
                .mapToObj(number -> purpose + "-" + number)
                .filter(taken::add)
                .findFirst()
                .orElseThrow();
    }

    void release(String name) {
        taken.remove(name);
    }
}
