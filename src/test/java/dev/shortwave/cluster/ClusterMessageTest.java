package dev.shortwave.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shortwave.link.LinkTarget;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClusterMessageTest {

    @Test
    void whatWasEncodedIsDecoded() {
        List<ClusterMessage> messages = List.of(
                new ClusterMessage.Invalidation(
                        "one",
                        1,
                        List.of(
                                new LinkTarget("abc", 5, LinkTarget.State.ACTIVE, 1, 2L, "https://example.com/a b?c#d"),
                                new LinkTarget("def", 6, LinkTarget.State.INACTIVE, 2, null, "https://example.com/ü"),
                                LinkTarget.unknown("ghi", 7))),
                new ClusterMessage.Invalidation("one", 2, List.of()),
                new ClusterMessage.Flush("two", 3),
                new ClusterMessage.Acknowledgement("three", 4),
                new ClusterMessage.Heartbeat("four", -5));
        for (ClusterMessage message : messages) {
            assertThat(ClusterMessage.decode(message.encode())).isEqualTo(message);
        }
    }

    /** JVMs of an earlier release read these. */
    @Test
    void theTextOfAMessageStays() {
        assertThat(new ClusterMessage.Invalidation("one", 1, List.of(LinkTarget.unknown("ghi", 7))).encode())
                .startsWith("C one 1\nghi 7 ");
        assertThat(new ClusterMessage.Flush("two", 3).encode()).isEqualTo("F two 3");
        assertThat(new ClusterMessage.Acknowledgement("three", 4).encode()).isEqualTo("A three 4");
        assertThat(new ClusterMessage.Heartbeat("four", -5).encode()).isEqualTo("B four -5");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "C", "C a", "C a b", "X a 1", "C a 1 2", "A a 99999999999999999999", "\n\n"})
    void anythingElseIsNothing(String text) {
        assertThat(ClusterMessage.decode(text)).isNull();
    }

    @Test
    void aLinkThatCanNotBeReadIsLeftOut() {
        LinkTarget good = new LinkTarget("abc", 5, LinkTarget.State.ACTIVE, 1, null, "https://example.com/");
        String text = new ClusterMessage.Invalidation("one", 1, List.of(good)).encode() + "\nnothing\ndef 1 A x - y\n";
        assertThat(ClusterMessage.decode(text)).isEqualTo(new ClusterMessage.Invalidation("one", 1, List.of(good)));
    }
}
