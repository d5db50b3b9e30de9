package dev.shortwave.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import dev.shortwave.config.Config;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
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

    /** Of the lines for requests. */
    public static final String ACCESS = OURS + ".access";

    private Logging() {}

    public static void configure(Config.Log config) {
        LoggerContext context = context();
        setLevel(config.level());
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        Encoder<ILoggingEvent> withFields = readableFields();
        if (config.format() == Config.LogFormat.JSON) {
            withFields = new JsonLogEncoder(instance());
            root.detachAppender(CONSOLE);
            root.addAppender(console(context, withFields));
        }
        if (!config.duplicateInterval().isZero()) {
            limitRepeats(context, root, config.duplicateInterval());
        }
        if (config.access() != Config.AccessLog.OFF) {
            writeAccess(context, console(context, withFields));
        }
    }

    /** Tells the processes of one service apart: the process id and the name of the machine, or of the container. */
    public static String instance() {
        return ManagementFactory.getRuntimeMXBean().getName();
    }

    private static void limitRepeats(LoggerContext context, Logger root, Duration interval) {
        DuplicateLogFilter limit = new DuplicateLogFilter(context, interval, System::nanoTime);
        Appender<ILoggingEvent> console = root.getAppender(CONSOLE);
        if (console != null) {
            root.detachAppender(console);
            limit.addOutput(console);
        }
        limit.start();
        root.addAppender(limit);
    }

    private static Appender<ILoggingEvent> console(LoggerContext context, Encoder<ILoggingEvent> encoder) {
        encoder.setContext(context);
        encoder.start();
        ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
        console.setContext(context);
        console.setName(CONSOLE);
        console.setEncoder(encoder);
        console.start();
        return console;
    }

    /** As logback.xml has it, with the fields of the line instead of a stack trace. */
    private static Encoder<ILoggingEvent> readableFields() {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setCharset(StandardCharsets.UTF_8);
        encoder.setPattern("%d{HH:mm:ss.SSS} %-5level %-26logger{0} %kvp{NONE}%n");
        return encoder;
    }

    /** These lines go to the console only: among the last lines of the log they would leave no room for others. */
    private static void writeAccess(LoggerContext context, Appender<ILoggingEvent> output) {
        AccessAppender appender = new AccessAppender();
        appender.setContext(context);
        appender.addAppender(output);
        appender.start();
        Logger access = context.getLogger(ACCESS);
        access.setLevel(Level.INFO);
        access.setAdditive(false);
        access.addAppender(appender);
    }

    /** Lines of requests that the output was too slow for, since the start. */
    public static long accessLinesDropped() {
        return context().getLogger(ACCESS).getAppender(AccessAppender.NAME) instanceof AccessAppender appender
                ? appender.dropped()
                : 0;
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
        if (recentLines() == null) {
            RecentLogAppender lines = new RecentLogAppender(context());
            lines.start();
            if (root.getAppender(DuplicateLogFilter.NAME) instanceof DuplicateLogFilter limit) {
                limit.addOutput(lines);
            } else {
                root.addAppender(lines);
            }
        }
    }

    /** The last lines, the oldest first; each ends with a line break. */
    public static List<String> recent() {
        RecentLogAppender lines = recentLines();
        return lines == null ? List.of() : lines.lines();
    }

    private static @Nullable RecentLogAppender recentLines() {
        Logger root = context().getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        Appender<ILoggingEvent> found = root.getAppender(DuplicateLogFilter.NAME) instanceof DuplicateLogFilter limit
                ? limit.output(RecentLogAppender.NAME)
                : root.getAppender(RecentLogAppender.NAME);
        return found instanceof RecentLogAppender lines ? lines : null;
    }

    /** After the last line: logback's own shutdown hook would run beside ours. */
    public static void stop() {
        context().stop();
    }

    private static LoggerContext context() {
        return (LoggerContext) LoggerFactory.getILoggerFactory();
    }
}
