package dev.shortwave.error;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.chrono.IsoChronology;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoField;
import java.util.Locale;

/**
 * Times as clients write them, always in UTC. Strict: a day that the calendar does not have, {@code 24:00:00} and a leap
 * second are refused, as is an offset, rather than moved to another time.
 */
public final class Times {

    private static final int MIN_YEAR = 1;

    /** PostgreSQL and the answers of the API have four digits for it. */
    private static final int MAX_YEAR = 9999;

    private static final DateTimeFormatter DAY = strict(new DateTimeFormatterBuilder().appendPattern("uuuu-MM-dd"));

    private static final DateTimeFormatter TIME = strict(new DateTimeFormatterBuilder()
            .appendPattern("uuuu-MM-dd['T'][' ']HH:mm")
            .optionalStart()
            .appendPattern(":ss")
            .optionalStart()
            .appendFraction(ChronoField.NANO_OF_SECOND, 1, 9, true)
            .optionalEnd()
            .optionalEnd());

    private Times() {}

    private static DateTimeFormatter strict(DateTimeFormatterBuilder builder) {
        return builder.toFormatter(Locale.ROOT)
                .withResolverStyle(ResolverStyle.STRICT)
                .withChronology(IsoChronology.INSTANCE);
    }

    /**
     * A time such as {@code 2025-09-19T22:25:05}, with a space or a {@code T} in the middle, with or without seconds, a
     * fraction of them, and a {@code Z}.
     *
     * @throws DateTimeException for any other text
     */
    public static OffsetDateTime parse(String text) {
        String local = text.endsWith("Z") ? text.substring(0, text.length() - 1) : text;
        int day = "2025-09-19".length();
        // The two optional separators of the pattern could both be there, or none.
        if (local.length() <= day + 1 || isDigit(local.charAt(day)) || !isDigit(local.charAt(day + 1))) {
            throw new DateTimeException("no time");
        }
        return checked(LocalDateTime.parse(local, TIME));
    }

    /** As {@link #parse}, or a day, which is its first moment. */
    public static OffsetDateTime parseDayOrTime(String text) {
        return text.length() <= "2025-09-19".length()
                ? checked(LocalDate.parse(text, DAY).atStartOfDay())
                : parse(text);
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static OffsetDateTime checked(LocalDateTime time) {
        if (time.getYear() < MIN_YEAR || time.getYear() > MAX_YEAR) {
            throw new DateTimeException("no year of four digits");
        }
        return time.atOffset(ZoneOffset.UTC);
    }
}
