package dev.shortwave.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shortwave.config.BuildInfo;
import dev.shortwave.fixture.Answer;
import dev.shortwave.fixture.Client;
import dev.shortwave.fixture.LogLines;
import dev.shortwave.fixture.Servers;
import dev.shortwave.fixture.Service;
import dev.shortwave.fixture.ServiceBuilder;
import dev.shortwave.fixture.ServiceTest;
import dev.shortwave.fixture.TraceCollector;
import dev.shortwave.fixture.TraceCollector.Seen;
import dev.shortwave.logging.Logging;
import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

@ServiceTest
class TracingTest {

    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String CALLER = "00f067aa0ba902b7";
    private static final String WISH = "00-" + TRACE + "-" + CALLER + "-01";

    private final Servers servers;

    TracingTest(Servers servers) {
        this.servers = servers;
    }

    /** None but those whose caller asks for it. */
    private ServiceBuilder tracing(String url) {
        return servers.service().set("tracing.endpoint", url).set("tracing.sampling-ratio", "0.000001");
    }

    private static double metric(Service service, String name) {
        Matcher value = Pattern.compile("(?m)^shortwave_spans_" + name + "_total(?:\\{.*})? (\\S+)$")
                .matcher(service.management().get("/metrics").expect(200).text());
        assertThat(value.find()).as("metric %s", name).isTrue();
        return Double.parseDouble(value.group(1));
    }

    @Test
    void aCallersTraceGoesOnDownToTheStatements() {
        try (TraceCollector collector = new TraceCollector();
                Service service =
                        tracing(collector.url()).set("log.access", "on").start();
                LogLines lines = new LogLines(Logging.ACCESS)) {
            String secret = "https://example.com/" + Client.word() + "?token=s3cret";
            Answer answer = service.post(
                            "/shorten?key=s3cret", new JsonObject().put("url", secret), "traceparent", WISH)
                    .expect(201);

            Seen request = collector.span("POST /shorten");
            Seen sent = collector.span("send links.create");
            Seen processed = collector.span("process links.create");
            Seen insert = collector.spans().stream()
                    .filter(span -> span.kind() == SpanKind.SPAN_KIND_CLIENT)
                    .findFirst()
                    .orElseThrow();
            assertThat(List.of(request, sent, processed, insert))
                    .extracting(Seen::traceId)
                    .containsOnly(TRACE);
            assertThat(request.parentId()).isEqualTo(CALLER);
            assertThat(sent.parentId()).isEqualTo(request.id());
            assertThat(processed.parentId()).isEqualTo(sent.id());
            assertThat(insert.parentId()).isEqualTo(processed.id());
            assertThat(request.kind()).isEqualTo(SpanKind.SPAN_KIND_SERVER);
            assertThat(request.attributes())
                    .containsEntry("http.request.method", "POST")
                    .containsEntry("http.route", "/shorten")
                    .containsEntry("http.response.status_code", "201")
                    .containsEntry("shortwave.request_id", answer.header("X-Request-Id"))
                    .hasSize(4);
            assertThat(insert.attributes())
                    .containsEntry("db.system.name", "postgresql")
                    .hasEntrySatisfying(
                            "db.query.text", text -> assertThat(text).contains("INSERT INTO urls", "$1"));
            assertThat(collector.resource())
                    .containsEntry("service.name", "shortwave")
                    .containsEntry("service.version", BuildInfo.current().version())
                    .containsEntry("service.instance.id", Logging.instance());
            assertThat(collector.everything()).doesNotContain("s3cret", "127.0.0.1", "example.com");
            await().untilAsserted(() -> assertThat(lines.fields())
                    .singleElement()
                    .satisfies(line -> assertThat(line).containsEntry("trace_id", TRACE)));
        }
    }

    @Test
    void aCommandToRedisIsNamedAndNothingMoreIsSaidOfIt() {
        try (TraceCollector collector = new TraceCollector();
                Service service = tracing(collector.url()).withRedis().start()) {
            Answer answer = service.post(
                            "/shorten", new JsonObject().put("url", "https://example.com"), "traceparent", WISH)
                    .expect(201);
            collector.span("POST /shorten");
            assertThat(collector.spans())
                    .filteredOn(span -> "redis".equals(span.attributes().get("db.system.name")))
                    .isNotEmpty()
                    .allSatisfy(span ->
                            assertThat(span.attributes()).containsOnlyKeys("db.system.name", "db.operation.name"))
                    .extracting(Seen::traceId)
                    .containsOnly(TRACE);
            assertThat(collector.everything()).doesNotContain(answer.json().getString("short_code"));
        }
    }

    @Test
    void aFailureIsNamedByItsKindAlone() {
        try (TraceCollector collector = new TraceCollector();
                Service service = tracing(collector.url()).start()) {
            service.database()
                    .execute("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION"
                            + " 'refused: %', NEW.original_url USING ERRCODE = 'query_canceled'; END $$");
            service.database()
                    .execute("CREATE TRIGGER refuse BEFORE INSERT ON urls FOR EACH ROW EXECUTE FUNCTION refuse()");
            service.post("/shorten", new JsonObject().put("url", "https://example.com/secret"), "traceparent", WISH)
                    .problem(503);
            assertThat(collector.span("POST /shorten").attributes()).containsEntry("http.response.status_code", "503");
            assertThat(collector.spans())
                    .extracting(span -> span.attributes().get("error.type"))
                    .contains("io.vertx.pgclient.PgException");
            assertThat(collector.everything()).doesNotContain("secret", "refused");
        }
    }

    @Test
    void aRequestWithoutATraceHasOneOfItsOwn() {
        try (TraceCollector collector = new TraceCollector();
                Service service = tracing(collector.url())
                        .set("tracing.sampling-ratio", "1")
                        .set("log.access", "on")
                        .start();
                LogLines lines = new LogLines(Logging.ACCESS)) {
            service.get("/nosuchcode").problem(404);
            Seen redirect = collector.span("GET /:code");
            assertThat(redirect.parentId()).isEmpty();
            await().untilAsserted(() -> assertThat(lines.fields())
                    .singleElement()
                    .satisfies(line -> assertThat(line).containsEntry("trace_id", redirect.traceId())));
        }
    }

    @Test
    void eachSpanOfARedirectEndsAndIsSentOnce() {
        int requests = 200;
        try (TraceCollector collector = new TraceCollector();
                Service service = tracing(collector.url())
                        .set("tracing.sampling-ratio", "1")
                        .start()) {
            String path = "/" + service.newLink().getString("short_code");
            for (int request = 0; request < requests; request++) {
                service.get(path).expect(302);
            }
            // A client that goes away before it is answered; the connection after it.
            service.raw("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            await().untilAsserted(() -> assertThat(collector.spans())
                    .filteredOn(span -> span.name().equals("GET /:code"))
                    .hasSize(requests + 1)
                    .allSatisfy(span -> assertThat(span.attributes())
                            .containsEntry("http.response.status_code", "302")
                            .containsEntry("shortwave.cache", "HIT")));
            // The recorder is told of the click, and works for all requests.
            assertThat(collector.spans()).noneMatch(span -> span.name().contains("clicks"));
            Set<String> ids = new HashSet<>();
            assertThat(collector.spans()).allMatch(span -> ids.add(span.id()));
            assertThat(metric(service, "ended")).isEqualTo(metric(service, "exported"));
        }
    }

    @Test
    void whatIsNotSampledHasNone() {
        try (TraceCollector collector = new TraceCollector();
                Service service = tracing(collector.url())
                        .set("tracing.max-remote-sampled-per-second", "0")
                        .start()) {
            for (int request = 0; request < 100; request++) {
                service.get("/urls", "traceparent", WISH).expect(200);
            }
            service.close();
            // By chance, one in a million.
            assertThat(collector.spans()).hasSizeLessThan(10);
        }
    }

    @Test
    void theOperatorsPortHasNone() {
        try (TraceCollector collector = new TraceCollector();
                Service service = tracing(collector.url())
                        .set("tracing.sampling-ratio", "1")
                        .start()) {
            service.management().get("/health", "traceparent", WISH).expect(200);
            service.get("/urls").expect(200);
            collector.span("GET /urls");
            assertThat(collector.spans()).noneMatch(span -> span.name().contains("/health"));
        }
    }

    @Test
    void spansThatWaitAtTheStopAreSent() {
        try (TraceCollector collector = new TraceCollector();
                Service service = tracing(collector.url()).start()) {
            service.get("/urls", "traceparent", WISH).expect(200);
            service.close();
            assertThat(collector.spans()).extracting(Seen::name).contains("GET /urls");
        }
    }

    @Test
    void aCollectorThatIsAwayCostsSpansAndNothingElse() throws IOException {
        int closed;
        try (ServerSocket socket = new ServerSocket(0)) {
            closed = socket.getLocalPort();
        }
        expectNothingButLostSpans("http://127.0.0.1:" + closed);
    }

    @Test
    void aCollectorThatHangsCostsSpansAndNothingElse() {
        try (TraceCollector collector = new TraceCollector()) {
            collector.fallSilent();
            expectNothingButLostSpans(collector.url());
        }
    }

    private void expectNothingButLostSpans(String url) {
        try (LogLines lines = new LogLines(LoggingSpanExporter.class.getName());
                Service service =
                        tracing(url).set("tracing.sampling-ratio", "1").start()) {
            String path = "/" + service.newLink().getString("short_code");
            // More than wait for the collector at once.
            for (int request = 0; request < 3_000; request++) {
                service.get(path).expect(302);
            }
            await().untilAsserted(() -> assertThat(lines.all())
                    .anySatisfy(line -> assertThat(line).contains("WARN", "span(s), which are lost", "127.0.0.1")));
            service.newLink();
            service.close();
            assertThat(service.database().number("SELECT count(*) FROM events WHERE event_type = 'click'"))
                    .isEqualTo(3_000);
        }
    }
}
