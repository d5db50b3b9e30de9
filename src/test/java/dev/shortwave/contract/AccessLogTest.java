package dev.shortwave.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shortwave.fixture.Answer;
import dev.shortwave.fixture.LogLines;
import dev.shortwave.fixture.Servers;
import dev.shortwave.fixture.Service;
import dev.shortwave.fixture.ServiceTest;
import dev.shortwave.logging.Logging;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

@ServiceTest
class AccessLogTest {

    private final Servers servers;

    AccessLogTest(Servers servers) {
        this.servers = servers;
    }

    private static List<Map<String, Object>> of(LogLines lines, Answer answer) {
        return lines.fields().stream()
                .filter(line -> String.valueOf(line.get("request_id")).equals(answer.header("X-Request-Id")))
                .toList();
    }

    private static Map<String, Object> oneOf(LogLines lines, Answer answer) {
        // It is written after the answer was handed over.
        await().untilAsserted(() ->
                assertThat(of(lines, answer)).as("lines of %s", answer).hasSize(1));
        return of(lines, answer).get(0);
    }

    private static void expect(LogLines lines, Answer answer, String method, String route) {
        assertThat(oneOf(lines, answer))
                .containsEntry("method", method)
                .containsEntry("route", route)
                .containsEntry("status", answer.status())
                .containsEntry("bytes", (long) answer.body().length)
                .hasEntrySatisfying(
                        "microseconds", time -> assertThat((Long) time).isNotNegative())
                .doesNotContainKey("client");
    }

    @Test
    void everyRequestHasALine() {
        try (Service service = servers.service().set("log.access", "on").start();
                LogLines lines = new LogLines(Logging.ACCESS)) {
            JsonObject link = service.newLink();
            String code = link.getString("short_code");
            expect(lines, service.get("/" + code + "?token=secret"), "GET", "/:code");
            expect(lines, service.head("/" + code), "HEAD", "/:code");
            expect(lines, service.get("/urls/" + code + "/redirect"), "GET", "/:code");
            expect(lines, service.get("/nosuchcode"), "GET", "/:code");
            expect(lines, service.get("/urls?token=secret"), "GET", "/urls");
            expect(lines, service.head("/urls"), "HEAD", "/urls");
            expect(lines, service.get("/urls/" + link.getLong("id")), "GET", "/urls/:id");
            expect(lines, service.post("/urls", new JsonObject()), "POST", "/urls");
            expect(lines, service.get("/no/such/route"), "GET", "none");
            expect(lines, service.management().get("/health"), "GET", "/health");
            assertThat(service.raw("GET /%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
                    .contains(" 400 ");
            assertThat(service.raw("nothing of HTTP\r\n\r\n")).contains(" 400 ");
            await().untilAsserted(() -> assertThat(lines.fields())
                    .extracting(line -> line.get("route"))
                    .contains("malformed", "invalid"));
            assertThat(lines.fields().toString()).doesNotContain("secret", code);
        }
    }

    @Test
    void aLineNamesTheTraceOfItsRequest() {
        String trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        try (Service service = servers.service().set("log.access", "on").start();
                LogLines lines = new LogLines(Logging.ACCESS)) {
            for (String path : List.of("/nosuchcode", "/urls")) {
                assertThat(oneOf(lines, service.get(path, "traceparent", "00-" + trace + "-00f067aa0ba902b7-01")))
                        .containsEntry("trace_id", trace);
                assertThat(oneOf(lines, service.get(path, "traceparent", "00-" + trace + "-no-01")))
                        .doesNotContainKey("trace_id");
            }
        }
    }

    @Test
    void aSampleHasOneInSoMany() {
        try (Service service = servers.service()
                        .set("log.access", "sampled")
                        .set("log.access-sampling-ratio", "0.2")
                        .set("verticles.http.instances", "1")
                        .start();
                LogLines lines = new LogLines(Logging.ACCESS)) {
            for (int request = 0; request < 20; request++) {
                service.get("/nosuchcode").problem(404);
            }
            await().untilAsserted(() -> assertThat(lines.fields()).hasSize(4));
        }
    }

    @Test
    void whoAskedIsSaidOnlyIfThatIsWished() {
        try (Service service = servers.service()
                        .set("log.access", "on")
                        .set("log.access-client-address", "true")
                        .start();
                LogLines lines = new LogLines(Logging.ACCESS)) {
            assertThat(oneOf(lines, service.get("/nosuchcode"))).containsEntry("client", "127.0.0.1");
            assertThat(oneOf(lines, service.get("/nosuchcode", "X-Forwarded-For", "10.0.0.1, 192.0.2.7")))
                    .containsEntry("client", "192.0.2.7");
        }
        try (Service service = servers.service()
                        .set("log.access", "on")
                        .set("log.access-client-address", "true")
                        .set("http.trusted-proxies", "")
                        .start();
                LogLines lines = new LogLines(Logging.ACCESS)) {
            assertThat(oneOf(lines, service.get("/nosuchcode", "X-Forwarded-For", "192.0.2.7")))
                    .containsEntry("client", "127.0.0.1");
        }
    }

    @Test
    void byDefaultThereAreNone(Service service) {
        try (LogLines lines = new LogLines(Logging.ACCESS)) {
            service.get("/nosuchcode").problem(404);
            service.get("/urls").expect(200);
            assertThat(lines.all()).isEmpty();
        }
    }
}
