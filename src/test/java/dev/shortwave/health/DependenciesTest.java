package dev.shortwave.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class DependenciesTest {

    private static final Instant START = Instant.parse("2026-05-31T12:00:00Z");

    private final AtomicReference<Instant> now = new AtomicReference<>(START);
    private final AtomicLong redisNanoseconds = new AtomicLong(1_500_000_000);
    private final AtomicInteger failingSeconds = new AtomicInteger();
    private final AtomicBoolean lease = new AtomicBoolean(true);
    private final Clock clock = ((InstantSource) now::get).withZone(ZoneOffset.UTC);
    private final Dependencies dependencies =
            new Dependencies(clock, true, redisNanoseconds::get, lease::get, failingSeconds::get);

    private void later() {
        now.updateAndGet(instant -> instant.plusSeconds(1));
    }

    @Test
    void nothingIsKnownBeforeTheFirstLook() {
        assertThat(dependencies.seen(Dependencies.DATABASE)).isNull();
        assertThat(dependencies.seen(Dependencies.REDIS)).isNull();
    }

    @Test
    void aStateLastsFromWhenItWasFirstSeen() {
        long asked = System.nanoTime();
        dependencies.sawDatabase(true, asked);
        later();
        assertThat(dependencies.sawDatabase(true, asked + 1).since()).isEqualTo(START);
        later();
        Dependencies.Seen away = dependencies.sawDatabase(false, asked + 2);
        assertThat(away.state()).isEqualTo("unavailable");
        assertThat(away.since()).isEqualTo(START.plusSeconds(2));
        assertThat(dependencies.seen(Dependencies.DATABASE)).isEqualTo(away);
    }

    @Test
    void aLateAnswerToAnEarlierQuestionChangesNothing() {
        long asked = System.nanoTime();
        Dependencies.Seen now = dependencies.sawDatabase(true, asked);
        later();
        assertThat(dependencies.sawDatabase(false, asked - 1)).isEqualTo(now);
        assertThat(dependencies.seen(Dependencies.DATABASE)).isEqualTo(now);
    }

    @Test
    void redisIsLookedAtAndNotAsked() {
        assertThat(dependencies.lookAtRedis().seconds()).isEqualTo(1.5);
        later();
        redisNanoseconds.set(-1);
        assertThat(dependencies.lookAtRedis()).isEqualTo(dependencies.seen(Dependencies.REDIS));
        assertThat(dependencies.seen(Dependencies.REDIS))
                .extracting(Dependencies.Seen::state, Dependencies.Seen::since)
                .containsExactly("unavailable", START.plusSeconds(1));
    }

    @Test
    void theLeaseCanBeMissingWhileBothAnswer() {
        assertThat(dependencies.lookAtLease().state()).isEqualTo("ok");
        lease.set(false);
        HealthCheck.Report report = report();
        assertThat(report.redis().state()).isEqualTo("ok");
        assertThat(report.lease().state()).isEqualTo("unavailable");
        assertThat(report.status()).isEqualTo("degraded");
    }

    @Test
    void healthKnowsThatBookingFailsWhilePostgresAnswers() {
        failingSeconds.set(30);
        assertThat(report().clicks().state()).isEqualTo("ok");
        assertThat(report().status()).isEqualTo("ok");
        failingSeconds.set(31);
        assertThat(report().database().state()).isEqualTo("ok");
        assertThat(report().clicks().state()).isEqualTo("unavailable");
        assertThat(report().status()).isEqualTo("degraded");
        assertThat(report().isAvailable()).isTrue();
    }

    @Test
    void theClockOfPostgresIsComparedWithOurs() {
        assertThat(dependencies.clockOffsetSeconds()).isNaN();
        dependencies.sawClock(START.plusSeconds(7200), System.nanoTime());
        assertThat(dependencies.clockOffsetSeconds()).isBetween(7199.0, 7210.0);
    }

    private HealthCheck.Report report() {
        return new HealthCheck.Report(
                dependencies.sawDatabase(true, System.nanoTime()),
                dependencies.lookAtRedis(),
                dependencies.lookAtLease(),
                dependencies.lookAtClicks());
    }

    @Test
    void withoutRedisThereIsNoLeaseToMiss() {
        Dependencies alone = new Dependencies(clock, false, () -> -1, () -> true, () -> 0);
        assertThat(alone.lookAtRedis().state()).isEqualTo("disabled");
        assertThat(alone.lookAtLease().state()).isEqualTo("disabled");
    }
}
