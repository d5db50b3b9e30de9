package dev.shortwave.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shortwave.bus.Addresses;
import dev.shortwave.bus.Bus;
import dev.shortwave.bus.Codecs;
import dev.shortwave.bus.PingStorage;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HealthCheckTest {

    private static final long PATIENCE_SECONDS = 20;

    private final Vertx vertx = Vertx.vertx();
    private final Context eventLoop = vertx.getOrCreateContext();
    private final BlockingQueue<Promise<Instant>> questions = new LinkedBlockingQueue<>();
    private final HealthCheck health = new HealthCheck(
            new Bus(vertx.eventBus(), Duration.ofSeconds(PATIENCE_SECONDS), 10),
            new Dependencies(Clock.systemUTC(), false, () -> -1, () -> true, () -> 0));

    @BeforeEach
    void holdAnswersBack() {
        Codecs.registerAll(vertx.eventBus());
        Bus.serve(vertx.eventBus(), Addresses.STORAGE_PING, (PingStorage request) -> {
            Promise<Instant> answer = Promise.promise();
            questions.add(answer);
            return answer.future();
        });
    }

    @AfterEach
    void close() {
        vertx.close().await();
    }

    private Future<HealthCheck.Report> ask() {
        Promise<HealthCheck.Report> report = Promise.promise();
        eventLoop.runOnContext(on -> health.report().onComplete(report));
        return report.future();
    }

    private Promise<Instant> nextQuestion() throws InterruptedException {
        Promise<Instant> question = questions.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(question).isNotNull();
        return question;
    }

    private static HealthCheck.Report reportOf(Future<HealthCheck.Report> report) throws Exception {
        return report.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    @Test
    void whoAsksWhileAnAnswerIsAwaitedAddsNoQuestion() throws Exception {
        Future<HealthCheck.Report> first = ask();
        Future<HealthCheck.Report> second = ask();
        nextQuestion().complete(Instant.now());
        assertThat(reportOf(first).isAvailable()).isTrue();
        assertThat(reportOf(second)).isEqualTo(reportOf(first));
        assertThat(questions).isEmpty();
    }

    @Test
    void whoAsksAfterwardsHasAQuestionOfItsOwn() throws Exception {
        Future<HealthCheck.Report> before = ask();
        nextQuestion().complete(Instant.now());
        assertThat(reportOf(before).isAvailable()).isTrue();

        Future<HealthCheck.Report> after = ask();
        nextQuestion().fail("gone");
        assertThat(reportOf(after).isAvailable()).isFalse();
    }
}
