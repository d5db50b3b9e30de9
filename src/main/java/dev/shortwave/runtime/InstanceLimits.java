package dev.shortwave.runtime;

import org.jspecify.annotations.Nullable;

/**
 * How many instances of a verticle there may be while the service runs.
 *
 * @param reason for the limit
 */
public record InstanceLimits(int min, int max, String reason) {

    /** From one to so many. */
    public static InstanceLimits upTo(int max, String reason) {
        return new InstanceLimits(1, max, reason);
    }

    /** This number and no other. */
    public static InstanceLimits exactly(int number, String reason) {
        return new InstanceLimits(number, number, reason);
    }

    /** Why this number is not allowed, or null if it is. */
    @Nullable
    String objection(int instances) {
        if (instances >= min && instances <= max) {
            return null;
        }
        return (min == max ? "must be " + min : "must be from " + min + " to " + max) + ": " + reason;
    }
}
