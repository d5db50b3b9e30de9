package dev.shortwave.cache;

/**
 * Whether this JVM hears of every change, so that what it has in memory and what it reads from Redis may be answered
 * without asking PostgreSQL. Alone it always does. With others it holds a lease, renewed over Redis: whoever changes a
 * link waits for the word of every holder or for the end of its lease. Thread-safe; written by one event loop.
 */
public final class CacheLease {

    private final boolean unshared;
    private volatile long until;
    private volatile int epoch;
    private volatile String incarnation = "";

    private CacheLease(boolean alone) {
        this.unshared = alone;
        this.until = System.nanoTime();
    }

    /** Of the only JVM of its service. */
    public static CacheLease unshared() {
        return new CacheLease(true);
    }

    /** Of one among others, which holds nothing yet. */
    public static CacheLease leased() {
        return new CacheLease(false);
    }

    /**
     * Whether it holds at this moment.
     *
     * @param now of {@link System#nanoTime}
     */
    public boolean isValid(long now) {
        return unshared || until - now > 0;
    }

    /** Grows whenever changes may have been missed: what was read in an earlier epoch counts no more. */
    public int epoch() {
        return epoch;
    }

    /** Of the Redis over which the lease was taken: what another one says does not count. */
    public String incarnation() {
        return incarnation;
    }

    /**
     * Lets it hold.
     *
     * @param until of {@link System#nanoTime}
     * @param life see {@link #life()}
     */
    public void renew(long until, String life) {
        this.incarnation = life;
        this.until = until;
    }

    /** Changes may be missed from now on, or have been until now. Called on one event loop only. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    public void revoke() {
        until = System.nanoTime();
        epoch++;
    }
}
