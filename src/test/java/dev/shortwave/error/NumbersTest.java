package dev.shortwave.error;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NumbersTest {

    @Property
    void everyNumberIsReadAsItIsWritten(@ForAll long number) {
        assertThat(Numbers.parseLong(Long.toString(number), Long.MIN_VALUE, Long.MAX_VALUE))
                .isEqualTo(number);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-",
                "+1",
                "--1",
                " 1",
                "1 ",
                "1.0",
                "1e3",
                "0x1",
                "1_000",
                "٤٠",
                "１",
                "𝟙",
                "1\u0000",
                "9223372036854775808",
                "-9223372036854775809",
                "99999999999999999999"
            })
    void invalidNumbers(String text) {
        assertThatThrownBy(() -> Numbers.parseLong(text, Long.MIN_VALUE, Long.MAX_VALUE))
                .isInstanceOf(NumberFormatException.class);
    }

    @Test
    void bounds() {
        assertThat(Numbers.parseInt("10", 1, 10)).isEqualTo(10);
        assertThat(Numbers.parseInt("007", 1, 10)).isEqualTo(7);
        assertThatThrownBy(() -> Numbers.parseInt("0", 1, 10)).isInstanceOf(NumberFormatException.class);
        assertThatThrownBy(() -> Numbers.parseInt("11", 1, 10)).isInstanceOf(NumberFormatException.class);
        assertThatThrownBy(() -> Numbers.parseInt("4294967297", 1, 10)).isInstanceOf(NumberFormatException.class);
    }
}
