package dev.shortwave;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shortwave.fixture.Client;
import dev.shortwave.fixture.Servers;
import dev.shortwave.fixture.ServiceTest;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The library is on the class path of everybody, and in the memory of those only who want it. */
@ServiceTest
class TracingDisabledIT {

    @TempDir
    private Path folder;

    @Test
    void withoutACollectorNothingOfOpenTelemetryIsLoaded(Servers servers) throws IOException {
        Path classes = folder.resolve("classes");
        try (Program program = new Program.Start(folder)
                .with("DATABASE_URL", servers.postgres().newDatabase().url())
                .with("JDK_JAVA_OPTIONS", "-Xlog:class+load:file=" + classes)
                .run()) {
            Client client = new Client(program.awaitReady());
            client.post(
                            "/shorten",
                            new JsonObject().put("url", "https://example.com"),
                            "traceparent",
                            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
                    .expect(201);
            assertThat(program.terminate().awaitExit()).isZero();
        }
        assertThat(Files.readString(classes))
                .contains("dev.shortwave.tracing.TraceParent")
                .doesNotContain(
                        "io.opentelemetry",
                        "dev.shortwave.tracing.LoggingSpanExporter",
                        "dev.shortwave.tracing.RateLimitingSampler",
                        "dev.shortwave.tracing.RecordedTrace",
                        "dev.shortwave.tracing.SpanTracer",
                        "dev.shortwave.tracing.Tracing ");
    }
}
