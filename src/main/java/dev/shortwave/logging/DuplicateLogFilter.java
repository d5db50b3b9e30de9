package dev.shortwave.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.AppenderBase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Writes a warning that repeats once in an interval, and then the last one with the number of those that were left out: an
 * outage must not bury what else there is to read. Lines are alike if they come from one logger and differ in arguments or
 * digits only. Lines with fields are written each: they are what somebody looks for by its request id. For any thread.
 */
final class DuplicateLogFilter extends AppenderBase<ILoggingEvent> {

    static final String NAME = "repeats";

    /** Of different lines at one time; what is beyond that is written. */
    private static final int MAX_KINDS = 1_000;

    private static final Pattern DIGITS = Pattern.compile("\\d+");

    private final LoggerContext logback;
    private final Duration interval;
    private final LongSupplier nanoseconds;
    private final List<Appender<ILoggingEvent>> outputs = new ArrayList<>();
    private final Map<Kind, Repeats> kindToRepeats = new LinkedHashMap<>();

    /** Lines that are alike. The same words may have different causes. */
    private record Kind(
            String logger,
            String message,
            @Nullable String error,
            @Nullable StackTraceElementProxy at) {

        static Kind of(ILoggingEvent line) {
            IThrowableProxy error = line.getThrowableProxy();
            StackTraceElementProxy[] frames = error == null ? null : error.getStackTraceElementProxyArray();
            return new Kind(
                    line.getLoggerName(),
                    DIGITS.matcher(String.valueOf(line.getMessage())).replaceAll("#"),
                    error == null ? null : error.getClassName(),
                    frames == null || frames.length == 0 ? null : frames[0]);
        }
    }

    /** What was left out since a line was written. */
    private static final class Repeats {

        private long writtenAt;
        private int leftOut;
        private @Nullable ILoggingEvent last;

        Repeats(long writtenAt) {
            this.writtenAt = writtenAt;
        }
    }

    /**
     * @param nanoseconds the time, of any origin
     */
    DuplicateLogFilter(LoggerContext logback, Duration interval, LongSupplier nanoseconds) {
        this.logback = logback;
        this.interval = interval;
        this.nanoseconds = nanoseconds;
        setContext(logback);
        setName(NAME);
    }

    /** One more place to write to. */
    synchronized void addOutput(Appender<ILoggingEvent> output) {
        outputs.add(output);
    }

    /** The place of this name, or null. */
    synchronized @Nullable Appender<ILoggingEvent> output(String name) {
        return outputs.stream()
                .filter(output -> name.equals(output.getName()))
                .findFirst()
                .orElse(null);
    }

    @Override
    protected void append(ILoggingEvent line) {
        long now = nanoseconds.getAsLong();
        emitSuppressed(now);
        if (!line.getLevel().isGreaterOrEqual(Level.WARN) || line.getKeyValuePairs() != null) {
            write(line);
            return;
        }
        Kind kind = Kind.of(line);
        Repeats repeats = kindToRepeats.get(kind);
        if (repeats != null) {
            line.prepareForDeferredProcessing();
            repeats.last = line;
            repeats.leftOut++;
            return;
        }
        if (kindToRepeats.size() < MAX_KINDS) {
            kindToRepeats.put(kind, new Repeats(now));
        }
        write(line);
    }

    /** There need not be a timer: what follows an outage is a line too. */
    private void emitSuppressed(long now) {
        Iterator<Repeats> all = kindToRepeats.values().iterator();
        while (all.hasNext()) {
            Repeats repeats = all.next();
            if (now - repeats.writtenAt >= interval.toNanos()) {
                if (repeats.last == null) {
                    all.remove();
                } else {
                    emit(repeats, now);
                }
            }
        }
    }

    private void emit(Repeats repeats, long now) {
        ILoggingEvent last = repeats.last;
        if (last != null) {
            String others =
                    repeats.leftOut == 1 ? "" : " (and " + (repeats.leftOut - 1) + " more like it since the last)";
            LoggingEvent line = new LoggingEvent(
                    DuplicateLogFilter.class.getName(),
                    logback.getLogger(last.getLoggerName()),
                    last.getLevel(),
                    last.getFormattedMessage() + others,
                    null,
                    null);
            line.setThreadName(last.getThreadName());
            write(line);
        }
        repeats.writtenAt = now;
        repeats.leftOut = 0;
        repeats.last = null;
    }

    private void write(ILoggingEvent line) {
        outputs.forEach(output -> output.doAppend(line));
    }

    @Override
    public synchronized void stop() {
        kindToRepeats.values().forEach(repeats -> emit(repeats, repeats.writtenAt));
        kindToRepeats.clear();
        super.stop();
        outputs.forEach(Appender::stop);
    }
}
