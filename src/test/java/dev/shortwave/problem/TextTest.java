package dev.shortwave.problem;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextTest {

    @ParameterizedTest
    @ValueSource(strings = {"", "plain", "äöü", "日本", "😀", "a😀b", "\u00a0", "\u200b"})
    void storable(String text) {
        assertThat(Text.isStorable(text)).isTrue();
        assertThat(Text.storable(text, 100)).isSameAs(text);
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
                "\ud83d",
                "\ude00",
                "\ude00\ud83d",
                "a\ud83d"
            })
    void notStorable(String text) {
        assertThat(Text.isStorable(text)).isFalse();
    }

    @Test
    void whyItCannotBeStored() {
        assertThat(Text.violation("fine")).isNull();
        assertThat(Text.violation("a\0")).isEqualTo("must not contain control characters");
        assertThat(Text.violation("a\ud83d")).isEqualTo("must not contain half of a surrogate pair");
    }

    @Test
    void whatCannotBeStoredIsLeftOut() {
        assertThat(Text.storable("a\0b\nc\ud83dd\ude00e", 100)).isEqualTo("abcde");
        assertThat(Text.storable("\0\1\2", 100)).isEmpty();
    }

    @Test
    void longTextIsCutButNoCharacterIsHalved() {
        assertThat(Text.storable("abcdef", 3)).isEqualTo("abc");
        assertThat(Text.storable("ab😀", 3)).isEqualTo("ab");
        assertThat(Text.storable("ab😀", 4)).isEqualTo("ab😀");
    }
}
