package dev.shortwave.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.AppenderBase;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AccessAppenderTest {

    private static final int TOO_MANY = 1_000;

    private final LoggerContext context = context();
    private final CountDownLatch outputStands = new CountDownLatch(1);
    private final CountDownLatch outputHasOne = new CountDownLatch(1);
    private final AtomicInteger written = new AtomicInteger();
    private final AccessAppender appender = new AccessAppender();

    private void start() {
        AppenderBase<ILoggingEvent> output = new AppenderBase<>() {
            @Override
            protected void append(ILoggingEvent line) {
                outputHasOne.countDown();
                try {
                    outputStands.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                written.incrementAndGet();
            }
        };
        output.setContext(context);
        output.start();
        appender.setContext(context);
        appender.setMaxFlushTime(20_000);
        appender.addAppender(output);
        appender.start();
    }

    /** As SLF4J makes one. */
    private static LoggerContext context() {
        LoggerContext context = new LoggerContext();
        context.setMDCAdapter(new LogbackMDCAdapter());
        return context;
    }

    private LoggingEvent line() {
        return new LoggingEvent("test", context.getLogger("access"), Level.INFO, "x", null, null);
    }

    @Test
    void anOutputThatStandsHoldsNobodyUpAndEachLineLeftOutIsCounted() throws InterruptedException {
        start();
        appender.doAppend(line());
        outputHasOne.await();
        for (int line = 0; line < AccessAppender.QUEUE_SIZE + TOO_MANY; line++) {
            appender.doAppend(line());
        }
        long dropped = appender.dropped();
        outputStands.countDown();
        appender.stop();
        assertThat(dropped).isPositive();
        assertThat(written.get() + dropped).isEqualTo(1 + AccessAppender.QUEUE_SIZE + TOO_MANY);
    }
}
