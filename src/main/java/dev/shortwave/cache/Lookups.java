package dev.shortwave.cache;

import io.vertx.core.Future;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/** Counts the codes that memory does not have while they are looked for, by all event loops. Thread-safe. */
public final class Lookups {

    private final LongAdder inRedis = new LongAdder();
    private final LongAdder inDatabase = new LongAdder();
    private final LongAdder coalesced = new LongAdder();

    Lookups() {}

    /** Asks Redis for so many codes. */
    <T> Future<T> inRedis(int codes, Supplier<Future<T>> question) {
        return count(inRedis, codes, question);
    }

    /** Asks PostgreSQL for so many codes. */
    <T> Future<T> inDatabase(int codes, Supplier<Future<T>> question) {
        return count(inDatabase, codes, question);
    }

    private static <T> Future<T> count(LongAdder underWay, int codes, Supplier<Future<T>> question) {
        underWay.add(codes);
        return question.get().onComplete(any -> underWay.add(-codes));
    }

    /** One more waits for a search that has begun already. */
    void countCoalesced() {
        coalesced.increment();
    }

    /** Codes that Redis is asked for now. */
    public long inRedis() {
        return inRedis.sum();
    }

    /** Codes that PostgreSQL is asked for now. */
    public long inDatabase() {
        return inDatabase.sum();
    }

    /** How often somebody waited for a search that another one had begun. */
    public long coalesced() {
        return coalesced.sum();
    }
}
