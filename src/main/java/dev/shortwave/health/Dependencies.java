package dev.shortwave.health;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What was seen last of each dependency of this process, whoever looked: health and metrics both tell it. Thread-safe.
 */
public final class Dependencies {

    /** PostgreSQL. */
    public static final String DATABASE = "database";

    /** Redis. */
    public static final String REDIS = "redis";

    /** That this JVM hears of every change, for which it needs both; without it memory does not count. */
    public static final String LEASE = "lease";

    /** That clicks are booked in PostgreSQL. */
    public static final String CLICKS = "clicks";

    /** A lock or a restart of PostgreSQL makes single batches fail. */
    static final Duration MAX_BOOKING_FAILURE = Duration.ofSeconds(30);

    static final String OK = "ok";
    static final String UNAVAILABLE = "unavailable";
    private static final String DISABLED = "disabled";

    /**
     * A state that a dependency was seen in.
     *
     * @param state {@code ok}, {@code unavailable}, or {@code disabled} if there is none
     * @param since when it was first seen in this state
     * @param nanoseconds how long it took to answer last, or not to; negative if it was not asked
     */
    public record Status(String state, Instant since, long nanoseconds) {

        public boolean isOk() {
            return state.equals(OK);
        }

        boolean isUnavailable() {
            return state.equals(UNAVAILABLE);
        }

        /** How long it took to answer last, or not to; not a number if it was not asked. */
        public double seconds() {
            return nanoseconds < 0 ? Double.NaN : nanoseconds / 1e9;
        }
    }

    private record Observation(Status status, long asked) {}

    private final Clock clock;
    private final boolean hasRedis;
    private final LongSupplier redisNanoseconds;
    private final BooleanSupplier hasLease;
    private final DoubleSupplier bookingFailureSeconds;
    private volatile double clockOffsetSeconds = Double.NaN;
    private final Map<String, Observation> nameToObservation = new ConcurrentHashMap<>();

    /**
     * @param hasRedis whether there shall be one
     * @param redisNanoseconds how long Redis took to answer last; negative while it does not
     * @param hasLease whether this JVM hears of every change now
     * @param bookingFailureSeconds for how long clicks could not be booked; 0 while they are
     */
    public Dependencies(
            Clock clock,
            boolean hasRedis,
            LongSupplier redisNanoseconds,
            BooleanSupplier hasLease,
            DoubleSupplier bookingFailureSeconds) {
        this.clock = clock;
        this.hasRedis = hasRedis;
        this.redisNanoseconds = redisNanoseconds;
        this.hasLease = hasLease;
        this.bookingFailureSeconds = bookingFailureSeconds;
    }

    /**
     * PostgreSQL has answered, or not.
     *
     * @param asked when the question was put, of {@link System#nanoTime}
     */
    Status recordDatabase(boolean answers, long asked) {
        return record(DATABASE, answers ? OK : UNAVAILABLE, asked, System.nanoTime() - asked);
    }

    /**
     * PostgreSQL's clock, halfway between question and answer.
     *
     * @param asked when the question was put, of {@link System#nanoTime}
     */
    void sawClock(Instant theirs, long asked) {
        Instant ours = clock.instant().minusNanos((System.nanoTime() - asked) / 2);
        clockOffsetSeconds = Duration.between(ours, theirs).toMillis() / 1e3;
    }

    /** How far PostgreSQL's clock is ahead of this machine's; not a number before it has answered. */
    public double clockOffsetSeconds() {
        return clockOffsetSeconds;
    }

    /** Looks whether clicks can be booked. */
    Status lookAtClicks() {
        boolean fails = bookingFailureSeconds.getAsDouble() > MAX_BOOKING_FAILURE.toSeconds();
        return record(CLICKS, fails ? UNAVAILABLE : OK, System.nanoTime(), -1);
    }

    /** Looks whether Redis has answered just now: this JVM speaks with it all the time. */
    Status checkRedis() {
        long nanoseconds = redisNanoseconds.getAsLong();
        return record(REDIS, withRedis(nanoseconds >= 0), System.nanoTime(), nanoseconds);
    }

    /** Looks whether what is in memory may be answered. */
    Status checkLease() {
        return record(LEASE, withRedis(hasLease.getAsBoolean()), System.nanoTime(), -1);
    }

    private String withRedis(boolean ok) {
        if (!hasRedis) {
            return DISABLED;
        }
        return ok ? OK : UNAVAILABLE;
    }

    /** Gives what is known then: an answer that is later than that to a later question says nothing of now. */
    private Status record(String name, String state, long asked, long nanoseconds) {
        Instant now = clock.instant();
        return nameToObservation
                .compute(name, (dependency, before) -> {
                    if (before != null && asked - before.asked() < 0) {
                        return before;
                    }
                    Instant since = before != null && before.status().state().equals(state)
                            ? before.status().since()
                            : now;
                    return new Observation(new Status(state, since, nanoseconds), asked);
                })
                .status();
    }

    /** What was seen of it last, or null before the first look. */
    public @Nullable Status status(String name) {
        Observation noted = nameToObservation.get(name);
        return noted == null ? null : noted.status();
    }
}
