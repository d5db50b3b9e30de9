package dev.shortwave;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shortwave.RawConnection.Reply;
import dev.shortwave.RawConnection.Request;
import dev.shortwave.fixture.Servers;
import dev.shortwave.fixture.Service;
import dev.shortwave.fixture.ServiceTest;
import dev.shortwave.fixture.TestDatabase;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestReporter;

/**
 * Thousands of malformed requests. Each is answered with a client's error or does what it says, never with
 * a 5xx; no answer tells of the inside; and what was refused has changed nothing. A failure names the seed that repeats
 * it: {@code -Dshortwave.test.seed=…}.
 */
@ServiceTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MalformedInputFuzzIT {

    private static final long SEED = Long.getLong("shortwave.test.seed", System.nanoTime());

    /** Words of the inside. None of the requests has them, so none may be an echo. */
    private static final List<String> INSIDE = List.of(
            "Exception",
            "Throwable",
            "at dev.",
            "dev.shortwave",
            "java.",
            "javax.",
            "io.vertx",
            "io.netty",
            "com.fasterxml",
            "org.postgresql",
            "SELECT ",
            "INSERT ",
            "UPDATE ",
            "::bigint",
            "pg_",
            "SQLSTATE",
            "line: 1, column");

    private static final int UPLOAD_LIMIT = 256 * 1024;

    private final Map<Integer, Integer> statusToCount = new TreeMap<>();
    private Random random = new Random(SEED);
    private Service service;
    private Connection connection;
    private String content;
    private int sent;
    private int sentByThisTest;

    @BeforeAll
    void start(Servers servers, TestReporter reporter) throws SQLException {
        reporter.publishEntry("seed", Long.toString(SEED));
        service = servers.service()
                .set("http.max-upload-size", UPLOAD_LIMIT + "B")
                .set("http.upload-idle-timeout", "1s")
                .start();
        JsonObject owner = service.newUser();
        JsonObject link = service.newLink(owner);
        service.newLink(owner);
        service.post("/events", JsonObject.of("event_type", "seen", "url_id", link.getLong("id")))
                .expect(201);
        TestDatabase database = service.database();
        connection = DriverManager.getConnection(
                "jdbc:postgresql://" + database.host() + ":" + database.port() + "/" + database.name(),
                database.user(),
                database.password());
        content = contentOfTheDatabase();
    }

    @BeforeEach
    void sowTheSeed() {
        random = new Random(SEED);
        statusToCount.clear();
        sentByThisTest = 0;
    }

    @AfterEach
    void isStillHealthy(TestReporter reporter) {
        assertThat(service.get("/health").expect(200).json().getString("status"))
                .isEqualTo("ok");
        System.out.println(
                "Malformed input, seed " + SEED + ": " + sentByThisTest + " requests, status × count " + statusToCount);
    }

    @AfterAll
    void stop() throws SQLException {
        connection.close();
        JsonObject link = service.newLink();
        service.get("/" + link.getString("short_code")).expect(302);
        service.close();
        assertThat(sent).isGreaterThanOrEqualTo(5_000);
    }

    // Bodies

    /** Every field of every route, with everything that it could be mistaken for. */
    @Test
    void fieldsOfTheWrongType() throws Exception {
        Map<String, String> routeToBody = new LinkedHashMap<>();
        routeToBody.put("POST /users", "{\"username\":\"ann\",\"email\":\"ann@example.com\"}");
        routeToBody.put("PUT /users/1", "{\"username\":\"ann\",\"email\":\"ann@example.com\"}");
        routeToBody.put("PATCH /users/1", "{\"username\":\"ann\",\"email\":\"ann@example.com\"}");
        routeToBody.put(
                "POST /urls",
                "{\"user_id\":1,\"original_url\":\"https://example.com/x\",\"title\":\"t\",\"short_code\":\"mine\"}");
        routeToBody.put(
                "PUT /urls/1", "{\"title\":\"t\",\"is_active\":true,\"original_url\":\"https://example.com/x\"}");
        routeToBody.put(
                "PATCH /urls/1", "{\"title\":\"t\",\"is_active\":true,\"original_url\":\"https://example.com/x\"}");
        routeToBody.put(
                "POST /shorten",
                "{\"url\":\"https://example.com/x\",\"custom_code\":\"mine\",\"title\":\"t\",\"user_id\":1}");
        routeToBody.put(
                "POST /events",
                "{\"event_type\":\"seen\",\"url_id\":1,\"user_id\":1,\"details\":{\"a\":[1,null,\"x\"]}}");
        for (Map.Entry<String, String> route : routeToBody.entrySet()) {
            JsonObject valid = new JsonObject(route.getValue());
            for (String field : valid.fieldNames()) {
                for (String junk : junkValues()) {
                    StringBuilder body = new StringBuilder("{");
                    for (String name : valid.fieldNames()) {
                        String value = name.equals(field)
                                ? junk
                                : new JsonObject()
                                        .put("v", valid.getValue(name))
                                        .encode()
                                        .replaceAll("^\\{\"v\":|\\}$", "");
                        body.append(body.length() == 1 ? "" : ",")
                                .append('"')
                                .append(name)
                                .append("\":")
                                .append(value);
                    }
                    send(json(route.getKey(), bytes(body.append('}').toString())));
                }
            }
        }
        assertThat(statusToCount).containsKeys(400, 404).doesNotContainKeys(405, 415);
    }

    private static List<String> junkValues() {
        return List.of(
                "null",
                "true",
                "false",
                "0",
                "-1",
                "1.5",
                "1e2",
                "1e400",
                "-1e400",
                "1e99999",
                "9".repeat(300),
                "-" + "9".repeat(30),
                "9223372036854775807",
                "9223372036854775808",
                "2147483648",
                "999999999",
                "\"\"",
                "\" \"",
                "\"1\"",
                "\"true\"",
                "\"\\u0000\"",
                "\"a\\u0000b\"",
                "\"a\\nb\"",
                "\"\\u001b[31m\"",
                "\"\\u0085\"",
                "\"\\ud800\"",
                "\"\\udc00\\ud800\"",
                "\"http://example.com/\\ud83d\"",
                "\"\\ufffe\\uffff\"",
                "\"" + "x".repeat(3000) + "\"",
                "\"http://example.com/" + "x".repeat(3000) + "\"",
                "\"" + "ä".repeat(20_000) + "\"",
                "\"http://user:password@example.com\"",
                "\"javascript:alert(1)\"",
                "\"http://[::1\"",
                "\"http://%\"",
                "\"' OR 1=1 --\"",
                "\"{{7*7}}\"",
                "\"<script>\"",
                "\"../../etc/passwd\"",
                "[]",
                "[1]",
                "[\"a\"]",
                "[null]",
                "[[[[]]]]",
                "{}",
                "{\"a\":1}",
                "{\"\":\"\"}",
                "{\"\\u0000\":1}",
                "{\"a\":\"\\u0000\"}",
                "{\"a\":\"\\ud800\"}",
                "{\"a\":{\"b\":[\"\\u0000\"]}}",
                "{\"a\":1e400}",
                "{\"a\":" + "9".repeat(400) + "}",
                "{\"a\":" + "[".repeat(500) + "]".repeat(500) + "}",
                "NaN",
                "Infinity",
                "undefined",
                "01",
                "+1",
                "0x10",
                "'a'",
                "tru");
    }

    @Test
    void bodiesThatAreNoJsonObjects() throws Exception {
        List<byte[]> bodies = new ArrayList<>();
        for (String text : List.of(
                "",
                " ",
                "\n",
                "{",
                "}",
                "[",
                "[]",
                "[{}]",
                "null",
                "true",
                "1",
                "\"text\"",
                "{}{}",
                "{},",
                "{\"a\":1",
                "{\"a\"}",
                "{a:1}",
                "{'a':1}",
                "{\"a\":}",
                "{,}",
                "{\"a\":1,}",
                "// comment\n{}",
                "/* comment */{}",
                "\u0000",
                "{\"a\":\"\u0000\"}",
                "{\"a\":\"\n\"}",
                "{\"a\":\"\\x\"}",
                "{\"a\":\"\\u12\"}",
                "username=ann&email=ann@example.com",
                "<user/>",
                "--- yaml: 1",
                "id,username\n1,ann\n")) {
            bodies.add(bytes(text));
        }
        for (int depth : new int[] {1_000, 1_001, 5_000, 60_000}) {
            bodies.add(bytes("[".repeat(depth)));
            bodies.add(bytes("{\"a\":".repeat(Math.min(depth, 12_000))));
            bodies.add(
                    bytes("{\"a\":" + "[".repeat(Math.min(depth, 30_000)) + "]".repeat(Math.min(depth, 30_000)) + "}"));
        }
        byte[] user = bytes("{\"username\":\"ann\",\"email\":\"ann@example.com\"}");
        for (int length = 0; length < user.length; length++) {
            bodies.add(Arrays.copyOf(user, length));
        }
        for (String charset : List.of("UTF-16", "UTF-16LE", "UTF-16BE", "UTF-32", "ISO-8859-1")) {
            bodies.add("{\"username\":\"änn\",\"email\":\"x\"}".getBytes(Charset.forName(charset)));
        }
        bodies.add(join(new byte[] {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF}, bytes("{\"username\":1}")));
        byte[][] notUtf8 = {
            {(byte) 0xFF},
            {(byte) 0xC0, (byte) 0x80},
            {(byte) 0xED, (byte) 0xA0, (byte) 0x80},
            {(byte) 0xF5, (byte) 0x80, (byte) 0x80, (byte) 0x80},
            {(byte) 0xE2, (byte) 0x82}
        };
        for (byte[] sequence : notUtf8) {
            bodies.add(join(bytes("{\"username\":\""), sequence, bytes("\",\"email\":\"a\"}")));
            bodies.add(join(bytes("{\""), sequence, bytes("\":1}")));
        }
        for (String route : routesWithBodies()) {
            for (byte[] body : bodies) {
                Reply reply = send(json(route, body));
                assertThat(reply.status()).isBetween(400, 499);
            }
        }
    }

    /** Valid bodies with bytes changed, left out, repeated or put in at random. */
    @Test
    void mutatedBodies() throws Exception {
        List<String> valid = List.of(
                "{\"username\":\"ann\",\"email\":\"ann@example.com\"}",
                "{\"user_id\":1,\"original_url\":\"https://example.com/x\",\"title\":\"t\",\"short_code\":\"m\"}",
                "{\"url\":\"https://example.com/x\",\"custom_code\":\"m\"}",
                "{\"event_type\":\"seen\",\"url_id\":1,\"details\":{\"a\":[1,null,\"x\"]}}",
                "{\"title\":\"t\",\"is_active\":true}");
        for (int number = 0; number < 800; number++) {
            byte[] body = bytes(pick(valid));
            int changes = 1 + random.nextInt(4);
            for (int change = 0; change < changes; change++) {
                body = mutated(body);
            }
            send(json(pick(routesWithBodies()), body));
        }
        assertThat(statusToCount).containsKey(400);
    }

    private byte[] mutated(byte[] body) {
        if (body.length == 0) {
            return body;
        }
        int at = random.nextInt(body.length);
        byte[] head = Arrays.copyOf(body, at);
        byte[] tail = Arrays.copyOfRange(body, at, body.length);
        return switch (random.nextInt(5)) {
            case 0 -> {
                byte[] changed = body.clone();
                changed[at] = (byte) random.nextInt(256);
                yield changed;
            }
            case 1 -> join(head, new byte[] {(byte) "{}[]\",:\\0\u0000\n".charAt(random.nextInt(11))}, tail);
            case 2 -> join(head, Arrays.copyOfRange(tail, Math.min(tail.length, 1 + random.nextInt(5)), tail.length));
            case 3 -> join(head, tail, tail);
            default -> join(head, bytes(pick(junkValues())), tail);
        };
    }

    @Test
    void wrongContentTypesAndTooMuch() throws Exception {
        String user = "{\"username\":\"ann-%d\",\"email\":\"ann-%d@example.com\"}";
        List<String> types = List.of(
                "text/plain",
                "text/html",
                "application/xml",
                "application/x-www-form-urlencoded",
                "multipart/form-data",
                "multipart/form-data; boundary=",
                "multipart/form-data; boundary=x",
                "application",
                "application/",
                "/json",
                "json",
                ";",
                "application/jsonx",
                "x/json",
                "\u00ff\u00fe",
                "application/octet-stream",
                " ");
        for (String route : routesWithBodies()) {
            for (String type : types) {
                Reply reply = send(request(route, List.of("Content-Type: " + type), bytes(user)));
                assertThat(reply.status()).as(type).isEqualTo(400);
            }
            assertThat(send(request(route, List.of(), bytes(user))).status()).isEqualTo(400);
            assertThat(send(request(route, List.of(), new byte[0])).status()).isEqualTo(400);
            for (int length : new int[] {64 * 1024 + 1, 100_000, 1_000_000}) {
                String filled = "{\"username\":\"" + "x".repeat(length) + "\"}";
                assertThat(send(json(route, bytes(filled))).status()).isEqualTo(413);
                assertThat(send(chunked(route, bytes(filled), 8_000)).status()).isEqualTo(413);
            }
            // Nothing of it is sent, only announced.
            send(new Request(
                    bytes(route
                            + " HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n"
                            + "\r\n"),
                    true));
        }
        assertThat(statusToCount).containsKeys(400, 413);
    }

    // Uploads

    @Test
    void uploadsThatAreNoMultipart() throws Exception {
        String part = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"u.csv\"\r\n\r\n"
                + "id,username,email,created_at\n7,ann,ann@example.com,2025-01-01 00:00:00\n\r\n--b--\r\n";
        List<String> types = List.of(
                "multipart/form-data",
                "multipart/form-data; boundary=",
                "multipart/form-data; boundary=\"",
                "multipart/form-data; boundary=other",
                "multipart/form-data; boundary=" + "x".repeat(5_000),
                "multipart/mixed; boundary=b",
                "text/csv",
                "application/json");
        for (String type : types) {
            Reply reply = send(request("POST /users/bulk", List.of("Content-Type: " + type), bytes(part)));
            assertThat(reply.status()).as(type).isBetween(400, 499);
        }
        String form = "multipart/form-data; boundary=b";
        List<String> bodies = new ArrayList<>(List.of(
                "",
                "--b",
                "--b--",
                "--b--\r\n",
                "--b\r\n\r\n--b--\r\n",
                "no boundary at all",
                "--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n",
                "--b\r\nContent-Disposition: form-data; name=\"other\"; filename=\"u.csv\"\r\n\r\nid\n1\n\r\n--b--\r\n",
                "--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nnot a file but a field\r\n--b--\r\n",
                "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\"\r\n\r\n\r\n--b--\r\n",
                "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"u.csv\"\r\n\r\n\r\n--b--\r\n",
                "--b\r\nContent-Disposition: nonsense; name=\"file\"; filename=\"u.csv\"\r\n\r\nid\n\r\n--b--\r\n",
                "--b\r\nContent-Disposition\r\n\r\nid\n\r\n--b--\r\n",
                "--b\r\n: \r\n\r\nid\n\r\n--b--\r\n",
                "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"../../x\u0000.csv\"\r\n\r\n\"\r\n--b--\r\n",
                "--b\r\nContent-Disposition: form-data; name=\"file\"; filename*=UTF-8''%ZZ\r\n\r\nid\n\r\n--b--\r\n",
                "--b\r\nContent-Type: text/csv; charset=nonsense\r\nContent-Disposition: form-data; name=\"file\";"
                        + " filename=\"u\"\r\n\r\n\"\r\n--b--\r\n",
                "--b\r\nContent-Transfer-Encoding: nonsense\r\nContent-Disposition: form-data; name=\"file\";"
                        + " filename=\"u\"\r\n\r\n\"\r\n--b--\r\n",
                "--b\r\nContent-Type: multipart/mixed; boundary=c\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n"
                        + "--c\r\n\r\nx\r\n--c--\r\n--b--\r\n",
                "--b\r\n" + "X-A: b\r\n".repeat(3_000) + "\r\nid\n\r\n--b--\r\n",
                "--b\r\nX-A: " + "b".repeat(30_000) + "\r\n\r\nid\n\r\n--b--\r\n"));
        for (int length = 1; length < part.length() - 70; length += 7) {
            bodies.add(part.substring(0, length));
        }
        for (String body : bodies) {
            Reply reply = send(request("POST /users/bulk", List.of("Content-Type: " + form), bytes(body)));
            assertThat(reply.status()).as(body).isBetween(400, 499);
        }
        // All of a good file, and then something that ends the form in the wrong way: stored and said so, or neither.
        String user = "id,username,email,created_at\n%d,ann,ann@example.com,2025-01-01 00:00:00\n";
        for (int number = 0; number < 40; number++) {
            String good = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"u.csv\"\r\n\r\n"
                    + String.format(user, 5_000 + number) + "\r\n--b\r\n";
            String end =
                    pick(List.of("X\r\n", "Content-Disposition: nonsense\r\n\r\nx\r\n--b--\r\n", "\r\n", ": \r\n\r\n"));
            Reply reply = send(request("POST /users/bulk", List.of("Content-Type: " + form), bytes(good + end)));
            assertThat(reply.status() == 201).as(String.valueOf(reply)).isEqualTo(isStored(5_000 + number));
            awaitEndOfImport();
        }
        for (int number = 0; number < 60; number++) {
            send(request("POST /users/bulk", List.of("Content-Type: " + form), mutated(mutated(bytes(part)))));
            awaitEndOfImport();
        }
    }

    @Test
    void filesThatAreNoUsers() throws Exception {
        String header = "id,username,email,created_at\n";
        String good = "7,ann,ann@example.com,2025-01-01 00:00:00\n";
        List<String> files = new ArrayList<>(List.of(
                "",
                "\n\n\n",
                "\u0000",
                "\"",
                "id",
                "id,username\n",
                "username\nann\n",
                "email,username,extra\na,b,c\n",
                "id,id,username,email\n1,1,a,b\n",
                "ID,USERNAME,EMAIL,CREATED_AT\n" + good,
                "id;username;email;created_at\n",
                "{\"username\":\"ann\"}",
                header + good + "8,bob\n",
                header + good + "8,bob,bob@example.com,2025-01-01 00:00:00,extra\n",
                header + good + "\"8,bob,bob@example.com,2025-01-01 00:00:00\n",
                header + good + "8,\"bob\"x,bob@example.com,2025-01-01 00:00:00\n",
                header + good + "8,b\rob,bob@example.com,2025-01-01 00:00:00\n",
                header + good + good));
        for (String id :
                List.of("", "0", "-1", "1.5", "1e3", "x", "9223372036854775808", "9".repeat(50), "+8", " 8", "８")) {
            files.add(header + good + id + ",bob,bob@example.com,2025-01-01 00:00:00\n");
        }
        for (String text : List.of("", " ", "x".repeat(200), "a\u0000b", "\"a\nb\"", "\u0085", "\ud83d")) {
            files.add(header + good + "8," + text + ",bob@example.com,2025-01-01 00:00:00\n");
        }
        for (String email : List.of("", "bob", "@", "a@b@c", "a b@c", "x@" + "y".repeat(300), "a@\u0007")) {
            files.add(header + good + "8,bob," + email + ",2025-01-01 00:00:00\n");
        }
        for (String time : List.of(
                "",
                "now",
                "2025",
                "2025-01-01",
                "2025-13-01 00:00:00",
                "2025-02-30 00:00:00",
                "2025-01-01 24:00:00",
                "2025-01-01 00:00:60",
                "99999-01-01 00:00:00",
                "-2025-01-01 00:00:00",
                "0000-01-01 00:00:00",
                "2025-01-01 00:00:00+25:00",
                "infinity",
                "1735689600")) {
            files.add(header + good + "8,bob,bob@example.com," + time + "\n");
        }
        for (String file : files) {
            send(upload(bytes(file)));
        }
        byte[] notUtf8 =
                join(bytes(header + "8,b"), new byte[] {(byte) 0xFF}, bytes("b,bob@example.com,2025-01-01 00:00:00\n"));
        assertThat(send(upload(notUtf8)).status()).isEqualTo(400);
        for (int number = 0; number < 200; number++) {
            byte[] file = bytes(header + good + "8,bob,bob@example.com,2025-01-01 00:00:00\n");
            for (int change = 0; change <= random.nextInt(3); change++) {
                file = mutated(file);
            }
            send(upload(file));
        }
        for (int number = 0; number < 60; number++) {
            byte[] noise = new byte[random.nextInt(5_000)];
            random.nextBytes(noise);
            assertThat(send(upload(noise)).status()).isEqualTo(400);
        }
        assertThat(send(upload(bytes(header + good.repeat(UPLOAD_LIMIT / good.length() + 10))))
                        .status())
                .isEqualTo(413);
        assertThat(send(upload(bytes(header + "\"" + "x".repeat(UPLOAD_LIMIT * 2))))
                        .status())
                .isEqualTo(413);
        assertThat(statusToCount).containsKeys(400, 413);
    }

    // Paths, queries, methods

    @Test
    void paths() throws Exception {
        List<String> pieces = List.of(
                "/",
                "//",
                "///",
                "users",
                "urls",
                "events",
                "stats",
                "redirect",
                "health",
                "metrics",
                "docs",
                "shorten",
                "1",
                "0",
                "-1",
                "99999999",
                "9223372036854775807",
                "9223372036854775808",
                "9".repeat(40),
                "1.5",
                "1e1",
                "0x1",
                "abc",
                "%",
                "%2",
                "%zz",
                "%00",
                "%0a",
                "%0d%0a",
                "%2f",
                "%2F..%2F",
                "%252f",
                "%c0%ae",
                "%ff",
                "%ed%a0%80",
                "%e2%82",
                "%F0%9F%98%80",
                "..",
                ".",
                "../",
                "..;/",
                ";",
                ";a=b",
                "~",
                "@",
                "*",
                "\\",
                "|",
                "^",
                "`",
                "<",
                ">",
                "\"",
                "'",
                "{id}",
                ":id",
                "$",
                "&",
                "=",
                "+",
                "!",
                "(",
                ")",
                ",",
                "[",
                "]",
                "#x",
                "ä",
                "\u00ff",
                "\u0080",
                "a".repeat(33),
                "a".repeat(2_000),
                "%41".repeat(300),
                "favicon.ico",
                "robots.txt",
                ".env",
                "openapi.yaml",
                "assets",
                "site.css",
                "assets/../openapi.yaml",
                "META-INF",
                "web",
                "http://example.com/");
        List<String> methods = List.of("GET", "GET", "GET", "HEAD", "DELETE", "POST", "PATCH", "PUT", "OPTIONS");
        for (int number = 0; number < 1_200; number++) {
            StringBuilder path = new StringBuilder(random.nextInt(20) == 0 ? "" : "/");
            int length = random.nextInt(6);
            for (int piece = 0; piece < length; piece++) {
                path.append(pick(pieces)).append(random.nextInt(3) > 0 ? "/" : "");
            }
            send(request(pick(methods) + " " + path, List.of(), new byte[0]));
        }
        for (String whole :
                List.of("*", "", " ", "//", "/\u0001", "http://", "http://a b/", "/" + "a".repeat(9_000), "users")) {
            send(new Request(bytes("GET " + whole + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), true));
        }
        assertThat(statusToCount).containsKeys(400, 404, 405);
    }

    @Test
    void queries() throws Exception {
        List<String> lists = List.of(
                "/users", "/urls", "/events", "/urls/1/events", "/urls/1", "/urls/1/stats", "/health", "/", "/abc");
        List<String> names = List.of(
                "user_id",
                "url_id",
                "is_active",
                "short_code",
                "q",
                "event_type",
                "page",
                "per_page",
                "after",
                "limit",
                "order",
                "",
                "%00",
                "a".repeat(500),
                "user_id[]",
                "USER_ID");
        List<String> values = List.of(
                "",
                "1",
                "0",
                "-1",
                "abc",
                "1.5",
                "1e3",
                "true",
                "True",
                "null",
                "undefined",
                "NaN",
                "%00",
                "a%00b",
                "%0a",
                "%",
                "%zz",
                "%2",
                "%ff",
                "%c0%80",
                "%ed%a0%80",
                "ä",
                "\u00ff",
                "1,2",
                "1;2",
                "1%202",
                "+1",
                "++",
                "501",
                "99999999999",
                "1000000000000",
                "9223372036854775807",
                "9223372036854775808",
                "9".repeat(200),
                "' OR '1'='1",
                "%27%3B--",
                "%25%25%25",
                "_%25_",
                "%5C",
                "%5C%25",
                "x".repeat(3_000),
                "<script>",
                "asc",
                "desc",
                "[]",
                "{}",
                "(((",
                "*",
                "^(a+)+$");
        for (int number = 0; number < 1_000; number++) {
            StringBuilder query = new StringBuilder();
            int length = 1 + random.nextInt(3);
            for (int parameter = 0; parameter < length; parameter++) {
                query.append(parameter == 0 ? "?" : random.nextInt(8) == 0 ? "&&" : "&")
                        .append(pick(names))
                        .append(random.nextInt(10) == 0 ? "" : "=")
                        .append(pick(values).replace(" ", "%20"));
            }
            send(request((random.nextInt(8) == 0 ? "HEAD " : "GET ") + pick(lists) + query, List.of(), new byte[0]));
        }
        send(request("GET /users?" + "a=1&".repeat(1_500), List.of(), new byte[0]));
        send(request("GET /users?" + "x".repeat(9_000), List.of(), new byte[0]));
        assertThat(statusToCount).containsKeys(200, 400, 414);
    }

    @Test
    void methods() throws Exception {
        List<String> methods = List.of(
                "OPTIONS",
                "TRACE",
                "CONNECT",
                "get",
                "Get",
                "PROPFIND",
                "MOVE",
                "LOCK",
                "X",
                "PURGE",
                "QUERY",
                "A".repeat(50),
                "PATCH",
                "PUT",
                "POST",
                "DELETE",
                "HEAD");
        List<String> paths = List.of(
                "/",
                "/users",
                "/users/9999",
                "/users/bulk",
                "/urls",
                "/urls/9999",
                "/urls/abc/redirect",
                "/events",
                "/events/1",
                "/health",
                "/metrics",
                "/docs",
                "/openapi.yaml",
                "/stats/abc",
                "/shorten",
                "/abc");
        for (String method : methods) {
            for (String path : paths) {
                send(request(method + " " + path, List.of(), new byte[0]));
            }
        }
        for (String line : List.of(
                "GET /users",
                "GET /users HTTP/0.9",
                "GET /users HTTP/2.0",
                "GET /users HTTP/9",
                "GET /users HTTP/1.1 extra",
                "GET  /users  HTTP/1.1",
                "GET\t/users\tHTTP/1.1",
                "GET",
                "GET /users FTP/1.1",
                "PRI * HTTP/2.0",
                "\u0000 / HTTP/1.1",
                "G\u00cbT / HTTP/1.1",
                " GET / HTTP/1.1")) {
            send(new Request(bytes(line + "\r\nHost: a\r\nConnection: close\r\n\r\n"), true));
        }
        assertThat(statusToCount).containsKeys(405, 501, 505);
    }

    // Headers and framing

    @Test
    void headers() throws Exception {
        List<String> names = List.of(
                "Host",
                "X-Request-Id",
                "Accept",
                "Accept-Encoding",
                "Referer",
                "User-Agent",
                "Content-Type",
                "Cookie",
                "Authorization",
                "X-Forwarded-Proto",
                "X-Forwarded-For",
                "X-Forwarded-Host",
                "Forwarded",
                "Range",
                "If-None-Match",
                "If-Modified-Since",
                "Upgrade",
                "Origin",
                "Te",
                "Expect",
                "Connection",
                "X-A",
                "Keep-Alive",
                "Content-Encoding",
                "Max-Forwards");
        List<String> values = List.of(
                "",
                " ",
                "a",
                "a b",
                "ä",
                "\u00ff\u00fe",
                "\u0001",
                "a\u0000b",
                "a\tb",
                "x".repeat(300),
                "x".repeat(5_000),
                "https",
                "http://example.com/",
                "a:99999",
                "[::1",
                "a/b",
                "a@b",
                "..",
                "%00",
                "\"",
                "<>",
                "${jndi}",
                "*/*",
                ";;;;",
                ",,,,",
                "bytes=0-0,1-1",
                "bytes=9-1",
                "websocket",
                "h2c",
                "close, keep-alive",
                "100-continue",
                "200-maybe",
                "gzip, gzip",
                "-1",
                "9".repeat(40),
                "W/\"\"",
                "Thu, 99 Foo 9999");
        List<String> targets = List.of(
                "GET /users", "GET /abc", "GET /", "HEAD /health", "GET /urls/1", "GET /nothing/here", "POST /users");
        for (int number = 0; number < 700; number++) {
            List<String> headers = new ArrayList<>();
            int count = 1 + random.nextInt(4);
            for (int header = 0; header < count; header++) {
                String line = pick(names) + ":" + (random.nextInt(5) == 0 ? "" : " ") + pick(values);
                headers.add(line);
                if (random.nextInt(6) == 0) {
                    headers.add(line);
                }
            }
            send(request(pick(targets), headers, new byte[0]));
        }
        for (String id : List.of("a b", "a\u0001", "ä", "x".repeat(129), "<script>", "", "a;b", "a,b", "a\"b")) {
            Reply reply = send(request("GET /users", List.of("X-Request-Id: " + id), new byte[0]));
            assertThat(reply.headers().get("x-request-id")).matches("[A-Za-z0-9._:/=+-]{1,128}");
        }
        for (String host :
                List.of("", "a b", "\u00ff", "a/../b", "a:b:c", "[", "x".repeat(300), "evil\"><", "a\\b", "@")) {
            byte[] body = bytes("{\"url\":\"https://example.com/" + random.nextLong() + "\"}");
            Reply reply = send(new Request(
                    join(
                            bytes("POST /shorten HTTP/1.1\r\nHost: " + host
                                    + "\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: "
                                    + body.length
                                    + "\r\n\r\n"),
                            body),
                    false));
            assertThat(reply.status()).isIn(201, 400);
            assertThat(reply.text()).doesNotContain("\\\"><", "../");
        }
        assertThat(send(request("GET /users", List.of("X-A: " + "x".repeat(20_000)), new byte[0]))
                        .status())
                .isEqualTo(431);
        List<String> many = new ArrayList<>();
        for (int number = 0; number < 2_000; number++) {
            many.add("X-" + number + ": " + number);
        }
        assertThat(send(request("GET /users", many, new byte[0])).status()).isEqualTo(431);
        assertThat(statusToCount).containsKeys(200, 400, 404);
    }

    @Test
    void framing() throws Exception {
        String start = "POST /users HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n";
        String body = "{\"username\":1,\"email\":2}";
        List<String> wholes = new ArrayList<>(List.of(
                start + "Content-Length: 5\r\n\r\n" + body,
                start + "Content-Length: 5000\r\n\r\n" + body,
                start + "Content-Length: -5\r\n\r\n" + body,
                start + "Content-Length: +5\r\n\r\n" + body,
                start + "Content-Length: 0x10\r\n\r\n" + body,
                start + "Content-Length: 1e3\r\n\r\n" + body,
                start + "Content-Length: \r\n\r\n" + body,
                start + "Content-Length: five\r\n\r\n" + body,
                start + "Content-Length: 99999999999999999999\r\n\r\n" + body,
                start + "Content-Length: 24\r\nContent-Length: 5\r\n\r\n" + body,
                start + "Content-Length: 24, 24\r\n\r\n" + body,
                start + "Content-Length: 24\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                start + "Transfer-Encoding: nonsense\r\n\r\n" + body,
                start + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
                start + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
                start + "Transfer-Encoding:\u000bchunked\r\n\r\n0\r\n\r\n",
                start + "Transfer-Encoding: chunked\r\n\r\nzz\r\n" + body,
                start + "Transfer-Encoding: chunked\r\n\r\n-1\r\n" + body,
                start + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n" + body,
                start + "Transfer-Encoding: chunked\r\n\r\n5\r\n" + body + "\r\n0\r\n\r\n",
                start + "Transfer-Encoding: chunked\r\n\r\n5;ext=\"" + "x".repeat(20_000) + "\"\r\n",
                start + "Transfer-Encoding: chunked\r\n\r\n" + "0".repeat(20_000) + "\r\n",
                start + "Transfer-Encoding: chunked\r\n\r\n0\r\n" + "X-Trailer: a\r\n".repeat(3_000) + "\r\n",
                start + "Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 5\r\n\r\n",
                start + "No colon here\r\n\r\n",
                start + ": no name\r\n\r\n",
                start + "Sp ace: a\r\n\r\n",
                start + "X-A : a\r\n\r\n",
                start + " folded\r\n\r\n",
                start + "X-A: a\r\n folded\r\n\r\n",
                start + "X-\u0000: a\r\n\r\n",
                start + "\r\n",
                start,
                start.replace("\r\n", "\n") + "\n",
                start.replace("\r\n", "\r") + "\r",
                "POST /users HTTP/1.1\r\n\r\n",
                "POST /users HTTP/1.0\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n\r\n",
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                "\r\n\r\n\r\n\r\n",
                "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003"));
        for (int length = 1; length < start.length(); length += 5) {
            wholes.add(start.substring(0, length));
        }
        for (String whole : wholes) {
            send(new Request(bytes(whole), true));
        }
        for (int number = 0; number < 250; number++) {
            byte[] noise = new byte[1 + random.nextInt(400)];
            random.nextBytes(noise);
            send(new Request(join(noise, bytes("\r\n\r\n")), true));
        }
        for (int number = 0; number < 150; number++) {
            byte[] request = bytes(start + "Content-Length: " + body.length() + "\r\n\r\n" + body);
            for (int change = 0; change < 3; change++) {
                request = mutated(request);
            }
            send(new Request(request, true));
        }
        assertThat(statusToCount).containsKey(400);
    }

    // How they are made

    private static List<String> routesWithBodies() {
        return List.of(
                "POST /users",
                "PUT /users/1",
                "PATCH /users/1",
                "POST /urls",
                "PUT /urls/1",
                "PATCH /urls/1",
                "POST /shorten",
                "POST /events");
    }

    private <T> T pick(List<T> from) {
        return from.get(random.nextInt(from.size()));
    }

    private static Request json(String route, byte[] body) {
        return request(route, List.of("Content-Type: application/json"), body);
    }

    private static Request upload(byte[] file) {
        byte[] head = bytes("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"users.csv\"\r\n"
                + "Content-Type: text/csv\r\n\r\n");
        return request(
                "POST /users/bulk",
                List.of("Content-Type: multipart/form-data; boundary=b"),
                join(head, file, bytes("\r\n--b--\r\n")));
    }

    private static Request request(String route, List<String> headers, byte[] body) {
        StringBuilder head = new StringBuilder(route).append(" HTTP/1.1\r\n");
        if (headers.stream().noneMatch(header -> header.startsWith("Host:"))) {
            head.append("Host: s.example\r\n");
        }
        headers.forEach(header -> head.append(header).append("\r\n"));
        if (headers.stream().noneMatch(header -> header.startsWith("Connection:"))) {
            head.append("Connection: close\r\n");
        }
        if (body.length > 0 || !route.matches("(GET|HEAD|DELETE) .*")) {
            head.append("Content-Length: ").append(body.length).append("\r\n");
        }
        return new Request(join(bytes(head.append("\r\n").toString()), body), false);
    }

    private static Request chunked(String route, byte[] body, int size) {
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes(bytes(route + " HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n"));
        for (int from = 0; from < body.length; from += size) {
            int length = Math.min(size, body.length - from);
            request.writeBytes(bytes(Integer.toHexString(length) + "\r\n"));
            request.write(body, from, length);
            request.writeBytes(bytes("\r\n"));
        }
        request.writeBytes(bytes("0\r\n\r\n"));
        return new Request(request.toByteArray(), false);
    }

    /** Letters beyond Latin-1 as UTF-8, all others as one byte each. */
    private static byte[] bytes(String text) {
        return text.chars().anyMatch(c -> c > 0xFF)
                ? text.getBytes(StandardCharsets.UTF_8)
                : text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    /** One that was broken off while it began ends soon after its answer; until then it has one of the few places. */
    private void awaitEndOfImport() {
        await().pollInterval(Duration.ofMillis(5))
                .until(() -> service.management()
                                .get("/admin/verticles/url-storage")
                                .expect(200)
                                .json()
                                .getInteger("requests_in_flight")
                        == 0);
    }

    // What holds for each

    /** Sends it, and checks all that must hold whatever it is. Null only for fragments. */
    private Reply send(Request request) throws IOException, SQLException {
        sent++;
        sentByThisTest++;
        Reply reply = RawConnection.exchange(service.port(), request);
        String what = "seed " + SEED + ", request " + sentByThisTest + ":\n" + request + "\n→ " + reply;
        statusToCount.merge(reply == null ? 0 : reply.status(), 1, Integer::sum);
        boolean mayHaveChanged = false;
        if (reply == null) {
            assertThat(request.fragment()).as("no answer: %s", what).isTrue();
        } else {
            // A method, a transfer coding, a version of HTTP that the service does not know: no fault of the server.
            if (reply.status() != 501 && reply.status() != 505) {
                assertThat(reply.status()).as(what).isBetween(200, 499);
            }
            for (String word : INSIDE) {
                if (reply.status() >= 400) {
                    assertThat(reply.toString()).as(what).doesNotContain(word);
                }
            }
            assertThat(reply.headers().get("x-request-id")).as(what).matches("[A-Za-z0-9._:/=+-]{1,128}");
            if (reply.status() >= 400) {
                checkProblem(reply, request.isHead(), what);
            }
            mayHaveChanged = reply.status() < 400;
        }
        String now = contentOfTheDatabase();
        if (!mayHaveChanged) {
            assertThat(now).as("the database is unchanged: %s", what).isEqualTo(content);
        }
        content = now;
        return reply;
    }

    private boolean isStored(long userId) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT FROM users WHERE id = " + userId)) {
            return rows.next();
        }
    }

    private static void checkProblem(Reply reply, boolean head, String what) {
        assertThat(reply.headers().get("content-type")).as(what).isEqualTo("application/json");
        if (!head) {
            JsonObject problem = new JsonObject(reply.text());
            assertThat(problem.getString("detail")).as(what).isNotBlank();
            assertThat(problem.getString("type")).as(what).startsWith("/problems/");
            assertThat(problem.getString("error"))
                    .as(what)
                    .isEqualTo(problem.getString(reply.status() == 400 ? "detail" : "title"));
            assertThat(problem.getInteger("status")).as(what).isEqualTo(reply.status());
            assertThat(problem.getString("title")).as(what).isNotBlank();
        }
    }

    /** Rows and a hash of all that they hold. */
    private String contentOfTheDatabase() throws SQLException {
        StringBuilder contents = new StringBuilder();
        try (Statement statement = connection.createStatement()) {
            for (String table : List.of("users", "urls", "events", "link_clicks")) {
                try (ResultSet rows =
                        statement.executeQuery("SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, ','"
                                + " ORDER BY t::text COLLATE \"C\")), '') FROM " + table + " t")) {
                    rows.next();
                    contents.append(table).append(' ').append(rows.getString(1)).append('\n');
                }
            }
        }
        return contents.toString();
    }
}
