package dev.shortwave.stats;

import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;

/**
 * The time range of a series: whole intervals in UTC.
 *
 * @param from start of the first interval
 * @param to end of the last one
 */
public record StatsRange(Interval interval, OffsetDateTime from, OffsetDateTime to) {

    /** The length of one point of a series. */
    public enum Interval {
        HOUR(ChronoUnit.HOURS, 24, 31 * 24),
        DAY(ChronoUnit.DAYS, 30, 366);

        private final ChronoUnit unit;
        private final int defaultPoints;
        private final int maxPoints;

        Interval(ChronoUnit unit, int usualPoints, int mostPoints) {
            this.unit = unit;
            this.defaultPoints = usualPoints;
            this.maxPoints = mostPoints;
        }

        /** Points of a series without a given start. */
        public int defaultPoints() {
            return defaultPoints;
        }

        /** Maximum of points: a request must not read for seconds. */
        public int maxPoints() {
            return maxPoints;
        }

        public Duration length() {
            return unit.getDuration();
        }

        private OffsetDateTime start(OffsetDateTime at) {
            return at.withOffsetSameInstant(ZoneOffset.UTC).truncatedTo(unit);
        }
    }

    /** The whole intervals that hold these times. */
    public static StatsRange covering(Interval interval, OffsetDateTime from, OffsetDateTime to) {
        OffsetDateTime last = interval.start(to);
        return new StatsRange(interval, interval.start(from), last.isEqual(to) ? last : last.plus(1, interval.unit));
    }

    /** The default number of intervals up to the one that holds this time. */
    public static StatsRange endingWith(Interval interval, OffsetDateTime to) {
        return covering(interval, to.minus(interval.defaultPoints - 1, interval.unit), to);
    }

    public long points() {
        return interval.unit.between(from, to);
    }
}
