package dev.shortwave.click;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shortwave.bus.Addresses;
import dev.shortwave.bus.ClicksAvailable;
import dev.shortwave.bus.Codecs;
import dev.shortwave.config.Config;
import dev.shortwave.link.Target;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
class ClickBufferTest {

    private static final int BOUND = 10;

    private final AtomicInteger wakes = new AtomicInteger();
    private ClickBuffer buffer;

    @BeforeEach
    void makeBuffer(Vertx vertx) {
        Codecs.registerAll(vertx.eventBus());
        vertx.eventBus().<ClicksAvailable>localConsumer(Addresses.CLICKS_AVAILABLE, wake -> wakes.incrementAndGet());
        buffer = new ClickBuffer(vertx, new Config.Clicks(5, BOUND, Duration.ofMillis(10)));
    }

    @Test
    void aRedirectWaitsUntilItsClickIsBooked() {
        Future<Void> first = buffer.append(click(1));
        Future<Void> second = buffer.append(click(2));
        assertThat(buffer.waiting()).isEqualTo(2);
        List<ClickBuffer.Entry> batch = buffer.take(1);
        assertThat(batch).extracting(entry -> entry.click().target().linkId()).containsExactly(1L);
        assertThat(first.isComplete()).isFalse();
        buffer.settleBooked(batch);
        await().until(first::succeeded);
        assertThat(second.isComplete()).isFalse();
        assertThat(buffer.waiting()).isEqualTo(1);
        assertThat(buffer.booked()).isEqualTo(1);
        buffer.settleBooked(buffer.take(5));
        await().until(second::succeeded);
    }

    @Test
    void clicksKeepTheirOrder() {
        append(7);
        assertThat(buffer.take(5))
                .extracting(entry -> entry.click().target().linkId())
                .containsExactly(1L, 2L, 3L, 4L, 5L);
        assertThat(buffer.take(5))
                .extracting(entry -> entry.click().target().linkId())
                .containsExactly(6L, 7L);
        assertThat(buffer.take(5)).isEmpty();
    }

    @Test
    void theRecorderIsWokenOnceUntilItRests() {
        append(3);
        await().untilAtomic(wakes, org.hamcrest.Matchers.is(1));
        assertThat(buffer.mayRest()).as("clicks wait").isFalse();
        buffer.settleBooked(buffer.take(5));
        assertThat(buffer.mayRest()).isTrue();
        append(1);
        await().untilAtomic(wakes, org.hamcrest.Matchers.is(2));
    }

    @Test
    void beyondTheBoundClicksAreLostAndRedirectsGoOn() {
        append(BOUND);
        Future<Void> refused = buffer.append(click(11));
        assertThat(refused.succeeded()).isTrue();
        assertThat(buffer.lost()).isEqualTo(1);
        assertThat(buffer.waiting()).isEqualTo(BOUND);
        buffer.settleBooked(buffer.take(1));
        assertThat(buffer.append(click(12)).isComplete()).isFalse();
        assertThat(buffer.lost()).isEqualTo(1);
    }

    /** What was taken is still in memory: the bound holds for it too. */
    @Test
    void theBoundCountsWhatTheRecorderHasInHand() {
        append(BOUND);
        buffer.take(5);
        buffer.append(click(11));
        assertThat(buffer.lost()).isEqualTo(1);
    }

    @Test
    void whilePostgresIsAwayRedirectsDoNotWaitAndClicksAreKept() {
        List<Future<Void>> appended = append(4);
        List<ClickBuffer.Entry> inHand = buffer.take(2);
        buffer.setSinkAway(true, inHand);
        await().until(() -> appended.stream().allMatch(Future::succeeded));
        assertThat(buffer.append(click(5)).succeeded()).isTrue();
        assertThat(buffer.waiting()).isEqualTo(5);
        assertThat(buffer.lost()).isZero();
        buffer.setSinkAway(false, List.of());
        assertThat(buffer.append(click(6)).isComplete()).isFalse();
        buffer.settleBooked(inHand);
        buffer.settleBooked(buffer.take(5));
        assertThat(buffer.booked()).isEqualTo(6);
        assertThat(buffer.waiting()).isZero();
    }

    @Test
    void aRefusedClickIsLostAndItsRedirectGoesOn() {
        Future<Void> appended = buffer.append(click(1));
        buffer.settleLost(buffer.take(1));
        await().until(appended::succeeded);
        assertThat(buffer.lost()).isEqualTo(1);
        assertThat(buffer.booked()).isZero();
    }

    @Test
    void aFlushOfNothingPassesAtOnce() {
        Future<Void> flushed = buffer.flush();
        await().until(flushed::succeeded);
    }

    @Test
    void aFlushWaitsForTheClicksBeforeItAndForNoOthers() {
        append(2);
        Future<Void> flushed = buffer.flush();
        append(2);
        buffer.settleBooked(buffer.take(1));
        assertThat(stays(flushed)).isTrue();
        buffer.settleBooked(buffer.take(1));
        await().until(flushed::succeeded);
        assertThat(buffer.waiting()).isEqualTo(2);
    }

    @Test
    void aLostClickHoldsUpNoFlush() {
        append(BOUND + 3);
        Future<Void> flushed = buffer.flush();
        buffer.settleLost(buffer.take(BOUND));
        await().until(flushed::succeeded);
    }

    @Test
    void manyThreadsAndOneRecorderLoseNothing(Vertx vertx) throws Exception {
        int threads = 4;
        int each = 20_000;
        ClickBuffer large = new ClickBuffer(vertx, new Config.Clicks(100, threads * each, Duration.ofMillis(10)));
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        AtomicInteger running = new AtomicInteger(threads);
        for (int thread = 0; thread < threads; thread++) {
            pool.execute(() -> {
                for (int number = 0; number < each; number++) {
                    large.append(click(number));
                }
                running.decrementAndGet();
            });
        }
        long taken = 0;
        while (running.get() > 0 || large.waiting() > 0) {
            List<ClickBuffer.Entry> batch = large.take(100);
            taken += batch.size();
            large.settleBooked(batch);
        }
        pool.shutdown();
        assertThat(pool.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        assertThat(taken).isEqualTo((long) threads * each);
        assertThat(large.booked()).isEqualTo(taken);
        assertThat(large.lost()).isZero();
        Future<Void> flushed = large.flush();
        await().until(flushed::succeeded);
    }

    private List<Future<Void>> append(int count) {
        List<Future<Void>> appended = new ArrayList<>();
        for (int number = 1; number <= count; number++) {
            appended.add(buffer.append(click(number)));
        }
        return appended;
    }

    private static boolean stays(Future<Void> future) {
        try {
            Thread.sleep(50);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return !future.isComplete();
    }

    private static Click click(long linkId) {
        return Click.of(
                new Target("abc", 1, Target.State.ACTIVE, linkId, null, "https://example.com"),
                Instant.EPOCH,
                null,
                null);
    }
}
