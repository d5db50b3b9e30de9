package dev.shortwave.problem;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class TextPropertiesTest {

    /** Storable is what survives UTF-8 and has no control characters. */
    @Property
    void whatIsKeptCanBeStored(@ForAll String text, @ForAll @IntRange(max = 50) int length) {
        String kept = Text.storable(text, length);
        assertThat(Text.isStorable(kept)).isTrue();
        assertThat(kept.length()).isLessThanOrEqualTo(length);
        assertThat(new String(kept.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8))
                .isEqualTo(kept);
        assertThat(kept.chars()).noneMatch(Character::isISOControl);
    }
}
