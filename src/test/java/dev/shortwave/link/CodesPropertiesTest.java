package dev.shortwave.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shortwave.error.ProblemException;
import java.util.HashSet;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class CodesPropertiesTest {

    private final Codes codes = new Codes();

    @Property
    void generatedCodesAreFreeCodesOfTheLength(@ForAll @IntRange(min = 1, max = Codes.MAX_LENGTH) int length) {
        for (int number = 0; number < 100; number++) {
            String code = codes.next(length);
            assertThat(code).hasSize(length).matches("[0-9A-Za-z]+");
            assertThat(Codes.isReserved(code)).isFalse();
            assertThat(Codes.custom("short_code", code)).isSameAs(code);
        }
    }

    @Example
    void generatedCodesAreSpreadOverTheWholeAlphabet() {
        Set<Integer> seen = new HashSet<>();
        Set<String> distinct = new HashSet<>();
        for (int number = 0; number < 20_000; number++) {
            String code = codes.next(6);
            code.chars().forEach(seen::add);
            distinct.add(code);
        }
        assertThat(seen).hasSize(62);
        // Of 20,000 out of 62^6 a pair meets once in 280 runs; three never do.
        assertThat(distinct).hasSizeGreaterThan(19_997);
    }

    /** Of three characters, "api" would come about eight times. */
    @Example
    void namesOfRoutesAreNeverGenerated() {
        for (int number = 0; number < 2_000_000; number++) {
            if (Codes.isReserved(codes.next(3))) {
                throw new AssertionError("a reserved code");
            }
        }
    }

    @Provide
    Arbitrary<String> nearlyCodes() {
        return Arbitraries.strings()
                .alpha()
                .numeric()
                .withChars("-_-_.~+/%: @\n\0äＡ٣".toCharArray())
                .ofMaxLength(40);
    }

    @Property
    void whatIsAcceptedIsWhatTheRuleSays(@ForAll("nearlyCodes") String text) {
        boolean fits = text.matches("[A-Za-z0-9_-]{1,32}");
        assertThat(Codes.isCode(text)).isEqualTo(fits);
        try {
            assertThat(Codes.custom("short_code", text)).isSameAs(text);
            assertThat(fits && !Codes.isReserved(text)).isTrue();
        } catch (ProblemException e) {
            assertThat(fits && !Codes.isReserved(text)).isFalse();
        }
    }
}
