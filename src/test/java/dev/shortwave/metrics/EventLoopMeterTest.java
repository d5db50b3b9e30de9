package dev.shortwave.metrics;

import static org.awaitility.Awaitility.await;

import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class EventLoopMeterTest {

    @Test
    void aLoopThatStandsStillIsLateAlreadyNow() {
        EventExecutor loop = new DefaultEventExecutor();
        CountDownLatch stands = new CountDownLatch(1);
        try {
            EventLoopMeter meter = new EventLoopMeter(loop);
            loop.execute(() -> {
                try {
                    stands.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            await().until(() -> meter.lagSeconds() > 0.5);
        } finally {
            stands.countDown();
            loop.shutdownGracefully();
        }
    }
}
