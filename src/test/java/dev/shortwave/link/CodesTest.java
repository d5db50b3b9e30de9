package dev.shortwave.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.shortwave.error.Problem;
import dev.shortwave.error.ProblemException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CodesTest {

    @ParameterizedTest
    @ValueSource(
            strings = {"a", "Z", "0", "528279", "_", "-", "with-dash_and_underscore", "abcdefghijklmnopqrstuvwxyz012345"
            })
    void codes(String code) {
        assertThat(Codes.isCode(code)).isTrue();
        assertThat(Codes.custom("short_code", code)).isEqualTo(code);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "a b",
                "a.b",
                "a/b",
                "a%20b",
                "ä",
                "日本",
                "😀",
                "a\n",
                "a\0",
                "abcdefghijklmnopqrstuvwxyz0123456",
                "Ａ",
                "٣",
                "a+b"
            })
    void whatIsNoCode(String text) {
        assertThat(Codes.isCode(text)).isFalse();
        ProblemException refused =
                catchThrowableOfType(ProblemException.class, () -> Codes.custom("custom_code", text));
        assertThat(refused.problem().kind()).isEqualTo(Problem.Kind.BAD_REQUEST);
        assertThat(refused.problem().field()).isEqualTo("custom_code");
    }

    @Test
    void aPartOfAPath() {
        assertThat(Codes.isCode("/abc/", 1, 4)).isTrue();
        assertThat(Codes.isCode("/abc/", 0, 4)).isFalse();
        assertThat(Codes.isCode("/abc/", 1, 5)).isFalse();
        assertThat(Codes.isCode("/abc/", 2, 2)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "users",
                "urls",
                "events",
                "health",
                "metrics",
                "shorten",
                "stats",
                "docs",
                "admin",
                "assets",
                "problems"
            })
    void namesOfRoutesAreTaken(String name) {
        assertThat(Codes.isReserved(name)).isTrue();
        ProblemException refused = catchThrowableOfType(ProblemException.class, () -> Codes.custom("short_code", name));
        assertThat(refused.problem().kind()).isEqualTo(Problem.Kind.CODE_RESERVED);
    }

    @Test
    void codesAreCaseSensitiveSoAnotherSpellingOfARouteIsFree() {
        assertThat(Codes.custom("short_code", "Users")).isEqualTo("Users");
    }
}
