package dev.shortwave.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import dev.shortwave.tracing.CurrentTrace;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

class JsonLogEncoderTest {

    private final JsonLogEncoder lines = new JsonLogEncoder("7@machine");

    private static LoggingEvent event(String logger, String message, Throwable error) {
        Logger source = new LoggerContext().getLogger(logger);
        return new LoggingEvent("test", source, Level.WARN, message, error, new Object[] {"one"});
    }

    private JsonObject encode(LoggingEvent event) {
        String line = new String(lines.encode(event), StandardCharsets.UTF_8);
        assertThat(line).endsWith("\n");
        assertThat(line.strip()).doesNotContain("\n");
        return new JsonObject(line);
    }

    @Test
    void aLineHasOnlyFieldsThatSaySomething() {
        JsonObject line = encode(event("dev.shortwave.click.recorder.ClickRecorder", "Lost {}\nand found", null));
        assertThat(line.fieldNames()).containsExactly("time", "level", "component", "message", "instance", "thread");
        assertThat(line.getInstant("time")).isNotNull();
        assertThat(line.getString("level")).isEqualTo("WARN");
        assertThat(line.getString("component")).isEqualTo("click.recorder.ClickRecorder");
        assertThat(line.getString("message")).isEqualTo("Lost one\nand found");
        assertThat(line.getString("instance")).isEqualTo("7@machine");
    }

    @Test
    void othersKeepTheirWholeName() {
        assertThat(encode(event("io.vertx.core.Vertx", "x", null)).getString("component"))
                .isEqualTo("io.vertx.core.Vertx");
    }

    @Test
    void aRequestIdAndAnErrorAreFieldsOfTheirOwn() {
        LoggingEvent event =
                event("dev.shortwave.error.ProblemMapper", "Request failed", new IllegalStateException("why"));
        event.setKeyValuePairs(List.of(new KeyValuePair("request_id", "abc"), new KeyValuePair("status", 302)));
        JsonObject line = encode(event);
        assertThat(line.getString("request_id")).isEqualTo("abc");
        assertThat(line.getValue("status")).isEqualTo(302);
        assertThat(line.getString("error")).contains("IllegalStateException: why", "JsonLogEncoderTest");
    }

    @Test
    void theTraceOfTheRequestIsAField() {
        Vertx vertx = Vertx.vertx();
        Promise<JsonObject> traced = Promise.promise();
        Promise<JsonObject> other = Promise.promise();
        try {
            ContextInternal verticle = (ContextInternal) vertx.getOrCreateContext();
            verticle.duplicate().runOnContext(request -> {
                CurrentTrace.begin("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
                traced.complete(encode(event("dev.shortwave.error.ProblemMapper", "x", null)));
            });
            verticle.duplicate()
                    .runOnContext(
                            request -> other.complete(encode(event("dev.shortwave.error.ProblemMapper", "x", null))));
            assertThat(traced.future().await().getString("trace_id")).isEqualTo("4bf92f3577b34da6a3ce929d0e0e4736");
            assertThat(other.future().await().containsKey("trace_id")).isFalse();
        } finally {
            vertx.close().await();
        }
    }
}
