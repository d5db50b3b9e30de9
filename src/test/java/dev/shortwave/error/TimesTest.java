package dev.shortwave.error;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.DateTimeException;
import java.time.OffsetDateTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimesTest {

    @ParameterizedTest
    @CsvSource({
        "2025-09-19 22:25:05, 2025-09-19T22:25:05Z",
        "2025-09-19T22:25:05, 2025-09-19T22:25:05Z",
        "2025-09-19T22:25:05Z, 2025-09-19T22:25:05Z",
        "2025-09-19 22:25:05.123456, 2025-09-19T22:25:05.123456Z",
        "2025-09-19T22:25, 2025-09-19T22:25:00Z",
        "2024-02-29 00:00:00, 2024-02-29T00:00:00Z",
        "0001-01-01 00:00:00, 0001-01-01T00:00:00Z",
        "9999-12-31 23:59:59, 9999-12-31T23:59:59Z"
    })
    void times(String text, OffsetDateTime expected) {
        assertThat(Times.parse(text)).isEqualTo(expected);
        assertThat(Times.parseDayOrTime(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "2025-02-30 00:00:00",
                "2025-02-29 00:00:00",
                "2025-04-31 00:00:00",
                "2025-13-01 00:00:00",
                "2025-00-01 00:00:00",
                "2025-01-00 00:00:00",
                "2025-01-01 24:00:00",
                "2016-12-31 23:59:60",
                "2025-01-01 00:60:00",
                "2025-01-01 00:00:00+01:00",
                "2025-01-01 00:00:00 Z",
                "2025-01-01 00:00:00ZZ",
                "2025-01-01T 00:00:00",
                "2025-01-01  00:00:00",
                "2025-01-0100:00:00",
                "2025-01-01 00:00:00.",
                "2025-01-01 00:00.5",
                "2025-01-01 0:00:00",
                "2025-1-1 00:00:00",
                "0000-01-01 00:00:00",
                "-001-01-01 00:00:00",
                "+12025-01-01 00:00:00",
                "12025-01-01 00:00:00",
                "٢٠٢٥-٠١-٠١ ٠٠:٠٠:٠٠",
                "yesterday",
                "2025-01-01Z",
                "2025-01-01T"
            })
    void whatIsNoTime(String text) {
        assertThatThrownBy(() -> Times.parse(text)).isInstanceOf(DateTimeException.class);
        assertThatThrownBy(() -> Times.parseDayOrTime(text)).isInstanceOf(DateTimeException.class);
    }

    @Test
    void days() {
        assertThat(Times.parseDayOrTime("2024-02-29")).isEqualTo("2024-02-29T00:00:00Z");
        assertThatThrownBy(() -> Times.parse("2024-02-29")).isInstanceOf(DateTimeException.class);
        for (String text : new String[] {"2025-02-29", "2025-02-30", "0000-01-01", "٢٠٢٥-٠١-٠١", "2025-1-1"}) {
            assertThatThrownBy(() -> Times.parseDayOrTime(text)).isInstanceOf(DateTimeException.class);
        }
    }
}
