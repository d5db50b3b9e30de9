package dev.shortwave.user;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shortwave.error.Problem;
import dev.shortwave.error.ProblemException;
import dev.shortwave.error.TextRules;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class UserRulesPropertiesTest {

    @Property
    void whateverIsSentIsTakenNormalisedOrRefused(@ForAll String text) {
        try {
            String username = UserRules.username(text);
            assertThat(username).isEqualTo(TextRules.normalized(text)).isEqualTo(UserRules.username(username));
            assertThat(TextRules.isStorable(username)).isTrue();
            assertThat(TextRules.isVisible(username)).isTrue();
        } catch (ProblemException e) {
            assertThat(e.problem().kind()).isEqualTo(Problem.Kind.BAD_REQUEST);
        }
        try {
            String email = UserRules.email("a@" + text);
            assertThat(email).isEqualTo(TextRules.normalized("a@" + text)).isEqualTo(UserRules.email(email));
        } catch (ProblemException e) {
            assertThat(e.problem().field()).isEqualTo("email");
        }
    }
}
