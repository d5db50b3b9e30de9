package dev.shortwave.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shortwave.error.TextRules;
import dev.shortwave.link.LinkTarget;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class LinkTargetCodecPropertiesTest {

    @Property
    void whatWasEncodedIsDecoded(@ForAll("targets") LinkTarget target) {
        assertThat(LinkTargetCodec.decode(target.code(), LinkTargetCodec.encode(target)))
                .isEqualTo(target);
    }

    @Property(tries = 3000)
    void anyTextIsATargetThatMayBeAnsweredOrNothing(@ForAll("values") String value) {
        LinkTarget target = LinkTargetCodec.decode("abc", value);
        if (target != null) {
            assertThat(target.code()).isEqualTo("abc");
            assertThat(TextRules.isStorable(target.destination())).isTrue();
            assertThat(target.state() != LinkTarget.State.ACTIVE
                            || !target.destination().isEmpty())
                    .isTrue();
        }
    }

    @Provide
    Arbitrary<LinkTarget> targets() {
        Arbitrary<String> codes = Arbitraries.strings()
                .alpha()
                .numeric()
                .withChars('-', '_')
                .ofMinLength(1)
                .ofMaxLength(32);
        Arbitrary<String> destinations = Arbitraries.strings()
                .ofMinLength(1)
                .map(text -> "https://example.com/" + TextRules.sanitize(text, 100));
        Arbitrary<LinkTarget> rows = Combinators.combine(
                        codes,
                        Arbitraries.longs().greaterOrEqual(0),
                        Arbitraries.of(LinkTarget.State.ACTIVE, LinkTarget.State.INACTIVE),
                        Arbitraries.longs().greaterOrEqual(1),
                        Arbitraries.longs().greaterOrEqual(1).injectNull(0.3),
                        destinations)
                .as(LinkTarget::new);
        Arbitrary<LinkTarget> tombstones = Combinators.combine(
                        codes, Arbitraries.longs().greaterOrEqual(0))
                .as(LinkTarget::unknown);
        return Arbitraries.oneOf(rows, tombstones);
    }

    @Provide
    Arbitrary<String> values() {
        return Arbitraries.oneOf(
                Arbitraries.strings().ofMaxLength(30),
                Arbitraries.of(
                                "7",
                                "A",
                                "I",
                                "U",
                                " ",
                                "-",
                                "12",
                                "http://a.example",
                                "\r\n",
                                "\0",
                                "9223372036854775808",
                                "")
                        .list()
                        .ofMaxSize(12)
                        .map(parts -> String.join("", parts)),
                Arbitraries.of("7", "A", "I", "U", "-", "12", "http://a.example", "a\nb", "")
                        .list()
                        .ofMinSize(3)
                        .ofMaxSize(7)
                        .map(parts -> String.join(" ", parts)));
    }
}
