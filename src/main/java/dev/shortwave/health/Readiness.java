package dev.shortwave.health;

/** Where the process is in its life. Thread-safe. */
public final class Readiness {

    /** The phases, in their order. */
    public enum Phase {
        STARTING,
        READY,
        DRAINING
    }

    private volatile Phase phase = Phase.STARTING;

    public void set(Phase next) {
        phase = next;
    }

    public Phase phase() {
        return phase;
    }

    /** Whether a proxy may send requests. */
    public boolean isReady() {
        return phase == Phase.READY;
    }
}
