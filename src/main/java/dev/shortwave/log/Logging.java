package dev.shortwave.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import dev.shortwave.config.Config;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** Applies the log settings to logback, which starts from {@code logback.xml} with readable lines. */
public final class Logging {

    private static final String CONSOLE = "console";
    /** Above all loggers of this project. */
    public static final String OURS = "dev.shortwave";

    private Logging() {}

    public static void configure(Config.Log config) {
        LoggerContext context = context();
        setLevel(config.level());
        if (config.format() != Config.LogFormat.JSON) {
            return;
        }
        // The process id and the name of the machine, or of the container.
        JsonLines encoder = new JsonLines(ManagementFactory.getRuntimeMXBean().getName());
        encoder.setContext(context);
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
        setLevel(OURS, level);
    }

    /** The level of one logger and all below it; null for that of the one above it. */
    public static void setLevel(String logger, Config.@Nullable LogLevel level) {
        context().getLogger(logger).setLevel(level == null ? null : Level.valueOf(level.name()));
    }

    /** The loggers that have a level of their own, with its name in small letters. */
    public static Map<String, String> levels() {
        Map<String, String> levels = new LinkedHashMap<>();
        for (Logger logger : context().getLoggerList()) {
            if (logger.getLevel() != null) {
                levels.put(logger.getName(), logger.getLevel().toString().toLowerCase(Locale.ROOT));
            }
        }
        return levels;
    }

    /** From now on the last lines are kept for {@link #recent}. */
    public static void keepRecent() {
        Logger root = context().getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        if (root.getAppender(RecentLines.NAME) == null) {
            RecentLines lines = new RecentLines(context());
            lines.start();
            root.addAppender(lines);
        }
    }

    /** The last lines, the oldest first; each ends with a line break. */
    public static List<String> recent() {
        return context().getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).getAppender(RecentLines.NAME)
                        instanceof RecentLines lines
                ? lines.lines()
                : List.of();
    }

    /** After the last line: logback's own shutdown hook would run beside ours. */
    public static void stop() {
        context().stop();
    }

    private static LoggerContext context() {
        return (LoggerContext) LoggerFactory.getILoggerFactory();
    }
}
