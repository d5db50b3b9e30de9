package dev.shortwave.verticle;

import org.jspecify.annotations.Nullable;

/**
 * How many instances of a verticle there may be while the service runs.
 *
 * @param reason why not more, or not another number
 */
public record Range(int least, int most, String reason) {

    /** From one to so many. */
    public static Range upTo(int most, String reason) {
        return new Range(1, most, reason);
    }

    /** This number and no other. */
    public static Range exactly(int number, String reason) {
        return new Range(number, number, reason);
    }

    /** Why there can't be so many, or null if there can. */
    @Nullable
    String objection(int instances) {
        if (instances >= least && instances <= most) {
            return null;
        }
        return (least == most ? "must be " + least : "must be from " + least + " to " + most) + ": " + reason;
    }
}
