package dev.shortwave.error;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextRulesTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "plain",
                "äöü",
                "日本",
                "😀",
                "a😀b",
                "\u00a0",
                "\u200b",
                "\ufffe",
                "\uffff",
                "\ufdd0",
                "\udbff\udfff"
            })
    void storable(String text) {
        assertThat(TextRules.isStorable(text)).isTrue();
        assertThat(TextRules.sanitize(text, 100)).isSameAs(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\0",
                "a\nb",
                "\t",
                "\u001f",
                "\u007f",
                "\u0080",
                "\u009f",
                "\u0085",
                "a\u2028b",
                "\u2029",
                "\ud83d",
                "\ude00",
                "\ude00\ud83d",
                "a\ud83d"
            })
    void notStorable(String text) {
        assertThat(TextRules.isStorable(text)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "Bob, Bob",
        "'\u00a0\u2003 Bob\u3000\ufeff\u200b', Bob",
        "Rene\u0301, Ren\u00e9",
        "'Ann  O\u2019Hara ', 'Ann  O\u2019Hara'",
        "\ud83d\udc69\u200d\ud83d\ude80, \ud83d\udc69\u200d\ud83d\ude80",
        "' \u200b ', ''",
        "\u212b, \u00c5"
    })
    void normalized(String text, String expected) {
        assertThat(TextRules.normalized(text)).isEqualTo(expected);
        assertThat(TextRules.normalized(expected)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", ".", "日", "\u200ba", "\ud83d\ude00", "\ue000", "\ud83e\udee8", "x\u202ey"})
    void visible(String text) {
        assertThat(TextRules.isVisible(text)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "\u00a0",
                "\u200b\u200e",
                "\u2066",
                "\u0301",
                "\ufe0f",
                "\u3164",
                "\u2800",
                "\ufff0",
                "\uffff",
                "\udb40\udc41",
                "\n",
                "\ud834\udd73"
            })
    void notVisible(String text) {
        assertThat(TextRules.isVisible(text)).isFalse();
    }

    @Test
    void whyItCannotBeStored() {
        assertThat(TextRules.violation("fine")).isNull();
        assertThat(TextRules.violation("a\0")).isEqualTo("must not contain control characters");
        assertThat(TextRules.violation("a\ud83d")).isEqualTo("must not contain half of a surrogate pair");
    }

    @Test
    void whatCannotBeStoredIsLeftOut() {
        assertThat(TextRules.sanitize("a\0b\nc\ud83dd\ude00e", 100)).isEqualTo("abcde");
        assertThat(TextRules.sanitize("\0\1\2", 100)).isEmpty();
    }

    @Test
    void longTextIsCutButNoCharacterIsHalved() {
        assertThat(TextRules.sanitize("abcdef", 3)).isEqualTo("abc");
        assertThat(TextRules.sanitize("ab😀", 3)).isEqualTo("ab");
        assertThat(TextRules.sanitize("ab😀", 4)).isEqualTo("ab😀");
    }
}
