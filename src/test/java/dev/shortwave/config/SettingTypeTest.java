package dev.shortwave.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingTypeTest {

    @ParameterizedTest
    @CsvSource({
        "250ms, PT0.25S",
        "5s, PT5S",
        "5 s, PT5S",
        "2m, PT2M",
        "1h, PT1H",
        "30d, PT720H",
        "0s, PT0S",
        "0, PT0S",
        "0ms, PT0S"
    })
    void durations(String text, Duration expected) {
        assertThat(SettingType.duration(Duration.ZERO, Duration.ofDays(30))
                        .parse()
                        .apply(text))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "5",
                "s",
                "5 minutes",
                "-5s",
                "1.5s",
                "5S",
                "5s ",
                " 5s",
                "31d",
                "999999999999d",
                "1h30m",
                "0x5s",
                "٥s"
            })
    void invalidDurations(String text) {
        refused(SettingType.duration(Duration.ZERO, Duration.ofDays(30)), text);
    }

    @ParameterizedTest
    @CsvSource({"0.01, 0.01", "0.000000001, 0.000000001", "0.5, 0.5", "1, 1", "1.0, 1"})
    void ratios(String text, double expected) {
        assertThat(SettingType.ratio().parse().apply(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "0", "0.0", "1.01", "2", "100", "-0.1", ".5", "0.0000000001", "1e-2", "NaN", "1 %", "0,1"})
    void invalidRatios(String text) {
        refused(SettingType.ratio(), text);
    }

    @Test
    void durationsHaveBounds() {
        SettingType<Duration> type = SettingType.duration(Duration.ofMillis(250), Duration.ofMinutes(1));
        assertThat(type.allowed()).isEqualTo("a time from 250ms to 60s, such as 250ms, 5s or 2m");
        assertThat(type.parse().apply("250ms")).isEqualTo(Duration.ofMillis(250));
        assertThat(type.parse().apply("1m")).isEqualTo(Duration.ofMinutes(1));
        refused(type, "249ms");
        refused(type, "60001ms");
    }

    @ParameterizedTest
    @CsvSource({"1024, 1024", "64KiB, 65536", "64 KiB, 65536", "16MiB, 16777216", "1GiB, 1073741824", "2000B, 2000"})
    void sizes(String text, long expected) {
        assertThat(SettingType.bytes(1024, 1L << 30).parse().apply(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1023", "64KB", "64kib", "64K", "1.5MiB", "-1", "2GiB", "999999999999GiB", "KiB"})
    void invalidSizes(String text) {
        refused(SettingType.bytes(1024, 1L << 30), text);
    }

    @ParameterizedTest
    @CsvSource({"true, true", "True, true", "yes, true", "on, true", "false, false", "NO, false", "off, false"})
    void flags(String text, boolean expected) {
        assertThat(SettingType.flag().parse().apply(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "0", "t", "maybe", " true"})
    void invalidFlags(String text) {
        refused(SettingType.flag(), text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "0", "11", "1.0", "1e1", "five", "0x5", "99999999999999999999", "٥", "+5", "５", "-", "05x"})
    void invalidNumbers(String text) {
        refused(SettingType.number(1, 10), text);
    }

    @Test
    void perCoreOrNumber() {
        SettingType<Integer> type = SettingType.perCoreOrNumber(64);
        assertThat(type.parse().apply("per-core"))
                .isEqualTo(Runtime.getRuntime().availableProcessors());
        assertThat(type.parse().apply("64")).isEqualTo(64);
        refused(type, "0");
        refused(type, "65");
        refused(type, "per-Core");
        refused(type, "");
    }

    @Test
    void choices() {
        SettingType<Config.Transport> type = SettingType.choice(Config.Transport.class);
        assertThat(type.allowed()).isEqualTo("one of auto, io_uring, epoll, nio");
        assertThat(type.parse().apply("io_uring")).isEqualTo(Config.Transport.IO_URING);
        assertThat(type.parse().apply("NIO")).isEqualTo(Config.Transport.NIO);
        refused(type, "kqueue");
        refused(type, "");
    }

    @ParameterizedTest
    @ValueSource(strings = {"cache:6379", "//cache", "http://cache", "redis://", "redis:cache", "redis://ca che", "/"})
    void invalidRedisUrls(String text) {
        refused(SettingType.optionalUri(List.of("redis", "rediss"), "redis://host"), text);
    }

    @Test
    void requiredTextIsNotBlank() {
        refused(SettingType.requiredText(), "");
        refused(SettingType.requiredText(), "  ");
        assertThat(SettingType.requiredText().parse().apply(" a ")).isEqualTo(" a ");
    }

    private static void refused(SettingType<?> type, String text) {
        assertThatThrownBy(() -> type.parse().apply(text)).isInstanceOf(RuntimeException.class);
    }
}
