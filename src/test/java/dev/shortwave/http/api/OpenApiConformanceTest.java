package dev.shortwave.http.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shortwave.bus.Bus;
import dev.shortwave.cache.LinkCache;
import dev.shortwave.click.ClickAppenders;
import dev.shortwave.config.BuildInfo;
import dev.shortwave.config.Config;
import dev.shortwave.error.Problem;
import dev.shortwave.fixture.Answer;
import dev.shortwave.fixture.Client;
import dev.shortwave.fixture.Servers;
import dev.shortwave.fixture.Service;
import dev.shortwave.fixture.ServiceTest;
import dev.shortwave.fixture.TcpProxy;
import dev.shortwave.fixture.TestDatabase;
import dev.shortwave.health.Dependencies;
import dev.shortwave.health.Readiness;
import dev.shortwave.http.api.OpenApiDocument.Operation;
import dev.shortwave.http.api.OpenApiDocument.Promise;
import dev.shortwave.http.connection.AddressLimit;
import dev.shortwave.http.server.PublicRouter;
import dev.shortwave.http.web.Assets;
import dev.shortwave.link.LinkTarget;
import dev.shortwave.metrics.Metrics;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Every route is in the OpenAPI document, and every answer that it names is given. */
@ServiceTest
class OpenApiConformanceTest {

    private static final String BULK = "/users/bulk";
    private static final String USERS_CSV = "username,email\nsomeone,someone@example.com\n";

    private static final OpenApiDocument DOCUMENT = new OpenApiDocument();

    private static TcpProxy proxy;

    /** Its PostgreSQL is away. */
    private static Service cutOff;

    /** Takes small files only, and has no patience. */
    private static Service strict;

    /** To be stopped. */
    private static Service draining;

    private final Service service;

    OpenApiConformanceTest(Service service) {
        this.service = service;
    }

    @BeforeAll
    static void start(Servers servers) {
        TestDatabase database = servers.postgres().newDatabase();
        proxy = TcpProxy.to(database);
        cutOff = servers.service().on(database.through(proxy)).start();
        proxy.cut();
        strict = servers.service()
                .on(database)
                .set("http.max-upload-size", "1KiB")
                .set("http.upload-idle-timeout", "200ms")
                .start();
        draining = servers.service().on(database).set("http.drain-delay", "1s").start();
    }

    @AfterAll
    static void stop() {
        cutOff.close();
        strict.close();
        draining.close();
        proxy.close();
    }

    @Test
    void itNamesTheRoutesThatThereAreAndNoOthers(Servers servers) {
        Set<String> documented = DOCUMENT.promises().stream()
                .map(promise -> promise.method() + " " + promise.path())
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> mounted = new TreeSet<>();
        mountedRoutes(servers.service().config()).forEach((path, methods) -> {
            String template = path.replaceAll(":(\\w+)", "{$1}");
            for (HttpMethod method : methods) {
                String route = method.name() + " " + template;
                // HEAD goes with GET, and is named only where it matters.
                boolean plainHead = method.equals(HttpMethod.HEAD) && !documented.contains(route);
                if (!plainHead && !path.startsWith("/assets/")) {
                    mounted.add(route);
                }
            }
        });
        assertThat(documented).isEqualTo(mounted);
    }

    private static Map<String, List<HttpMethod>> mountedRoutes(Config config) {
        Vertx vertx = Vertx.vertx();
        try {
            BuildInfo release = BuildInfo.current();
            PublicRouter.Context shared = new PublicRouter.Context(
                    config.http(),
                    config.links(),
                    config.log(),
                    new NoClicks(),
                    new Metrics(Map.of()),
                    new Readiness(),
                    new Dependencies(Clock.systemUTC(), false, () -> -1, () -> true, () -> 0),
                    Assets.load(release),
                    release,
                    new AddressLimit(0));
            LinkCache caches = new LinkCache(config.redis(), config.cache(), "test");
            Bus bus = new Bus(vertx.eventBus(), Duration.ofSeconds(1), 1);
            return new PublicRouter(
                            vertx,
                            bus,
                            shared,
                            caches,
                            caches.openResolver(vertx, bus).await(),
                            new NoClicks())
                    .routes();
        } finally {
            vertx.close().await();
        }
    }

    @Test
    void everyAnswerThatItNamesIsGivenAsItSays() {
        List<String> broken = new ArrayList<>();
        Set<String> unknown = new TreeSet<>();
        for (Promise promise : DOCUMENT.promises()) {
            try {
                Answer answer = provoke(promise);
                if (answer == null) {
                    unknown.add(promise.toString());
                } else {
                    flaws(promise, answer).forEach(flaw -> broken.add(promise + ": " + flaw + "\n      " + answer));
                }
            } catch (RuntimeException | AssertionError e) {
                broken.add(promise + ": " + e);
            }
        }
        assertThat(unknown).as("answers that this test can't provoke").isEmpty();
        assertThat(broken).as("answers that are not as the document says").isEmpty();
    }

    @Test
    void headAndASlashAtTheEndAnswerAsGetDoes() {
        List<String> broken = new ArrayList<>();
        World world = new World(service);
        for (Promise promise : DOCUMENT.promises()) {
            if (!promise.method().equals("GET") || (promise.status() != 200 && promise.status() != 302)) {
                continue;
            }
            String path = successPath(promise, world);
            Answer get = service.get(path);
            Answer head = service.head(path);
            if (head.body().length > 0 || !isSame(get, head, path)) {
                broken.add("HEAD " + path + ": " + head + head.headers() + " " + get.headers());
            }
            if (!path.equals("/")) {
                Answer slashed = service.get(path + "/");
                if (!isSame(get, slashed, path)) {
                    broken.add(path + "/: " + slashed + slashed.headers() + " " + get.headers());
                }
            }
        }
        assertThat(broken).isEmpty();
    }

    /** Whether status and headers are the same, but for the id, and for the length of what changes with time. */
    private static boolean isSame(Answer one, Answer other, String path) {
        return one.status() == other.status() && headers(one, path).equals(headers(other, path));
    }

    private static Map<String, List<String>> headers(Answer answer, String path) {
        Map<String, List<String>> headers = new HashMap<>(answer.headers().map());
        headers.remove("x-request-id");
        headers.remove("x-cache");
        if (path.startsWith("/health")
                || Set.of("/metrics", "/users", "/urls", "/events").contains(path)) {
            headers.remove("content-length");
        }
        return headers;
    }

    @Test
    void itsExamplesAreWhatItsSchemasSay() {
        List<String> broken = new ArrayList<>();
        int seen = 0;
        for (Promise promise : DOCUMENT.promises()) {
            for (Object media : promise.content().values()) {
                Map<String, Object> content = OpenApiDocument.map(media);
                for (Object example : DOCUMENT.examples(content)) {
                    seen++;
                    DOCUMENT.violations(content.get("schema"), example)
                            .forEach(violation -> broken.add(promise + ": " + violation));
                    if (example instanceof Map<?, ?> problem
                            && problem.containsKey("status")
                            && promise.status() >= 400
                            && problem.get("status") instanceof Integer status
                            && status != promise.status()) {
                        broken.add(promise + ": the example says " + status);
                    }
                }
            }
        }
        assertThat(broken).isEmpty();
        assertThat(seen).isGreaterThan(50);
    }

    @Test
    void everyProblemThatItNamesHasBothMediaTypesAndAType() {
        List<String> broken = new ArrayList<>();
        for (Promise promise : DOCUMENT.promises()) {
            // Health has a form of its own, and HEAD none.
            if (promise.status() < 400
                    || promise.path().startsWith("/health")
                    || promise.content().isEmpty()) {
                continue;
            }
            if (!promise.content().keySet().equals(Set.of("application/json", "application/problem+json"))) {
                broken.add(promise + ": " + promise.content().keySet());
            }
            for (Object example :
                    DOCUMENT.examples(OpenApiDocument.map(promise.content().get("application/json")))) {
                Map<String, Object> problem = OpenApiDocument.map(example);
                String expected = promise.status() == 400 ? "detail" : "title";
                boolean isOfAKind = Stream.of(Problem.Kind.values())
                        .anyMatch(kind -> kind.type().equals(problem.get("type"))
                                && kind.phrase().equals(problem.get("title"))
                                && kind.status() == promise.status());
                if (!isOfAKind || !problem.get(expected).equals(problem.get("error"))) {
                    broken.add(promise + ": " + problem);
                }
            }
        }
        assertThat(broken).isEmpty();
        assertThat(DOCUMENT.schema("ProblemType").get("enum"))
                .isEqualTo(
                        Stream.of(Problem.Kind.values()).map(Problem.Kind::type).toList());
    }

    /** Each example by itself, and together with each named value of another parameter. */
    @Test
    void itsExamplesAreAccepted() {
        loadWhatTheExamplesName();
        List<String> refused = new ArrayList<>();
        int asked = 0;
        // What reads comes first: an example of a change switches the link off.
        List<Operation> operations = DOCUMENT.operations().stream()
                .filter(operation -> !operation.method().equals("DELETE"))
                .sorted(Comparator.comparing(operation ->
                        !operation.method().equals("GET") && !operation.method().equals("HEAD")))
                .toList();
        for (Operation operation : operations) {
            String path = operation.path();
            for (Map<String, Object> parameter : operation.parametersIn("path")) {
                path = path.replace("{" + parameter.get("name") + "}", String.valueOf(parameter.get("example")));
            }
            List<Object> bodies = new ArrayList<>(operation.bodies());
            if (bodies.isEmpty()) {
                bodies.add(null);
            }
            for (Object body : bodies) {
                for (String query : queries(operation.parametersIn("query"))) {
                    Answer answer = operation.path().equals(BULK)
                            ? strict.upload(BULK, "file", USERS_CSV)
                            : body == null
                                    ? strict.send(operation.method(), path + query, null)
                                    : strict.sendJson(operation.method(), path + query, Json.encode(body));
                    asked++;
                    if (answer.status() >= 400) {
                        refused.add(answer + " " + query);
                    }
                }
            }
        }
        assertThat(refused).isEmpty();
        assertThat(asked).isGreaterThan(100);
    }

    private static List<String> queries(List<Map<String, Object>> parameters) {
        List<String> queries = new ArrayList<>();
        queries.add("");
        for (Map<String, Object> one : parameters) {
            for (Object value : DOCUMENT.namedValues(one)) {
                String query = "?" + one.get("name") + "=" + value;
                queries.add(query);
                for (Map<String, Object> other : parameters) {
                    if (DOCUMENT.resolved(other.get("schema")).get("enum") instanceof List<?> values && other != one) {
                        values.forEach(each -> queries.add(query + "&" + other.get("name") + "=" + each));
                    }
                }
            }
        }
        return queries;
    }

    private static void loadWhatTheExamplesName() {
        String time = "2025-09-19 22:25:05";
        Map<String, String> kindToCsv = new LinkedHashMap<>();
        kindToCsv.put("users", "id,username,email,created_at\n17,owner,owner@example.com," + time + "\n");
        kindToCsv.put(
                "urls",
                "id,user_id,short_code,original_url,title,is_active,created_at,updated_at\n"
                        + "42,17,k3XwP9,https://example.com/,,True," + time + "," + time + "\n");
        kindToCsv.put("events", "id,url_id,user_id,event_type,timestamp,details\n3423,42,17,seen," + time + ",{}\n");
        kindToCsv.forEach((kind, csv) -> strict.management()
                .send("POST", "/admin/seeds/" + kind, BodyPublishers.ofString(csv), "Content-Type", "text/csv")
                .expect(200));
    }

    private static List<String> flaws(Promise promise, Answer answer) {
        List<String> flaws = new ArrayList<>();
        if (answer.status() != promise.status()) {
            flaws.add("answered " + answer.status());
            return flaws;
        }
        promise.headers().stream()
                .filter(header -> !header.equals("Link") && answer.header(header) == null)
                .forEach(header -> flaws.add("no header " + header));
        if (promise.content().isEmpty()) {
            if (answer.body().length > 0) {
                flaws.add("a body, but none is named");
            }
            return flaws;
        }
        String type = String.valueOf(answer.header("Content-Type")).replaceAll(";.*", "");
        Object media = promise.content().get(type);
        if (media == null) {
            flaws.add("the content type " + type + ", not one of "
                    + promise.content().keySet());
        } else if (type.endsWith("json")) {
            flaws.addAll(DOCUMENT.violations(
                    OpenApiDocument.map(media).get("schema"), plain(Json.decodeValue(answer.text()))));
        }
        return flaws;
    }

    private static Object plain(Object json) {
        if (json instanceof JsonObject object) {
            Map<String, Object> map = new HashMap<>();
            object.forEach(entry -> map.put(entry.getKey(), plain(entry.getValue())));
            return map;
        }
        if (json instanceof JsonArray array) {
            return array.stream().map(OpenApiConformanceTest::plain).collect(Collectors.toList());
        }
        return json;
    }

    // Provoking

    /** The answer to a request that must get this status; null if none is known. */
    private Answer provoke(Promise promise) {
        return switch (promise.status()) {
            case 200, 201, 204, 302 -> succeed(promise, service, new World(service));
            case 400 -> misask(promise);
            case 404 -> askInVain(promise);
            case 408 -> promise.path().equals(BULK) ? stall() : null;
            case 409 -> collide(promise);
            case 413 ->
                promise.path().equals(BULK)
                        ? strict.upload(BULK, "file", "username,email\n" + "x".repeat(2_000))
                        : service.sendJson(promise.method(), path(promise, "1"), "x".repeat(100_000));
            case 415 ->
                service.send(
                        promise.method(),
                        path(promise, "1"),
                        BodyPublishers.ofString("{}"),
                        "Content-Type",
                        "application/json",
                        "Content-Encoding",
                        "gzip");
            case 503 ->
                promise.path().equals("/health/ready") ? readyWhileDraining() : succeed(promise, cutOff, new World());
            default -> null;
        };
    }

    /** What a request can be about. */
    private record World(long user, long link, String code, long event) {

        World(Client client) {
            this(client, client.newLink());
        }

        private World(Client client, JsonObject link) {
            this(
                    link.getLong("user_id"),
                    link.getLong("id"),
                    link.getString("short_code"),
                    client.eventsOf(link).getJsonObject(0).getLong("id"));
        }

        /** For a service that can't look anything up. */
        World() {
            this(1, 1, Client.word(), 1);
        }
    }

    private static String path(Promise promise, String parameter) {
        return promise.path().replaceAll("\\{\\w+}", parameter);
    }

    private static String successPath(Promise promise, World world) {
        String path = promise.path();
        String parameter = path.startsWith("/problems")
                ? "not-found"
                : path.contains("{code}")
                        ? world.code()
                        : Long.toString(
                                path.startsWith("/users")
                                        ? world.user()
                                        : path.startsWith("/events") ? world.event() : world.link());
        return path(promise, parameter);
    }

    private static Answer succeed(Promise promise, Client client, World world) {
        String path = promise.path();
        String name = Client.word();
        JsonObject user = JsonObject.of("username", name, "email", name + "@example.com");
        JsonObject body = switch (promise.method() + " " + path) {
            case "POST /users", "PUT /users/{id}", "PATCH /users/{id}" -> user;
            case "POST /urls" ->
                JsonObject.of("user_id", world.user(), "original_url", "https://example.com/", "title", "x");
            case "PUT /urls/{id}", "PATCH /urls/{id}" -> JsonObject.of("title", "another", "is_active", false);
            case "POST /shorten" -> JsonObject.of("url", "https://example.com/");
            case "POST /events" ->
                JsonObject.of("event_type", "seen", "url_id", world.link(), "details", new JsonObject());
            default -> null;
        };
        if (path.equals(BULK)) {
            return client.upload(BULK, "file", USERS_CSV);
        }
        return body == null
                ? client.send(promise.method(), successPath(promise, world), null)
                : client.sendJson(promise.method(), successPath(promise, world), body);
    }

    private Answer misask(Promise promise) {
        World world = new World(service);
        String id = Long.toString(promise.path().startsWith("/users") ? world.user() : world.link());
        if (promise.method().equals("GET")) {
            return service.get(path(promise, id) + "?page=0&interval=century");
        }
        return promise.path().equals(BULK)
                ? service.upload(BULK, "other", USERS_CSV)
                : service.sendJson(promise.method(), path(promise, id), "{");
    }

    private Answer askInVain(Promise promise) {
        String nobody = "999999999";
        if (promise.path().contains("{")) {
            String parameter = promise.path().contains("{code}") ? Client.word() : nobody;
            return promise.method().equals("PUT") || promise.method().equals("PATCH")
                    ? service.sendJson(
                            promise.method(),
                            path(promise, parameter),
                            JsonObject.of("username", Client.word(), "title", "x"))
                    : service.send(promise.method(), path(promise, parameter), null);
        }
        return service.sendJson(
                promise.method(),
                promise.path(),
                JsonObject.of(
                        "user_id",
                        999_999_999,
                        "original_url",
                        "https://example.com/",
                        "event_type",
                        "seen",
                        "url_id",
                        999_999_999));
    }

    private Answer collide(Promise promise) {
        JsonObject taken = service.newUser();
        World world = new World(service);
        return service.sendJson(
                promise.method(),
                path(promise, Long.toString(world.user())),
                JsonObject.of(
                        "username", taken.getString("username"),
                        "email", taken.getString("email"),
                        "user_id", world.user(),
                        "original_url", "https://example.com/",
                        "short_code", world.code()));
    }

    private static Answer stall() {
        String raw = strict.raw("POST " + BULK + " HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n"
                + "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
                + "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"u.csv\"\r\n\r\n" + USERS_CSV);
        String[] parts = raw.split("\r\n\r\n", 2);
        String[] lines = parts[0].split("\r\n");
        Map<String, List<String>> headers = new HashMap<>();
        for (int line = 1; line < lines.length; line++) {
            String[] header = lines[line].split(": *", 2);
            headers.put(header[0], List.of(header[1]));
        }
        return new Answer(
                "POST " + BULK,
                Integer.parseInt(lines[0].split(" ")[1]),
                HttpHeaders.of(headers, (name, value) -> true),
                parts[1].getBytes(StandardCharsets.UTF_8));
    }

    private static Answer readyWhileDraining() {
        CompletableFuture<Void> stopped = CompletableFuture.runAsync(draining::close);
        await().atMost(Duration.ofSeconds(1))
                .pollInterval(Duration.ofMillis(10))
                .until(() -> draining.get("/health/ready").status() == 503);
        Answer answer = draining.get("/health/ready");
        stopped.join();
        return answer;
    }

    private static final class NoClicks implements ClickAppenders, ClickAppenders.ClickAppender {
        @Override
        public Future<ClickAppender> open() {
            return Future.succeededFuture(this);
        }

        @Override
        public void append(LinkTarget target, long atMilliseconds, String referrer, String userAgent) {}

        @Override
        public void close() {}

        @Override
        public Future<Void> flush() {
            return Future.succeededFuture();
        }
    }
}
