package dev.shortwave.error;

/**
 * Whole numbers as text. The parsers of the JDK also accept digits of other scripts and a plus sign, so that different
 * texts would name the same thing.
 */
public final class Numbers {

    /** Digits of {@link Long#MAX_VALUE}. */
    private static final int MAX_DIGITS = 19;

    private Numbers() {}

    /**
     * The number, written with ASCII digits and at most a minus sign before them.
     *
     * @throws NumberFormatException for any other text, and for a number out of bounds
     */
    public static long parseLong(String text, long min, long max) {
        int start = text.startsWith("-") ? 1 : 0;
        int digits = text.length() - start;
        boolean fits = digits > 0 && digits <= MAX_DIGITS;
        for (int at = start; fits && at < text.length(); at++) {
            fits = text.charAt(at) >= '0' && text.charAt(at) <= '9';
        }
        if (fits) {
            long number = Long.parseLong(text);
            if (number >= min && number <= max) {
                return number;
            }
        }
        throw new NumberFormatException("not a whole number from " + min + " to " + max);
    }

    /** As {@link #parseLong}. */
    public static int parseInt(String text, int min, int max) {
        return (int) parseLong(text, min, max);
    }
}
