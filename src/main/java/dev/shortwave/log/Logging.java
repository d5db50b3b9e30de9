package dev.shortwave.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import dev.shortwave.config.Config;
import org.slf4j.LoggerFactory;

/** Applies the log settings to logback, which starts from {@code logback.xml} with readable lines. */
public final class Logging {

    private static final String CONSOLE = "console";
    private static final String OURS = "dev.shortwave";

    private Logging() {}

    public static void configure(Config.Log config) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        setLevel(config.level());
        if (config.format() != Config.LogFormat.JSON) {
            return;
        }
        JsonEncoder encoder = new JsonEncoder();
        encoder.setContext(context);
        encoder.setWithSequenceNumber(false);
        encoder.setWithNanoseconds(false);
        encoder.setWithContext(false);
        encoder.setWithMessage(false);
        encoder.setWithFormattedMessage(true);
        encoder.start();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setContext(context);
        appender.setName(CONSOLE);
        appender.setEncoder(encoder);
        appender.start();
        root.detachAppender(CONSOLE);
        root.addAppender(appender);
    }

    /** The level of everything that is ours. */
    public static void setLevel(Config.LogLevel level) {
        ((LoggerContext) LoggerFactory.getILoggerFactory()).getLogger(OURS).setLevel(Level.valueOf(level.name()));
    }

    /** After the last line: logback's own shutdown hook would run beside ours. */
    public static void stop() {
        ((LoggerContext) LoggerFactory.getILoggerFactory()).stop();
    }
}
