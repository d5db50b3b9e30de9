package dev.shortwave.error;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class TextRulesPropertiesTest {

    /** Storable is what survives UTF-8 and has no control characters. */
    @Property
    void whatIsKeptCanBeStored(@ForAll("texts") String text, @ForAll @IntRange(max = 50) int length) {
        String kept = TextRules.sanitize(text, length);
        assertThat(TextRules.isStorable(kept)).isTrue();
        assertThat(kept.length()).isLessThanOrEqualTo(length);
        assertThat(new String(kept.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8))
                .isEqualTo(kept);
        assertThat(kept.chars()).noneMatch(Character::isISOControl).doesNotContain(0x2028, 0x2029);
    }

    /** Storable and normalised text survives JSON, UTF-8, and another normalisation. */
    @Property
    void whatIsNormalisedStaysSo(@ForAll String text) {
        String normalized = TextRules.normalized(text);
        assertThat(TextRules.normalized(normalized)).isEqualTo(normalized);
        if (TextRules.isStorable(text)) {
            assertThat(TextRules.isStorable(normalized)).isTrue();
            assertThat(new JsonObject(JsonObject.of("text", normalized).toBuffer()).getString("text"))
                    .isEqualTo(normalized);
        }
        if (TextRules.isVisible(normalized)) {
            assertThat(normalized).isNotBlank();
        }
    }

    /** Whole and half characters beyond the first plane, controls, and letters. */
    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.of(
                        "\ud83d", "\ude00", "\ud83d\ude00", "a", "ä", "\0", "\n", "\u0085", "\u2028", "\uffff", "日")
                .list()
                .ofMaxSize(40)
                .map(parts -> String.join("", parts));
    }
}
