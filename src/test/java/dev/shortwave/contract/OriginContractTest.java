package dev.shortwave.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.shortwave.fixture.Answer;
import dev.shortwave.fixture.Chromium;
import dev.shortwave.fixture.Client;
import dev.shortwave.fixture.Servers;
import dev.shortwave.fixture.Service;
import dev.shortwave.fixture.ServiceTest;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who asks, by which name and through whom: browsers with pages of others, hosts, proxies, addresses. */
@ServiceTest
class OriginContractTest {

    private static final String TOKEN = "a-token-of-some-length";

    private final Service service;

    OriginContractTest(Service service) {
        this.service = service;
    }

    // Pages of other origins

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "http://elsewhere.example, -",
                "https://elsewhere.example, same-site",
                "http://127.0.0.1:1, -",
                "http://127.0.0.1, -",
                "null, -",
                "nonsense, -",
                "-, cross-site",
                "-, Cross-Site",
                "-, same-site",
                "http://127.0.0.1:{port}, cross-site",
                "http://127.0.0.1:{port}.elsewhere.example, -",
                "http://127.0.0.1:{port}@elsewhere.example, -",
            })
    void aPageOfAnotherOriginMustNotWrite(String origin, String site) {
        JsonObject link = service.newLink();
        String[] headers = Stream.of(
                        origin == null ? null : "Origin",
                        origin == null ? null : origin.replace("{port}", "" + service.port()),
                        site == null ? null : "Sec-Fetch-Site",
                        site)
                .filter(header -> header != null)
                .toArray(String[]::new);
        String path = "/urls/" + link.getLong("id");
        for (String method : List.of("POST", "PUT", "PATCH", "DELETE")) {
            for (String target : List.of(path, "/shorten", "/users/bulk", "/no/such/route")) {
                service.send(method, target, null, headers).problem(403);
            }
            service.management()
                    .send(method, "/admin/cache/warm", null, headers)
                    .problem(403);
        }
        service.sendJson("PATCH", path, JsonObject.of("title", "of another"), headers)
                .problem(403);
        service.get(path).expect(200);
        // Reading is what browsers guard themselves.
        assertThat(service.get(path, headers).expect(200).json().getString("title"))
                .isEqualTo("A title");
        service.get("/" + link.getString("short_code"), headers).expect(302);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "http://127.0.0.1:{port}, -",
                "HTTP://127.0.0.1:{port}, same-origin",
                "http://127.0.0.1:{port}, same-site",
                "https://proxy-with-a-host-of-its-own.example, same-origin",
                "https://sho.rt, -",
                "https://sho.rt, same-site",
                "http://own.example, -",
                "https://own.example:99, -",
                "http://ported.example:99, -",
                "-, none",
                "-, same-origin",
                "-, -",
            })
    void aPageOfTheServiceItselfAndAProgramMayWrite(String origin, String site, Servers servers) {
        try (Service named = servers.service()
                .on(service.database())
                .set("http.public-url", "https://sho.rt")
                .set("http.server-names", "own.example, ported.example:99")
                .start()) {
            String[] headers = Stream.of(
                            origin == null ? null : "Origin",
                            origin == null ? null : origin.replace("{port}", "" + named.port()),
                            site == null ? null : "Sec-Fetch-Site",
                            site)
                    .filter(header -> header != null)
                    .toArray(String[]::new);
            named.post("/shorten", JsonObject.of("url", "https://example.com/"), headers)
                    .expect(201);
        }
    }

    /** What a browser really sends: forms need no permission of ours to be sent. */
    @ParameterizedTest
    @ValueSource(strings = {"localhost", "127.0.0.1"})
    void aBrowserCannotUploadFromAPageOfAnotherOrigin(String pageHost) throws IOException {
        Chromium.assumeInstalled();
        JsonObject user = service.newUser();
        String page = """
                <!doctype html><p id="state">sending</p><script>
                  const form = new FormData();
                  form.append("file", new File(["id,username,email,created_at\\n%s,evil,evil@example.com,"
                    + "2025-01-01 00:00:00\\n"], "users.csv"));
                  fetch("http://127.0.0.1:%s/users/bulk", { method: "POST", mode: "no-cors", body: form })
                    .then(() => "answered", (e) => "failed " + e)
                    .then((how) => { document.getElementById("state").textContent = how; });
                </script>
                """.formatted(user.getLong("id"), service.port());
        HttpServer pages = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        pages.createContext("/", exchange -> {
            byte[] body = page.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/html");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        pages.start();
        try {
            assertThat(Chromium.dom(
                            "http://" + pageHost + ":" + pages.getAddress().getPort() + "/"))
                    .contains("answered</p>");
        } finally {
            pages.stop(0);
        }
        assertThat(service.get("/users/" + user.getLong("id")).expect(200).json())
                .isEqualTo(user);
    }

    // Hosts of the management port

    @ParameterizedTest
    @CsvSource({
        "localhost, 200",
        "LOCALHOST:8081, 200",
        "localhost.:8081, 200",
        "shortwave.localhost:1, 200",
        "127.0.0.1, 200",
        "127.1.2.3:8081, 200",
        "[::1]:8081, 200",
        "rebind.example, 421",
        "rebind.example:8081, 421",
        "127.0.0.1.rebind.example, 421",
        "localhost.rebind.example, 421",
        "mylocalhost, 421",
        "127.0.0.1:port, 400",
        "10.0.0.1, 421",
        "0.0.0.0, 421",
        "[::2], 421",
        "'', 421",
    })
    void theManagementPortAnswersOnlyByItsOwnNames(String host, int status) {
        for (String path : List.of("/config", "/metrics", "/health", "/health/ready", "/admin/log", "/no/such/route")) {
            String answer = service.management()
                    .raw("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
            assertThat(answer)
                    .as(path)
                    .startsWith("HTTP/1.1 " + (path.startsWith("/no") && status == 200 ? 404 : status));
        }
    }

    /** Prometheus asks by the name of a container, probes of Kubernetes by the address of a pod. */
    @Test
    void withATokenItIsTheTokenThatCounts(Servers servers) {
        try (Service guarded = servers.service()
                .on(service.database())
                .set("management.host", "0.0.0.0")
                .set("management.token", TOKEN)
                .start()) {
            for (String host : List.of("shortwave:8081", "10.1.2.3:8081", "0.0.0.0")) {
                String request = "GET /metrics HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n";
                assertThat(guarded.management().raw(request + "\r\n")).startsWith("HTTP/1.1 401");
                String authorized = request + "Authorization: Bearer " + TOKEN + "\r\n";
                assertThat(guarded.management().raw(authorized + "\r\n")).startsWith("HTTP/1.1 200");
                if (!host.equals("0.0.0.0")) {
                    assertThat(guarded.management().raw(authorized + "Sec-Fetch-Site: none\r\n\r\n"))
                            .startsWith("HTTP/1.1 421");
                }
            }
        }
    }

    // Proxies

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "X-Forwarded-Proto: https, http; https://{host}",
                "X-Forwarded-Proto: HTTPS; https://{host}",
                "X-Forwarded-Proto: http, https; http://{host}",
                "X-Forwarded-Proto: gopher; http://{host}",
                "X-Forwarded-Host: sho.rt; http://sho.rt",
                "X-Forwarded-Host: sho.rt:99, other.example; http://sho.rt:99",
                "X-Forwarded-Host: <evil>; http://{host}",
                "X-Forwarded-Host: a/b; http://{host}",
                "X-Forwarded-Proto: https|X-Forwarded-Host: [2001:db8::1]:99; https://[2001:db8::1]:99",
                "'Forwarded: for=192.0.2.1;proto=https;host=sho.rt'; https://sho.rt",
                "'Forwarded: Host=\"sho.rt:99\" ; PROTO=https, host=other.example'; https://sho.rt:99",
                "'Forwarded: for=\"[2001:db8::1]:4711\";proto=https'; https://{host}",
                "'Forwarded: for=\"a,b;host=evil\";host=sho.rt'; http://sho.rt",
                "'Forwarded: host=\"a b\";proto=https'; https://{host}",
                "'Forwarded: ===;host=sho.rt'; http://{host}",
                "'Forwarded: host=evil.example|X-Forwarded-Host: sho.rt'; http://sho.rt",
            })
    void whatTrustedProxiesSayOfSchemeAndHostCounts(String headers, String base, Servers servers) {
        assertThat(shortUrl(service, headers)).startsWith(base.replace("{host}", "127.0.0.1:" + service.port()) + "/");
        if (headers.contains("sho.rt:99")) {
            try (Service alone = servers.service()
                    .on(service.database())
                    .set("http.trusted-proxies", "192.0.2.1")
                    .start()) {
                assertThat(shortUrl(alone, headers)).startsWith("http://127.0.0.1:" + alone.port() + "/");
            }
        }
    }

    private static String shortUrl(Service asked, String headers) {
        String body =
                JsonObject.of("url", "https://example.com/" + Client.word()).encode();
        String answer = asked.raw("POST /shorten HTTP/1.1\r\nHost: 127.0.0.1:" + asked.port() + "\r\n"
                + headers.replace("|", "\r\n") + "\r\nContent-Type: application/json\r\nConnection: close\r\n"
                + "Content-Length: " + body.length() + "\r\n\r\n" + body);
        assertThat(answer).startsWith("HTTP/1.1 201");
        return new JsonObject(answer.substring(answer.indexOf("\r\n\r\n"))).getString("short_url");
    }

    // Paths

    @ParameterizedTest
    @ValueSource(
            strings = {
                "//evil.example/../urls?limit=1",
                "/%75rls?limit=1",
                "/./urls/?limit=1",
                "/urls?limit=1",
                "/a/..//urls/./?limit=1"
            })
    void theNextPageHasThePathOfTheRoute(String target) {
        service.newLink();
        service.newLink();
        String answer = service.raw("GET " + target + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        if (answer.startsWith("HTTP/1.1 200")) {
            assertThat(answer).containsPattern("(?im)^link: </urls\\?after=\\d+&limit=1>; rel=\"next\"$");
        } else {
            assertThat(answer).startsWith("HTTP/1.1 404").doesNotContain("evil");
        }
    }

    @Test
    void theNextPageOfALinksEventsNamesTheLink() {
        JsonObject link = service.newLink();
        String path = "/urls/" + link.getLong("id");
        service.patch(path, JsonObject.of("title", "another")).expect(200);
        service.patch(path, JsonObject.of("title", "a third")).expect(200);
        assertThat(service.get(path + "/events?limit=1").expect(200).header("Link"))
                .startsWith("<" + path + "/events?after=");
    }

    @ParameterizedTest
    @CsvSource({
        "POST, /urlz",
        "POST, /users/bulkk",
        "POST, /urls/bulkk",
        "PUT, /users/x/stats",
        "DELETE, /events/all",
        "POST, /urls/abc/def",
        "POST, /urls/abc/stats",
        "PATCH, /healthz"
    })
    void aPathThatIsMisspeltIsNotFound(String method, String path) {
        Answer answer = service.send(method, path, null);
        answer.problem(404);
        assertThat(answer.header("Allow")).isNull();
    }

    // Headers of answers

    @Test
    void answersOfTheApiAreNeitherKeptNorGuessedAt() {
        JsonObject link = service.newLink();
        for (String path : List.of(
                "/users?limit=1",
                "/urls/" + link.getLong("id"),
                "/no/such/route",
                "/health",
                "/metrics",
                "/nosuchcode")) {
            Answer answer = service.get(path);
            assertThat(answer.header("X-Content-Type-Options")).as(path).isEqualTo("nosniff");
            assertThat(answer.header("Cache-Control")).as(path).contains("no-store");
            assertThat(answer.header("Strict-Transport-Security")).as(path).isNull();
        }
        for (String path : List.of("/", "/docs", "/assets/home.js")) {
            Answer page = service.get(path, "Accept", "text/html").expect(200);
            assertThat(page.header("X-Content-Type-Options")).as(path).isEqualTo("nosniff");
            assertThat(page.header("Cache-Control")).as(path).isEqualTo("max-age=300");
        }
        assertThat(service.management().get("/config").expect(200).header("Cache-Control"))
                .isEqualTo("no-store");
        // The redirect has what it always had.
        assertThat(service.get("/" + link.getString("short_code"))
                        .expect(302)
                        .headers()
                        .map()
                        .keySet())
                .containsExactlyInAnyOrder("location", "x-cache", "cache-control", "x-request-id", "content-length");
    }

    @Test
    void browsersAreToldToUseTlsWhereTheyDo(Servers servers) {
        String header = "Strict-Transport-Security";
        assertThat(service.get("/users?limit=1", "X-Forwarded-Proto", "https").header(header))
                .isEqualTo("max-age=31536000");
        assertThat(service.get("/", "X-Forwarded-Proto", "https", "Accept", "text/html")
                        .header(header))
                .isEqualTo("max-age=31536000");
        assertThat(service.get("/users?limit=1", "X-Forwarded-Proto", "http").header(header))
                .isNull();
        try (Service secure = servers.service()
                .on(service.database())
                .set("http.public-url", "https://sho.rt")
                .set("http.hsts-max-age", "1h")
                .start()) {
            assertThat(secure.get("/users?limit=1").header(header)).isEqualTo("max-age=3600");
        }
        try (Service silent = servers.service()
                .on(service.database())
                .set("http.public-url", "https://sho.rt")
                .set("http.hsts-max-age", "0s")
                .start()) {
            assertThat(silent.get("/users?limit=1", "X-Forwarded-Proto", "https")
                            .header(header))
                    .isNull();
        }
    }

    // Limits of one address

    @Test
    void oneAddressHasSoManyConnectionsAndNoMore(Servers servers) throws IOException {
        try (Service narrow = servers.service()
                .on(service.database())
                .set("http.trusted-proxies", "192.0.2.1")
                .set("http.max-connections-per-address", "2")
                .start()) {
            String request = "GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n";
            try (Socket first = new Socket("127.0.0.1", narrow.port());
                    Socket second = new Socket("127.0.0.1", narrow.port())) {
                assertThat(status(first, request)).isEqualTo("HTTP/1.1 200");
                assertThat(status(second, request)).isEqualTo("HTTP/1.1 200");
                assertThat(narrow.raw(request)).isEmpty();
                // Another address, though of the same machine.
                try (Socket other = new Socket("127.0.0.1", narrow.port(), InetAddress.getByName("127.0.0.2"), 0)) {
                    assertThat(status(other, request)).isEqualTo("HTTP/1.1 200");
                }
                assertThat(narrow.management().get("/metrics").text())
                        .contains("rejected_total{reason=\"connection_limit\"} 1.0");
            }
            await().until(() -> narrow.raw("GET /health/live HTTP/1.0\r\n\r\n").contains(" 200 OK"));
        }
    }

    private static String status(Socket socket, String request) throws IOException {
        socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
        return new String(socket.getInputStream().readNBytes(12), StandardCharsets.ISO_8859_1);
    }

    @Test
    void oneClientHasSoManyUnansweredRequestsAndNoMore(Servers servers) throws IOException {
        try (Service narrow = servers.service()
                .on(service.database())
                .set("http.max-requests-per-address", "2")
                .start()) {
            String code = narrow.newLink().getString("short_code");
            String slow = "POST /users HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.7\r\n"
                    + "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{";
            try (Socket first = new Socket("127.0.0.1", narrow.port());
                    Socket second = new Socket("127.0.0.1", narrow.port())) {
                for (Socket socket : List.of(first, second)) {
                    socket.getOutputStream().write(slow.getBytes(StandardCharsets.ISO_8859_1));
                }
                String[] client = {"X-Forwarded-For", "10.0.0.1, 192.0.2.7"};
                await().until(() -> narrow.get("/users?limit=1", client).status() == 429);
                Answer refused = narrow.get("/users?limit=1", client);
                refused.problem(429);
                assertThat(refused.header("Retry-After")).isEqualTo("1");
                narrow.get("/users?limit=1", "X-Forwarded-For", "192.0.2.8").expect(200);
                narrow.get("/users?limit=1").expect(200);
                narrow.get("/" + code, client).expect(302);
                assertThat(status(first, "}")).isEqualTo("HTTP/1.1 400");
                narrow.get("/users?limit=1", client).expect(200);
                narrow.send("POST", "/shorten", BodyPublishers.ofString("{"), client)
                        .problem(400);
                narrow.get("/users?limit=1", client).expect(200);
            }
            // A client that goes away leaves nothing behind.
            await().until(() ->
                    narrow.get("/users?limit=1", "X-Forwarded-For", "192.0.2.7").status() == 200);
        }
    }
}
