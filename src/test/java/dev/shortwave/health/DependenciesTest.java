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
        assertThat(dependencies.status(Dependencies.DATABASE)).isNull();
        assertThat(dependencies.status(Dependencies.REDIS)).isNull();
    }

    @Test
    void aStateLastsFromWhenItWasFirstSeen() {
        long asked = System.nanoTime();
        dependencies.recordDatabase(true, asked);
        later();
        assertThat(dependencies.recordDatabase(true, asked + 1).since()).isEqualTo(START);
        later();
        Dependencies.Status away = dependencies.recordDatabase(false, asked + 2);
        assertThat(away.state()).isEqualTo("unavailable");
        assertThat(away.since()).isEqualTo(START.plusSeconds(2));
        assertThat(dependencies.status(Dependencies.DATABASE)).isEqualTo(away);
    }

    @Test
    void aLateAnswerToAnEarlierQuestionChangesNothing() {
        long asked = System.nanoTime();
        Dependencies.Status now = dependencies.recordDatabase(true, asked);
        later();
        assertThat(dependencies.recordDatabase(false, asked - 1)).isEqualTo(now);
        assertThat(dependencies.status(Dependencies.DATABASE)).isEqualTo(now);
    }

    @Test
    void redisIsLookedAtAndNotAsked() {
        assertThat(dependencies.checkRedis().seconds()).isEqualTo(1.5);
        later();
        redisNanoseconds.set(-1);
        assertThat(dependencies.checkRedis()).isEqualTo(dependencies.status(Dependencies.REDIS));
        assertThat(dependencies.status(Dependencies.REDIS))
                .extracting(Dependencies.Status::state, Dependencies.Status::since)
                .containsExactly("unavailable", START.plusSeconds(1));
    }

    @Test
    void theLeaseCanBeMissingWhileBothAnswer() {
        assertThat(dependencies.checkLease().state()).isEqualTo("ok");
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
                dependencies.recordDatabase(true, System.nanoTime()),
                dependencies.checkRedis(),
                dependencies.checkLease(),
                dependencies.lookAtClicks());
    }

    @Test
    void withoutRedisThereIsNoLeaseToMiss() {
        Dependencies alone = new Dependencies(clock, false, () -> -1, () -> true, () -> 0);
        assertThat(alone.checkRedis().state()).isEqualTo("disabled");
        assertThat(alone.checkLease().state()).isEqualTo("disabled");
    }
}
