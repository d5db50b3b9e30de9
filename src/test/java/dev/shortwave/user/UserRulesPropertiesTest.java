package dev.shortwave.user;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shortwave.problem.Problem;
import dev.shortwave.problem.ProblemException;
import dev.shortwave.problem.Text;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class UserRulesPropertiesTest {

    @Property
    void whateverIsSentIsTakenNormalisedOrRefused(@ForAll String text) {
        try {
            String username = UserRules.username(text);
            assertThat(username).isEqualTo(Text.normalized(text)).isEqualTo(UserRules.username(username));
            assertThat(Text.isStorable(username)).isTrue();
            assertThat(Text.isVisible(username)).isTrue();
        } catch (ProblemException e) {
            assertThat(e.problem().kind()).isEqualTo(Problem.Kind.BAD_REQUEST);
        }
        try {
            String email = UserRules.email("a@" + text);
            assertThat(email).isEqualTo(Text.normalized("a@" + text)).isEqualTo(UserRules.email(email));
        } catch (ProblemException e) {
            assertThat(e.problem().field()).isEqualTo("email");
        }
    }
}
