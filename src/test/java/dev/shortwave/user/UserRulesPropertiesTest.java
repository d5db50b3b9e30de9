package dev.shortwave.user;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shortwave.problem.Problem;
import dev.shortwave.problem.ProblemException;
import dev.shortwave.problem.Text;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class UserRulesPropertiesTest {

    @Property
    void whateverIsSentIsTakenAsItIsOrRefused(@ForAll String text) {
        try {
            assertThat(UserRules.username(text)).isSameAs(text);
            assertThat(Text.isStorable(text)).isTrue();
            assertThat(text).isNotBlank();
        } catch (ProblemException e) {
            assertThat(e.problem().kind()).isEqualTo(Problem.Kind.BAD_REQUEST);
        }
        try {
            assertThat(UserRules.email("a@" + text)).isEqualTo("a@" + text);
        } catch (ProblemException e) {
            assertThat(e.problem().field()).isEqualTo("email");
        }
    }
}
