package dev.shortwave.runtime;

import org.jspecify.annotations.Nullable;

/**
 * How many instances of a verticle there may be while the service runs.
 *
 * @param reason why not more, or not another number
 */
public record InstanceLimits(int min, int max, String reason) {

    /** From one to so many. */
    public static InstanceLimits upTo(int most, String reason) {
        return new InstanceLimits(1, most, reason);
    }

    /** This number and no other. */
    public static InstanceLimits exactly(int number, String reason) {
        return new InstanceLimits(number, number, reason);
    }

    /** Why there can't be so many, or null if there can. */
    @Nullable
    String objection(int instances) {
        if (instances >= min && instances <= max) {
            return null;
        }
        return (min == max ? "must be " + min : "must be from " + min + " to " + max) + ": " + reason;
    }
}
