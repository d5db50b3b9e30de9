package dev.shortwave.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shortwave.error.ProblemException;
import dev.shortwave.tracing.CurrentTrace;
import dev.shortwave.tracing.Trace;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.internal.ContextInternal;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BusTest {

    private static final long PATIENCE_SECONDS = 20;
    private static final String TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    private final Vertx vertx = Vertx.vertx();

    @BeforeEach
    void register() {
        Codecs.registerAll(vertx.eventBus());
    }

    @AfterEach
    void close() {
        vertx.close().await();
    }

    /** A consumer on an event loop of its own, that answers with a number of links. */
    private final class Server {

        private final Promise<Context> context = Promise.promise();
        private final Promise<MessageConsumer<WarmCache>> consumer = Promise.promise();

        Server(long answer) {
            vertx.deployVerticle(own -> {
                        consumer.complete(Bus.serve(
                                vertx.eventBus(),
                                Addresses.CACHE_WARM,
                                (WarmCache request) -> Future.succeededFuture(new WarmCache.Result(answer, 0))));
                        context.complete(own);
                        return Future.succeededFuture();
                    })
                    .await();
        }
    }

    @Test
    void aRequestThatAnUnregisteredConsumerDidNotReceiveGoesToAnother() throws Exception {
        Server retiring = new Server(1);
        new Server(2);
        Bus bus = new Bus(vertx.eventBus(), Duration.ofSeconds(PATIENCE_SECONDS), 10);
        CountDownLatch sent = new CountDownLatch(1);
        retiring.context.future().await().runOnContext(busy -> await(sent));
        List<Future<WarmCache.Result>> answers = IntStream.range(0, 4)
                .mapToObj(each -> bus.request(new WarmCache()))
                .toList();
        Future<Void> unregistered = retiring.consumer.future().await().unregister();
        sent.countDown();
        unregistered.await();
        for (Future<WarmCache.Result> answer : answers) {
            assertThat(answer.await(PATIENCE_SECONDS, TimeUnit.SECONDS).links()).isEqualTo(2);
        }
    }

    @Test
    void aRequestThatTimedOutIsNotRetried() {
        vertx.deployVerticle(own -> {
                    Bus.serve(
                            vertx.eventBus(),
                            Addresses.CACHE_WARM,
                            (WarmCache request) ->
                                    Promise.<WarmCache.Result>promise().future());
                    return Future.succeededFuture();
                })
                .await();
        Bus bus = new Bus(vertx.eventBus(), Duration.ofMillis(50), 10);
        assertThatThrownBy(() -> bus.request(new WarmCache()).await(PATIENCE_SECONDS, TimeUnit.SECONDS))
                .isInstanceOf(ProblemException.class);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void theTraceIsPropagatedAndEndsWithTheRequest() throws Exception {
        Queue<String> seen = new ConcurrentLinkedQueue<>();
        Bus.serve(vertx.eventBus(), Addresses.CACHE_WARM, (WarmCache request) -> {
            Trace trace = CurrentTrace.get();
            seen.add(trace == null ? "none" : trace.header());
            return Future.succeededFuture(new WarmCache.Result(0, 0));
        });
        Bus bus = new Bus(vertx.eventBus(), Duration.ofSeconds(PATIENCE_SECONDS), 10);
        ContextInternal verticle = (ContextInternal) vertx.getOrCreateContext();
        for (String header : List.of(TRACE, "malformed", "")) {
            Promise<WarmCache.Result> answered = Promise.promise();
            verticle.duplicate().runOnContext(request -> {
                CurrentTrace.begin(header);
                bus.request(new WarmCache()).onComplete(answered);
            });
            answered.future().await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
        assertThat(seen).containsExactly(TRACE, "none", "none");
    }
}
