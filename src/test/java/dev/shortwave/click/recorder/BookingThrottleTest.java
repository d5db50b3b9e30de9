package dev.shortwave.click.recorder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shortwave.config.Config;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BookingThrottleTest {

    private static final long MAX_BYTES = 1_000;

    private final BookingThrottle pace = pace(Duration.ofSeconds(10));

    private static BookingThrottle pace(Duration restUntilLag) {
        return new BookingThrottle(new Config.Clicks(
                5_000,
                500,
                Path.of("clicks"),
                64,
                MAX_BYTES,
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                restUntilLag,
                Duration.ofSeconds(1)));
    }

    @ParameterizedTest
    @CsvSource({"0, 190", "5, 95", "9, 19", "10, 10", "30, 10", "59.9, 10"})
    void pausesLessForOlderClicks(double lagSeconds, long milliseconds) {
        assertThat(pace.pauseMilliseconds(TimeUnit.MILLISECONDS.toNanos(10), lagSeconds))
                .isEqualTo(milliseconds);
    }

    @Test
    void pausesFourSecondsAtMost() {
        assertThat(pace.pauseMilliseconds(TimeUnit.MINUTES.toNanos(1), 0)).isEqualTo(4_000);
    }

    @ParameterizedTest
    @CsvSource({
        "false,  0,   0, false",
        "true,   0,   0, true",
        "false, 59, 500, false",
        "false, 60,   0, true",
        "false,  0, 501, true",
    })
    void isUnderPressureForAFlushOldClicksAndAFillingJournal(
            boolean awaited, double lagSeconds, long waitingBytes, boolean hurried) {
        assertThat(pace.isUnderPressure(awaited, lagSeconds, waitingBytes)).isEqualTo(hurried);
    }

    @Test
    void knowsWhetherClicksWereAppendedSinceTheLastCall() {
        assertThat(pace.isLoaded(0)).isFalse();
        assertThat(pace.isLoaded(5)).isTrue();
        assertThat(pace.isLoaded(5)).isFalse();
        assertThat(pace.isLoaded(6)).isTrue();
    }

    @Test
    void isAlwaysUnderPressureWithoutAnAllowedLag() {
        assertThat(pace(Duration.ZERO).isUnderPressure(false, 0, 0)).isTrue();
    }

    @Test
    void booksSmallBatchesWithoutPressure() {
        assertThat(pace.batchSize(false)).isEqualTo(500);
        assertThat(pace.batchSize(true)).isEqualTo(5_000);
    }
}
