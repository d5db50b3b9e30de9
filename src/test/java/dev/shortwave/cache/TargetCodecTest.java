package dev.shortwave.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shortwave.link.Target;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TargetCodecTest {

    @Test
    void theFormatIsThatOfTheKeyPrefix() {
        // Other releases read this too: a change of it needs another default of redis.key-prefix.
        assertThat(TargetCodec.encode(new Target("abc", 7, Target.State.ACTIVE, 12, 3L, "https://example.com/?a=b c")))
                .isEqualTo("7 A 12 3 https://example.com/?a=b c");
        assertThat(TargetCodec.encode(new Target("abc", 7, Target.State.INACTIVE, 12, null, "http://a.example")))
                .isEqualTo("7 I 12 - http://a.example");
        assertThat(TargetCodec.encode(Target.unknown("abc", Target.NEVER_SEEN))).isEqualTo("0 U 0 - ");
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
        assertThat(TargetCodec.decode("abc", value)).isNull();
    }
}
