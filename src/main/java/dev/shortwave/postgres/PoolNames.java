package dev.shortwave.postgres;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/**
 * Names of pools for their metrics. Two open pools of one name would count as one; and a name is used again when its pool is
 * closed, because the series of a name stay for as long as the process runs. Thread-safe.
 */
final class PoolNames {

    private final Set<String> taken = ConcurrentHashMap.newKeySet();

    /** The purpose, with the least number that no open pool has. */
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
