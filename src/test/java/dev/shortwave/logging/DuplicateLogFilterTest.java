package dev.shortwave.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.read.ListAppender;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

class DuplicateLogFilterTest {

    private final LoggerContext context = context();
    private final AtomicLong now = new AtomicLong();
    private final ListAppender<ILoggingEvent> output = new ListAppender<>();
    private final DuplicateLogFilter limit = new DuplicateLogFilter(context, Duration.ofSeconds(30), now::get);

    DuplicateLogFilterTest() {
        output.start();
        limit.addOutput(output);
        limit.start();
    }

    /** As SLF4J makes one. */
    private static LoggerContext context() {
        LoggerContext context = new LoggerContext();
        context.setMDCAdapter(new LogbackMDCAdapter());
        return context;
    }

    private LoggingEvent line(Level level, String message, Throwable error, Object... arguments) {
        return new LoggingEvent("test", context.getLogger("a.Logger"), level, message, error, arguments);
    }

    private void warn(String message, Object... arguments) {
        limit.doAppend(line(Level.WARN, message, null, arguments));
    }

    private void pass(long seconds) {
        now.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
    }

    private List<String> written() {
        return output.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    @Test
    void whatRepeatsIsWrittenOnceInAnIntervalWithTheNumberLeftOut() {
        for (int second = 0; second < 60; second++) {
            warn("away for {}", second);
            pass(1);
        }
        limit.stop();
        assertThat(written())
                .containsExactly(
                        "away for 0",
                        "away for 29 (and 28 more like it since the last)",
                        "away for 59 (and 29 more like it since the last)");
    }

    @Test
    void anyLaterLineTellsWhatWasLeftOut() {
        warn("away");
        warn("away");
        pass(31);
        limit.doAppend(line(Level.INFO, "back", null));
        assertThat(written()).containsExactly("away", "away", "back");
        assertThat(output.list.get(1).getLevel()).isEqualTo(Level.WARN);
        assertThat(output.list.get(1).getLoggerName()).isEqualTo("a.Logger");
    }

    @Test
    void afterAQuietIntervalItIsNewAgain() {
        warn("away");
        pass(31);
        warn("away");
        assertThat(written()).containsExactly("away", "away");
    }

    @Test
    void linesThatDifferInDigitsAreAlike() {
        warn("no answer from 10.0.0.1:5432 for 2000 ms");
        warn("no answer from 10.0.0.2:5432 for 2100 ms");
        warn("no answer from anybody");
        assertThat(written()).containsExactly("no answer from 10.0.0.1:5432 for 2000 ms", "no answer from anybody");
    }

    @Test
    void sameWordsForOtherCausesAreOtherLines() {
        limit.doAppend(line(Level.ERROR, "failed", new IllegalStateException("one")));
        limit.doAppend(line(Level.ERROR, "failed", new IllegalArgumentException("two")));
        assertThat(output.list).hasSize(2);
    }

    @Test
    void whatIsNoWarningIsWrittenEachTime() {
        limit.doAppend(line(Level.INFO, "started", null));
        limit.doAppend(line(Level.INFO, "started", null));
        assertThat(output.list).hasSize(2);
    }

    @Test
    void whatHasARequestIdIsWrittenEachTime() {
        for (String id : List.of("abc", "def")) {
            LoggingEvent line = line(Level.ERROR, "Request {} failed", null, id);
            line.setKeyValuePairs(List.of(new KeyValuePair("request_id", id)));
            limit.doAppend(line);
        }
        assertThat(written()).containsExactly("Request abc failed", "Request def failed");
    }
}
