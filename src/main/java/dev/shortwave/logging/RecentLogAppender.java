package dev.shortwave.logging;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.CyclicBufferAppender;
import java.util.ArrayList;
import java.util.List;

/** Keeps the last lines of the log in memory, wherever else they go: who asks for them need not know where that is. */
final class RecentLogAppender extends CyclicBufferAppender<ILoggingEvent> {

    static final String NAME = "recent";

    private static final int LINES = 1_000;

    private final PatternLayout layout = new PatternLayout();

    RecentLogAppender(LoggerContext context) {
        setContext(context);
        setName(NAME);
        setMaxSize(LINES);
        layout.setContext(context);
        layout.setPattern("%d{\"yyyy-MM-dd'T'HH:mm:ss.SSSXXX\", UTC} %-5level %logger %msg%n%ex{full}");
    }

    @Override
    public void start() {
        layout.start();
        super.start();
    }

    @Override
    protected void append(ILoggingEvent event) {
        // What it was made from may change later.
        event.prepareForDeferredProcessing();
        super.append(event);
    }

    /** The oldest first. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (int at = 0; at < getLength(); at++) {
            lines.add(layout.doLayout(get(at)));
        }
        return lines;
    }
}
