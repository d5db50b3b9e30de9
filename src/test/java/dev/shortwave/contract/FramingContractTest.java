package dev.shortwave.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shortwave.fixture.Client;
import dev.shortwave.fixture.Servers;
import dev.shortwave.fixture.Service;
import dev.shortwave.fixture.ServiceTest;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the bytes of a request must be, on both ports, whatever its path is. */
@ServiceTest
class FramingContractTest {

    private static final String FORM = "POST /users/bulk HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
            + "Content-Type: multipart/form-data; boundary=b\r\n";

    private final Service service;

    FramingContractTest(Service service) {
        this.service = service;
    }

    // Heads. In the tables, a | is the end of a line.

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "400; GET {path} HTTP/1.1",
                "400; GET {path} HTTP/1.1|Host: a|Host: a",
                "400; GET {path} HTTP/1.1|host: a|HOST: b",
                "400; GET {path} HTTP/1.0|Host: a|Host: b",
                "400; GET {path} HTTP/1.1|Host: a/b",
                "400; GET {path} HTTP/1.1|Host: user@a",
                "400; GET {path} HTTP/1.1|Host: a b",
                "400; GET {path} HTTP/1.1|Host: a:b",
                "400; GET {path} HTTP/1.1|Host: a:1:2",
                "400; GET {path} HTTP/1.1|Host: a:65536",
                "400; GET {path} HTTP/1.1|Host: a%zz",
                "400; GET {path} HTTP/1.1|Host: [::1",
                "400; GET http://a:b{path} HTTP/1.1|Host: a",
                "400; GET {path} HTTP/1.1|Host: a|: b",
                "400; GET {path} HTTP/1.1|Host: a|X-A: b| c",
                "400; GET {path} HTTP/1.1|Host: a|\tX-A: b",
                "400; GET {path} HTTP/1.1| Host: a",
                "400; GET {path} HTTP/1.1|Host: a|X-A : b",
                "400; GET {path} HTTP/1.1|Host : a",
                "400; GET {path} HTTP/1.1|Host: a|Content-Length: 1|Content-Length: 2",
                "400; GET {path} HTTP/1.1|Host: a|Content-Length: 1, 2",
                "400; GET {path} HTTP/1.1|Host: a|Content-Length: 0|Transfer-Encoding: chunked",
                "400; GET {path} HTTP/1.1|Host: a|Content-Length: 0|Transfer-Encoding: gzip",
                "400; GET {path} HTTP/1.1|Host: a|Transfer-Encoding: chunked, chunked",
                "400; GET {path} HTTP/1.1|Host: a|Transfer-Encoding: chunked|Transfer-Encoding: chunked",
                "400; GET {path} HTTP/1.0|Host: a|Transfer-Encoding: chunked",
                "501; GET {path} HTTP/1.1|Host: a|Transfer-Encoding: gzip",
                "501; GET {path} HTTP/1.1|Host: a|Transfer-Encoding: identity",
                "501; GET {path} HTTP/1.1|Host: a|Transfer-Encoding: gzip, chunked",
                "501; GET {path} HTTP/1.1|Host: a|Transfer-Encoding: xchunked",
                "505; GET {path} HTTP/3.0|Host: a",
                "505; GET {path} HTTP/2.0|Host: a",
                "505; GET {path} HTTP/0.9|Host: a",
                "505; PRI * HTTP/2.0",
                "400; GET {path} HTTP/1.10|Host: a",
                "400; GET {path} HTTP/11|Host: a",
                "400; GET {path} http/1.1|Host: a",
                "400; GET {path} HTTP/1.1 more|Host: a",
                "400; GET code HTTP/1.1|Host: a",
                "400; GET * HTTP/1.1|Host: a",
                "400; GET ftp://a{path} HTTP/1.1|Host: a",
                "400; GET http:{path} HTTP/1.1|Host: a",
                "400; GET http://{path} HTTP/1.1|Host: a",
                "400; GET http://user@a{path} HTTP/1.1|Host: a",
                "400; GET http://a{path} HTTP/1.1",
            })
    void aHeadThatIsNotWellFormedIsRefusedBeforeAnyWork(int status, String head) {
        JsonObject link = service.newLink();
        // What follows must not be taken for a second request.
        String more = "\r\n\r\nGET /health/live HTTP/1.1\r\nHost: a\r\nX-Request-Id: smuggled\r\n\r\n";
        for (String path : List.of("/" + link.getString("short_code"), "/users", "/no/such/route", "/health/live")) {
            String request = head.replace("{path}", path).replace("|", "\r\n") + more;
            expectProblem(service.raw(request), status);
            expectProblem(service.management().raw(request), status);
        }
        assertThat(service.eventsOf(link, "click")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "GET {path} HTTP/1.1|Host: a",
                "GET {path} HTTP/1.1|hOsT: a",
                "GET {path} HTTP/1.1|Host:",
                "GET {path} HTTP/1.1|Host: [::1]:8080",
                "GET {path} HTTP/1.0",
                "GET {path} HTTP/1.0|Host: a",
                "GET {path} HTTP/1.5|Host: a",
                "GET http://a{path} HTTP/1.1|Host: b",
                "GET HTTPS://A{path} HTTP/1.1|Host: b",
                "GET {path} HTTP/1.1|Host: a|Transfer-Encoding: Chunked||0",
            })
    void whatIsWellFormedIsServed(String head) {
        JsonObject link = service.newLink();
        String request = (head.replace("{path}", "/" + link.getString("short_code")) + "|Connection: close||")
                .replaceAll("\\|\\|0\\|Connection: close", "|Connection: close||0|")
                .replace("|", "\r\n");
        assertThat(service.raw(request)).startsWith("HTTP/1.").contains(" 302 Found\r\n");
    }

    @Test
    void aHeadInPiecesIsReadAsOneInAWhole() throws IOException {
        String code = service.newLink().getString("short_code");
        String good = "GET /" + code + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-A: b\r\n\r\n";
        assertThat(inPieces(good)).contains(" 302 Found");
        expectProblem(inPieces(good.replace("X-A: b", "X-A: b\r\n c")), 400);
        expectProblem(inPieces(good.replace("Host: a\r\n", "")), 400);
    }

    private String inPieces(String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", service.port())) {
            socket.setTcpNoDelay(true);
            for (byte octet : request.getBytes(StandardCharsets.ISO_8859_1)) {
                socket.getOutputStream().write(octet);
            }
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    @Test
    void theHostOfAnAbsoluteTargetCounts() {
        String body =
                JsonObject.of("url", "https://example.com/" + Client.word()).encode();
        String answer = service.raw("POST http://sho.example:99/shorten?a=b HTTP/1.1\r\nHost: other.example\r\n"
                + "Connection: close\r\nContent-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n"
                + body);
        assertThat(answer).startsWith("HTTP/1.1 201").contains("\"http://sho.example:99/");
    }

    @Test
    void theServerAsAWholeHasNoRouteOfItsOwn() {
        expectProblem(service.raw("OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), 404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"M1", "get", "PROPFIND", "CONNECT", "A-Z!#$%&'*+.^_`|~"})
    void aMethodThatHttpDoesNotKnowIsNotImplemented(String method) {
        for (String path : List.of("/", "/users", "/abcdef", "/no/such/route")) {
            String request = method + " " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
            expectProblem(service.raw(request), 501);
            expectProblem(service.management().raw(request), 501);
        }
    }

    // Bodies

    @ParameterizedTest
    @ValueSource(
            strings = {
                "zz|{}|0||",
                "-1|{}|0||",
                "|{}|0||",
                "ffffffffffffffff|{}|0||",
                "2|{}more|0||",
                "2|{}||0||",
                "2;a=\"|{}|0||",
                "2|{}|0|no colon||",
                "2|{}|0|X-A : b||",
                "2|{}|0|X-\u0001: b||",
                "2|{}|0|X-A: {long}||",
                "{long}|{}|0||",
            })
    void aBrokenChunkedBodyIsAnsweredAndCounted(String body) {
        String chunks = body.replace("|", "\r\n").replace("{long}", "x".repeat(20_000));
        String chunked = "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n" + chunks;
        String json = " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" + chunked;
        double before = rejected("malformed_body");
        expectProblem(service.raw("POST /shorten" + json), 400);
        expectProblem(service.raw("PATCH /urls/1" + json), 400);
        expectProblem(service.raw(FORM + chunked), 400);
        expectProblem(service.management().raw("PATCH /admin/verticles/http" + json), 400);
        expectProblem(service.management().raw("POST /admin/seeds/users" + json), 400);
        assertThat(rejected("malformed_body")).isEqualTo(before + 5);
    }

    /** Its answer is on the way when the body turns out to be broken. */
    @Test
    void aRedirectWithABrokenBodyIsAClearAnswerOrNone() {
        String code = service.newLink().getString("short_code");
        double before = rejected("malformed_body");
        assertThat(service.raw(
                        "GET /" + code + " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n\r\n"))
                .matches("(?s)HTTP/1.1 302 Found\r\n.*\r\n\r\n");
        assertThat(rejected("malformed_body")).isEqualTo(before + 1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Disposition: form-data; name; filename",
                "Content-Disposition: form-data; name",
                "Content-Disposition: form-data; name=\"file\"; filename",
                "Content-Disposition: form-data; =; filename=\"u\"",
                "Content-Disposition",
                "Content-Disposition:",
                "Content-Type",
                "Content-Type: multipart/mixed",
                "Content-Disposition: form-data; name=\"file\"; filename*=x",
                "Content-Disposition: form-data; name=\"file\"; filename*=UTF-8''%ZZ",
                "Content-Disposition: form-data; name=\"file\"; filename=\"u\"|Content-Transfer-Encoding: odd",
                "Content-Disposition: form-data; name=\"file\"; filename=\"u\"|Content-Type: a; charset=odd",
                "Content-Disposition: form-data; name=\"file\"; filename=\"u\"|Content-Length: -1",
                ": ",
                "X",
            })
    void aFormThatIsBrokenIsAnsweredAndCounted(String headers) {
        String part = "--b\r\n" + headers.replace("|", "\r\n") + "\r\n\r\nusername\r\n--b--\r\n";
        expectProblem(service.raw(FORM + "Content-Length: " + part.length() + "\r\n\r\n" + part), 400);
    }

    @Test
    void brokenHeadsAndFormsAreCounted() {
        double heads = rejected("malformed_head");
        service.raw("GET / HTTP/1.1\r\n\r\n");
        service.raw("nonsense\r\n\r\n");
        assertThat(rejected("malformed_head")).isEqualTo(heads + 2);
        double forms = rejected("malformed_form");
        for (String disposition : List.of("Content-Disposition: form-data; name; filename", "Content-Disposition")) {
            String part = "--b\r\n" + disposition + "\r\n\r\nx\r\n--b--\r\n";
            service.raw(FORM + "Content-Length: " + part.length() + "\r\n\r\n" + part);
        }
        assertThat(rejected("malformed_form")).isEqualTo(forms + 2);
    }

    // Deadlines

    @Test
    void aRequestThatComesTooSlowlyEnds(Servers servers) throws IOException {
        try (Service hasty = servers.service()
                .on(service.database())
                .set("http.header-timeout", "150ms")
                .set("http.body-timeout", "150ms")
                .start()) {
            String code = hasty.newLink().getString("short_code");
            String json = " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
            for (int port : new int[] {hasty.port(), hasty.management().port()}) {
                expectProblem(slowly(port, "", "GET /health HTTP/1.1\r\nHost: a\r\nX-Slow: "), 408);
                expectProblem(slowly(port, "GET /health HTTP/1.1\r\nHost: a\r\nX-Slow: ", "x"), 408);
                expectProblem(slowly(port, "", "\r"), 408);
            }
            expectProblem(slowly(hasty.port(), "POST /users" + json + "Content-Length: 1000\r\n\r\n", " "), 408);
            expectProblem(
                    slowly(hasty.port(), "PATCH /urls/1" + json + "Transfer-Encoding: chunked\r\n\r\n", "1\r\n \r\n"),
                    408);
            expectProblem(
                    slowly(
                            hasty.management().port(),
                            "PATCH /admin/verticles/http" + json + "Content-Length: 1000\r\n\r\n",
                            " "),
                    408);
            // These are answered without their bodies, which must not keep the connection either.
            assertThat(slowly(hasty.port(), "GET /" + code + json + "Content-Length: 1000\r\n\r\n", " "))
                    .startsWith("HTTP/1.1 302");
            assertThat(slowly(hasty.port(), "GET /users?limit=1" + json + "Content-Length: 1000\r\n\r\n", " "))
                    .startsWith("HTTP/1.1 200");
            // An upload has limits of its own.
            assertThat(slowly(hasty.port(), FORM + "Content-Length: 4\r\n\r\n", "--b\r"))
                    .startsWith("HTTP/1.1 400");
            String metrics = hasty.management().get("/metrics").expect(200).text();
            assertThat(metrics).contains("rejected_total{reason=\"head_timeout\"} 6.0");
            assertThat(metrics).contains("rejected_total{reason=\"body_timeout\"} 5.0");
            hasty.get("/" + code).expect(302);
        }
    }

    @Test
    void anIdleConnectionEndsUnlessItWaitsForAnAnswer(Servers servers) throws Exception {
        try (Service hasty = servers.service()
                .on(service.database())
                .set("http.idle-timeout", "1s")
                .start()) {
            Client management = hasty.management();
            CompletableFuture<Integer> recording = CompletableFuture.supplyAsync(
                    () -> management.send("POST", "/admin/jfr?seconds=2", null).status());
            for (int port : new int[] {hasty.port(), management.port()}) {
                try (Socket idle = new Socket("127.0.0.1", port)) {
                    idle.setSoTimeout(20_000);
                    assertThat(idle.getInputStream().read()).isEqualTo(-1);
                }
            }
            assertThat(recording.get(60, TimeUnit.SECONDS)).isEqualTo(200);
        }
    }

    @Test
    void theManagementPortHasTheLimitsOfThePublicOne() {
        String head = "GET /health HTTP/1.1\r\nHost: localhost\r\n";
        expectProblem(service.management().raw(head.replace("health", "x".repeat(8_300)) + "\r\n"), 414);
        expectProblem(service.management().raw(head + "X-A: " + "x".repeat(16_600) + "\r\n\r\n"), 431);
        service.management()
                .patch("/admin/verticles/http", JsonObject.of("instances", "x".repeat(70_000)))
                .problem(413);
    }

    /** Sends the start at once and then, for as long as anything is listening, the rest again and again in pieces. */
    private static String slowly(int port, String start, String rest) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(start.getBytes(StandardCharsets.ISO_8859_1));
            Thread sender = new Thread(() -> {
                try {
                    for (int at = 0; ; at++) {
                        socket.getOutputStream().write(rest.charAt(at % rest.length()));
                        Thread.sleep(40);
                    }
                } catch (IOException | InterruptedException e) {
                    // It was closed.
                }
            });
            sender.start();
            try {
                return readAll(socket.getInputStream());
            } finally {
                sender.interrupt();
            }
        }
    }

    private static String readAll(InputStream input) throws IOException {
        StringBuilder answer = new StringBuilder();
        try {
            for (int octet; (octet = input.read()) >= 0; ) {
                answer.append((char) octet);
            }
        } catch (SocketException e) {
            // Closed while more was being sent to it; what it said before counts.
        }
        return answer.toString();
    }

    // What they have in common

    private double rejected(String reason) {
        Matcher value = Pattern.compile("(?m)^shortwave_requests_rejected_total\\{reason=\"" + reason + "\"} (\\S+)$")
                .matcher(service.management().get("/metrics").expect(200).text());
        assertThat(value.find()).as("metric of %s", reason).isTrue();
        return Double.parseDouble(value.group(1));
    }

    /** One answer, with this status and the contract's form of errors, and nothing after it. */
    private static void expectProblem(String answer, int status) {
        assertThat(answer).matches("(?s)HTTP/1\\.[01] " + status + " .*").doesNotContain("smuggled");
        int end = answer.indexOf("\r\n\r\n");
        assertThat(answer.substring(0, end).toLowerCase(java.util.Locale.ROOT))
                .contains("x-request-id: ", "connection: close");
        JsonObject problem = new JsonObject(answer.substring(end));
        assertThat(problem.getInteger("status")).isEqualTo(status);
        assertThat(problem.getString("detail")).isNotBlank();
    }
}
