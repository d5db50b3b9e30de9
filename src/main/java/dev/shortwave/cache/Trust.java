package dev.shortwave.cache;

/**
 * Whether this JVM hears of every change, so that what it has in memory and what it reads from Redis may be answered
 * without asking PostgreSQL. Alone it always does. With others it holds a lease, renewed over Redis: whoever changes a
 * link waits for the word of every holder or for the end of its lease. Thread-safe; written by one event loop.
 */
public final class Trust {

    private final boolean alone;
    private volatile long until;
    private volatile int epoch;
    private volatile String life = "";

    private Trust(boolean alone) {
        this.alone = alone;
        this.until = System.nanoTime();
    }

    /** Of the only JVM of its service. */
    public static Trust alone() {
        return new Trust(true);
    }

    /** Of one among others, which holds nothing yet. */
    public static Trust leased() {
        return new Trust(false);
    }

    /**
     * Whether it holds at this moment.
     *
     * @param now of {@link System#nanoTime}
     */
    public boolean holds(long now) {
        return alone || until - now > 0;
    }

    /** Grows whenever changes may have been missed: what was read in an earlier epoch counts no more. */
    public int epoch() {
        return epoch;
    }

    /** Of the Redis over which the lease was taken: what another one says does not count. */
    public String life() {
        return life;
    }

    /**
     * Lets it hold.
     *
     * @param until of {@link System#nanoTime}
     * @param life see {@link #life()}
     */
    public void renew(long until, String life) {
        this.life = life;
        this.until = until;
    }

    /** Changes may be missed from now on, or have been until now. Called on one event loop only. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    public void interrupt() {
        until = System.nanoTime();
        epoch++;
    }
}
