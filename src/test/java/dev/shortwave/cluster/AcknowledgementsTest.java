package dev.shortwave.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AcknowledgementsTest {

    private final Acknowledgements acknowledgements = new Acknowledgements();
    private final Acknowledgements.PendingAcks awaited = acknowledgements.expect();

    @Test
    void itIsCompleteWhenAllHaveSentTheirs() {
        Future<Void> complete = awaited.expectFrom(Set.of("a", "b"));
        receive("a", awaited.number());
        assertThat(complete.isComplete()).isFalse();
        receive("c", awaited.number());
        receive("b", awaited.number() + 1);
        assertThat(complete.isComplete()).isFalse();
        receive("b", awaited.number());
        assertThat(complete.succeeded()).isTrue();
    }

    @Test
    void aWordMayComeBeforeItIsKnownWhoHasToSendOne() {
        receive("a", awaited.number());
        assertThat(awaited.expectFrom(Set.of("a")).succeeded()).isTrue();
    }

    @Test
    void nobodyHasToSendOneWhereNobodyIs() {
        assertThat(awaited.expectFrom(Set.of()).succeeded()).isTrue();
    }

    @Test
    void whoIsGoneIsNotWaitedFor() {
        Future<Void> complete = awaited.expectFrom(Set.of("a", "b"));
        awaited.retainOnly(Set.of("b", "c"));
        assertThat(awaited.missing()).containsExactly("b");
        awaited.retainOnly(Set.of());
        assertThat(complete.succeeded()).isTrue();
    }

    private void receive(String from, long number) {
        acknowledgements.received(new ClusterMessage.Acknowledgement(from, number));
    }
}
