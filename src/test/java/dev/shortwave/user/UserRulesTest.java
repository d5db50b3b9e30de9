package dev.shortwave.user;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.shortwave.error.Problem;
import dev.shortwave.error.ProblemException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UserRulesTest {

    @ParameterizedTest
    @ValueSource(strings = {"ann", "A", "Ann O'Hara", "日本", "😀", "ann@example.com", "12345"})
    void usernames(String username) {
        assertThat(UserRules.username(username)).isEqualTo(username);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\t", "\u2003", "ann\0", "ann\nbob", "\ud800", "\u00a0", "\u200b", "\u202e"})
    void whatIsNoUsername(String text) {
        Problem problem = catchThrowableOfType(ProblemException.class, () -> UserRules.username(text))
                .problem();
        assertThat(problem.kind()).isEqualTo(Problem.Kind.BAD_REQUEST);
        assertThat(problem.field()).isEqualTo("username");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a@b", "ann.o'hara+tag@mail.example.com", "ü@bücher.example"})
    void addresses(String email) {
        assertThat(UserRules.email(email)).isEqualTo(email);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "ann",
                "@",
                "ann@",
                "@example.com",
                "a@b@c",
                "a b@c",
                "a\u00a0b@c",
                "a@\u200d",
                "a@b\u2028c",
                "ann@exa mple.com",
                "a@b\n",
                "a@b\0"
            })
    void whatIsNoAddress(String text) {
        Problem problem = catchThrowableOfType(ProblemException.class, () -> UserRules.email(text))
                .problem();
        assertThat(problem.kind()).isEqualTo(Problem.Kind.BAD_REQUEST);
        assertThat(problem.field()).isEqualTo("email");
    }

    @Test
    void theSameNameWrittenDifferentlyIsOne() {
        assertThat(UserRules.username(" Rene\u0301\u00a0")).isEqualTo("Ren\u00e9");
        assertThat(UserRules.email("\u3000a@b ")).isEqualTo("a@b");
        assertThat(UserRules.emailKey("INFO@B\u00dcCHER.example")).isEqualTo("info@b\u00fccher.example");
    }

    @Test
    void lengths() {
        String username = "x".repeat(UserRules.MAX_USERNAME_LENGTH);
        assertThat(UserRules.username(username)).isEqualTo(username);
        assertThat(catchThrowableOfType(ProblemException.class, () -> UserRules.username(username + "x")))
                .hasMessage("username must have at most 150 characters");
        String email = "a@" + "x".repeat(UserRules.MAX_EMAIL_LENGTH - 2);
        assertThat(UserRules.email(email)).isEqualTo(email);
        assertThat(catchThrowableOfType(ProblemException.class, () -> UserRules.email(email + "x")))
                .hasMessage("email must have at most 254 characters");
    }
}
