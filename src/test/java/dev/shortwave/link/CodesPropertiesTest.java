package dev.shortwave.link;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class CodesPropertiesTest {

    private final Codes codes = new Codes();

    @Property
    void generatedCodesAreCodesOfTheLength(@ForAll @IntRange(min = 1, max = Codes.LONGEST) int length) {
        String code = codes.next(length);
        assertThat(code).hasSize(length).matches("[0-9A-Za-z]+");
    }
}
