package dev.shortwave.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import dev.shortwave.tracing.CurrentTrace;
import dev.shortwave.tracing.Trace;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.slf4j.event.KeyValuePair;

/**
 * One JSON object a line, with no field that says nothing: time, level, component, message, instance, thread; the
 * {@code trace_id} of the request that is being handled, if it belongs to a trace; the fields that the line was logged with,
 * such as {@code request_id}; and the stack trace as {@code error}.
 */
final class JsonLogEncoder extends EncoderBase<ILoggingEvent> {

    private static final byte[] NOTHING = {};

    private static final String TRACE_ID = "trace_id";

    private final String instance;

    /**
     * @param instance tells the processes of one service apart
     */
    JsonLogEncoder(String instance) {
        this.instance = instance;
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        JsonObject line = new JsonObject()
                .put("time", event.getInstant().toString())
                .put("level", event.getLevel().toString())
                .put("component", component(event.getLoggerName()))
                .put("message", event.getFormattedMessage())
                .put("instance", instance)
                .put("thread", event.getThreadName());
        // Of the request for which the line is written, on its own thread.
        Trace trace = CurrentTrace.get();
        if (trace != null) {
            line.put(TRACE_ID, trace.traceId());
        }
        List<KeyValuePair> fields = event.getKeyValuePairs();
        if (fields != null) {
            fields.forEach(field ->
                    line.put(field.key, field.value instanceof Number ? field.value : String.valueOf(field.value)));
        }
        IThrowableProxy error = event.getThrowableProxy();
        if (error != null) {
            line.put("error", ThrowableProxyUtil.asString(error));
        }
        return (line.encode() + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** Ours without what all of them begin with. */
    private static String component(String logger) {
        return logger.startsWith(Logging.OURS + ".") ? logger.substring(Logging.OURS.length() + 1) : logger;
    }

    @Override
    public byte[] headerBytes() {
        return NOTHING;
    }

    @Override
    public byte[] footerBytes() {
        return NOTHING;
    }
}
