package dev.shortwave.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shortwave.link.LinkTarget;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LinkTargetCodecTest {

    @Test
    void theFormatIsThatOfTheKeyPrefix() {
        // Other releases read this too: a change of it needs another default of redis.key-prefix.
        assertThat(LinkTargetCodec.encode(
                        new LinkTarget("abc", 7, LinkTarget.State.ACTIVE, 12, 3L, "https://example.com/?a=b c")))
                .isEqualTo("7 A 12 3 https://example.com/?a=b c");
        assertThat(LinkTargetCodec.encode(
                        new LinkTarget("abc", 7, LinkTarget.State.INACTIVE, 12, null, "http://a.example")))
                .isEqualTo("7 I 12 - http://a.example");
        assertThat(LinkTargetCodec.encode(LinkTarget.unknown("abc", LinkTarget.NEVER_SEEN)))
                .isEqualTo("0 U 0 - ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "7",
                "7 A 12 3",
                "x A 12 3 http://a.example",
                "7 X 12 3 http://a.example",
                "7 ACTIVE 12 3 http://a.example",
                "7 A x 3 http://a.example",
                "7 A 12 x http://a.example",
                "7 A 12  http://a.example",
                "99999999999999999999 A 12 3 http://a.example",
                "{\"version\":7}",
                "7 A 12 3 http://a.example/\r\nSet-Cookie: a=b",
                "7 A 12 3 http://a.example/\0",
                "7 A 12 3 "
            })
    void whatIsNotOursIsNothing(String value) {
        assertThat(LinkTargetCodec.decode("abc", value)).isNull();
    }
}
