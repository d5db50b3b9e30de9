package dev.shortwave.peer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shortwave.link.Target;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PeerMessageTest {

    @Test
    void whatWasEncodedIsDecoded() {
        List<PeerMessage> messages = List.of(
                new PeerMessage.Changes(
                        "one",
                        1,
                        List.of(
                                new Target("abc", 5, Target.State.ACTIVE, 1, 2L, "https://example.com/a b?c#d"),
                                new Target("def", 6, Target.State.INACTIVE, 2, null, "https://example.com/ü"),
                                Target.unknown("ghi", 7))),
                new PeerMessage.Changes("one", 2, List.of()),
                new PeerMessage.Flush("two", 3),
                new PeerMessage.Acknowledgement("three", 4),
                new PeerMessage.Beat("four", -5));
        for (PeerMessage message : messages) {
            assertThat(PeerMessage.decode(message.encode())).isEqualTo(message);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "C", "C a", "C a b", "X a 1", "C a 1 2", "A a 99999999999999999999", "\n\n"})
    void anythingElseIsNothing(String text) {
        assertThat(PeerMessage.decode(text)).isNull();
    }

    @Test
    void aLinkThatCanNotBeReadIsLeftOut() {
        Target good = new Target("abc", 5, Target.State.ACTIVE, 1, null, "https://example.com/");
        String text = new PeerMessage.Changes("one", 1, List.of(good)).encode() + "\nnothing\ndef 1 A x - y\n";
        assertThat(PeerMessage.decode(text)).isEqualTo(new PeerMessage.Changes("one", 1, List.of(good)));
    }
}
