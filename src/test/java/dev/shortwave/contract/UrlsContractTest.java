package dev.shortwave.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shortwave.fixture.Answer;
import dev.shortwave.fixture.Client;
import dev.shortwave.fixture.EachCacheTest;
import dev.shortwave.fixture.LogLines;
import dev.shortwave.fixture.Servers;
import dev.shortwave.fixture.Service;
import dev.shortwave.logging.Logging;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@EachCacheTest
class UrlsContractTest {

    private static final String[] FIELDS = {
        "id", "user_id", "short_code", "original_url", "title", "is_active", "created_at", "updated_at"
    };

    private final Service service;

    UrlsContractTest(Service service) {
        this.service = service;
    }

    private long newUserId() {
        return service.newUser().getLong("id");
    }

    // Creating

    @Test
    void createAnswersExactlyTheEightFieldsAndThePath() {
        long owner = newUserId();
        Answer answer = service.post(
                "/urls",
                JsonObject.of("user_id", owner, "original_url", "https://example.com/a?b=c#d", "title", "Ein Títel"));
        JsonObject link = answer.expect(201).json();
        assertThat(link.fieldNames()).containsExactlyInAnyOrder(FIELDS);
        assertThat(link.getValue("id")).isInstanceOf(Integer.class);
        assertThat(link.getLong("user_id")).isEqualTo(owner);
        assertThat(link.getString("original_url")).isEqualTo("https://example.com/a?b=c#d");
        assertThat(link.getString("title")).isEqualTo("Ein Títel");
        assertThat(link.getBoolean("is_active")).isTrue();
        assertThat(link.getString("created_at")).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d");
        assertThat(link.getString("updated_at")).isEqualTo(link.getString("created_at"));
        assertThat(answer.header("Location")).isEqualTo("/urls/" + link.getLong("id"));
        assertThat(service.get(answer.header("Location")).expect(200).json()).isEqualTo(link);
    }

    @Test
    void aLinkWithoutATitleAnswersNull() {
        JsonObject link = service.post(
                        "/urls", JsonObject.of("user_id", newUserId(), "original_url", "https://example.com/"))
                .expect(201)
                .json();
        assertThat(link.fieldNames()).containsExactlyInAnyOrder(FIELDS);
        assertThat(link.getValue("title")).isNull();
    }

    @Test
    void eachCreateMakesANewCodeOfSixCharactersAlsoForTheSameDestination() {
        long owner = newUserId();
        Set<String> codes = new HashSet<>();
        for (int number = 0; number < 20; number++) {
            JsonObject link = service.post(
                            "/urls", JsonObject.of("user_id", owner, "original_url", "https://example.com/same"))
                    .expect(201)
                    .json();
            assertThat(link.getString("short_code")).matches("[A-Za-z0-9]{6}");
            codes.add(link.getString("short_code"));
        }
        assertThat(codes).hasSize(20);
    }

    @Test
    void createBooksTheEventCreated() {
        JsonObject link = service.newLink();
        JsonArray events = service.eventsOf(link);
        assertThat(events).hasSize(1);
        JsonObject event = events.getJsonObject(0);
        assertThat(event.getString("event_type")).isEqualTo("created");
        assertThat(event.getLong("user_id")).isEqualTo(link.getLong("user_id"));
        assertThat(event.getJsonObject("details"))
                .isEqualTo(JsonObject.of(
                        "short_code", link.getString("short_code"), "original_url", link.getString("original_url")));
    }

    @ParameterizedTest
    @ValueSource(longs = {999_999_999, 0, -1, Long.MAX_VALUE})
    void anUnknownOwnerIsNotFound(long id) {
        service.post("/urls", JsonObject.of("user_id", id, "original_url", "https://example.com/"))
                .problem(404);
    }

    static Stream<JsonObject> badFields() {
        String url = "https://example.com/";
        JsonObject good = JsonObject.of("user_id", 1, "original_url", url);
        return Stream.of(
                bad("user_id", JsonObject.of("original_url", url)),
                bad("user_id", good.copy().put("user_id", null)),
                bad("user_id", good.copy().put("user_id", "1")),
                bad("user_id", good.copy().put("user_id", 1.5)),
                bad("user_id", good.copy().put("user_id", true)),
                bad("user_id", good.copy().put("user_id", new JsonArray())),
                bad("user_id", good.copy().put("user_id", new java.math.BigInteger("99999999999999999999"))),
                bad("original_url", JsonObject.of("user_id", 1)),
                bad("original_url", good.copy().put("original_url", null)),
                bad("original_url", good.copy().put("original_url", "")),
                bad("original_url", good.copy().put("original_url", 12345)),
                bad("original_url", good.copy().put("original_url", true)),
                bad("original_url", good.copy().put("original_url", new JsonArray().add(url))),
                bad("title", good.copy().put("title", 12345)),
                bad("title", good.copy().put("title", false)),
                bad("title", good.copy().put("title", "nul\u0000byte")),
                bad("title", good.copy().put("title", " \u00a0")),
                bad("short_code", good.copy().put("short_code", 12345)),
                bad("short_code", good.copy().put("short_code", "")),
                bad("short_code", good.copy().put("short_code", "with space")),
                bad("short_code", good.copy().put("short_code", "a/b")),
                bad("short_code", good.copy().put("short_code", "ümlaut")),
                bad("short_code", good.copy().put("short_code", "x".repeat(33))));
    }

    private static JsonObject bad(String fault, JsonObject body) {
        return body.copy().put("fault", fault);
    }

    @ParameterizedTest
    @MethodSource("badFields")
    void aBadFieldIsRefusedByName(JsonObject body) {
        service.post("/urls", body).problem(400, body.getString("fault"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "example.com",
                "/relative",
                "//example.com/",
                "ftp://example.com/",
                "javascript:alert(1)",
                "data:text/html,x",
                "mailto:a@example.com",
                "http://",
                "https:///path",
                "https://user@example.com/",
                "https://user:secret@example.com/",
                "https://exa mple.com/",
                "https://a..b.com/",
                "https://xn--a/",
                "https://256.1.1.1/",
                "https://example.com\\@elsewhere.example/",
                "https:/example.com/",
                "https:example.com",
                "https://example.com/\r\nSet-Cookie: a=b",
                "https://example.com/\u0000",
                "https://example.com:99999/",
                "https://[::1/",
                "not a url"
            })
    void aDestinationThatIsNoWebAddressIsRefused(String destination) {
        service.post("/urls", JsonObject.of("user_id", newUserId(), "original_url", destination))
                .problem(400, "original_url");
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " => ",
            quoteCharacter = '\0',
            value = {
                "https://faß.de/ => https://xn--fa-hia.de/",
                "https://βόλος.com => https://xn--nxasmm1c.com",
                "https://भारत.भारत/ => https://xn--h2brj9c.xn--h2brj9c/",
                "https://நாமம்.இந்தியா/ => https://xn--vlcma6dxd.xn--xkc2dl3a5ee0h/",
                "https://matrix.to/#/#room:matrix.org => https://matrix.to/#/#room:matrix.org",
                "https://a.example/?family=Roboto|Open+Sans => https://a.example/?family=Roboto|Open+Sans",
                "https://a.example/{a,b}/50%off/\"x\"/a^b => https://a.example/%7Ba,b%7D/50%off/%22x%22/a%5Eb",
                "https://a.example/a b?c d#e f => https://a.example/a%20b?c%20d#e%20f",
                "https://a.example/a\\b?a\\b => https://a.example/a/b?a\\b"
            })
    void aDestinationIsKeptAsItIsGivenAndSentAsBrowsersSendIt(String destination, String location) {
        long owner = newUserId();
        JsonObject link = service.post(
                        "/urls", JsonObject.of("user_id", owner, "original_url", " \t" + destination + "\r\n"))
                .expect(201)
                .json();
        assertThat(link.getString("original_url")).isEqualTo(destination);
        String path = "/" + link.getString("short_code");
        for (Service node : service.nodes()) {
            assertThat(node.get(path).expect(302).header("Location")).isEqualTo(location);
        }
        JsonObject changed = service.patch(
                        "/urls/" + service.newLink().getLong("id"), JsonObject.of("original_url", destination + "\n"))
                .expect(200)
                .json();
        assertThat(service.get("/" + changed.getString("short_code"))
                        .expect(302)
                        .header("Location"))
                .isEqualTo(location);
    }

    @Test
    void rowsThatAreOlderThanTheRulesRedirectRight() {
        String code = Client.word();
        String stored = "https://faß.de/" + "例".repeat(1750);
        service.database()
                .execute("INSERT INTO urls (short_code, original_url) VALUES ('" + code + "', '" + stored + "')");
        assertThat(service.get("/" + code).expect(302).header("Location"))
                .isEqualTo("https://xn--fa-hia.de/" + "%E4%BE%8B".repeat(1750));
        assertThat(service.get("/urls?short_code=" + code)
                        .array()
                        .getJsonObject(0)
                        .getString("original_url"))
                .isEqualTo(stored);
    }

    @Test
    void aTitleIsDataAndStandsInNoHeaderAndNoLogLine() {
        String title = "\u202egro.live\u2066 " + Client.word();
        try (LogLines lines = new LogLines("dev.shortwave", Logging.ACCESS)) {
            Answer answer = service.post(
                    "/urls",
                    JsonObject.of("user_id", newUserId(), "original_url", "https://example.com/", "title", title));
            assertThat(answer.expect(201).json().getString("title")).isEqualTo(title);
            Answer redirect =
                    service.get("/" + answer.json().getString("short_code")).expect(302);
            for (Answer each : new Answer[] {answer, redirect}) {
                assertThat(each.headers().map().toString()).matches("\\p{ASCII}*");
            }
            assertThat(lines.all().toString() + lines.fields()).doesNotContain("\u202e");
        }
    }

    @Test
    void aLinkMayBeMadeInactive() {
        JsonObject body = JsonObject.of("user_id", newUserId(), "original_url", "https://example.com/");
        JsonObject link = service.post("/urls", body.copy().put("is_active", false))
                .expect(201)
                .json();
        assertThat(link.getBoolean("is_active")).isFalse();
        service.get("/" + link.getString("short_code")).problem(404);
        assertThat(service.eventsOf(link, "updated")).isEmpty();
        service.patch("/urls/" + link.getLong("id"), JsonObject.of("is_active", true))
                .expect(200);
        service.get("/" + link.getString("short_code")).expect(302);
        service.post("/urls", body.copy().put("is_active", null)).problem(400, "is_active");
        service.post("/urls", body.copy().put("is_active", "false")).problem(400, "is_active");
    }

    @Test
    void whatIsRefusedUsesUpNoId() {
        JsonObject link = service.newLink();
        JsonObject gone = service.newLink();
        service.delete("/urls/" + gone.getLong("id")).expect(204);
        JsonObject body = JsonObject.of("user_id", newUserId(), "original_url", "https://example.com/");
        service.post("/urls", body.copy().put("short_code", link.getString("short_code")))
                .problem(409, "short_code");
        service.post("/urls", body.copy().put("short_code", gone.getString("short_code")))
                .problem(409, "short_code");
        service.post("/urls", body.copy().put("short_code", "health")).problem(409, "short_code");
        service.post("/urls", body.copy().put("user_id", 999_999_999)).problem(404);
        assertThat(service.newLink().getLong("id")).isEqualTo(gone.getLong("id") + 1);
    }

    @Test
    void aDestinationMayHave2048CharactersAndNoMore() {
        long owner = newUserId();
        String start = "https://example.com/";
        String longest = start + "x".repeat(2048 - start.length());
        JsonObject link = service.post("/urls", JsonObject.of("user_id", owner, "original_url", longest))
                .expect(201)
                .json();
        assertThat(service.get("/" + link.getString("short_code")).expect(302).header("Location"))
                .isEqualTo(longest);
        service.post("/urls", JsonObject.of("user_id", owner, "original_url", longest + "x"))
                .problem(400, "original_url");
        // Counted is what is sent: nine characters for each of these.
        service.post("/urls", JsonObject.of("user_id", owner, "original_url", start + "例".repeat(1750)))
                .problem(400, "original_url");
    }

    @Test
    void aDestinationOnThisServiceIsRefused() {
        long owner = newUserId();
        String own = "http://127.0.0.1:" + service.port() + "/abc";
        service.post("/urls", JsonObject.of("user_id", owner, "original_url", own))
                .problem(400, "original_url");
        service.post("/shorten", JsonObject.of("url", own)).problem(400, "url");
        JsonObject link = service.newLink();
        service.patch("/urls/" + link.getLong("id"), JsonObject.of("original_url", own))
                .problem(400, "original_url");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "A-b_9", "0123456789", "x2345678901234567890123456789012"})
    void aCodeOfOnesOwnIsKept(String form) {
        String code = form.length() > 8 ? (Client.word() + form).substring(0, form.length()) : form + Client.word();
        JsonObject link = service.post(
                        "/urls",
                        JsonObject.of(
                                "user_id", newUserId(), "original_url", "https://example.com/", "short_code", code))
                .expect(201)
                .json();
        assertThat(link.getString("short_code")).isEqualTo(code);
        service.get("/" + code).expect(302);
    }

    @Test
    void codesAreCaseSensitive() {
        long owner = newUserId();
        String lower = Client.word();
        String upper = lower.toUpperCase(java.util.Locale.ROOT);
        service.post(
                        "/urls",
                        JsonObject.of("user_id", owner, "original_url", "https://example.com/l", "short_code", lower))
                .expect(201);
        service.get("/" + upper).problem(404);
        service.post(
                        "/urls",
                        JsonObject.of("user_id", owner, "original_url", "https://example.com/u", "short_code", upper))
                .expect(201);
        assertThat(service.get("/" + lower).header("Location")).isEqualTo("https://example.com/l");
        assertThat(service.get("/" + upper).header("Location")).isEqualTo("https://example.com/u");
    }

    @Test
    void aTakenCodeIsAConflict() {
        JsonObject link = service.newLink();
        service.post(
                        "/urls",
                        JsonObject.of(
                                "user_id",
                                link.getLong("user_id"),
                                "original_url",
                                "https://example.com/other",
                                "short_code",
                                link.getString("short_code")))
                .problem(409, "short_code");
        assertThat(service.get("/" + link.getString("short_code")).header("Location"))
                .isEqualTo(link.getString("original_url"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"users", "urls", "events", "health", "metrics", "shorten", "stats", "docs", "admin", "assets"})
    void theNameOfARouteIsAConflict(String code) {
        service.post(
                        "/urls",
                        JsonObject.of(
                                "user_id", newUserId(), "original_url", "https://example.com/", "short_code", code))
                .problem(409, "short_code");
    }

    @Test
    void ofManyRequestsForOneCodeJustOneGetsIt() throws Exception {
        String code = Client.word();
        long owner = newUserId();
        try (var threads = new Threads(8)) {
            List<Integer> statuses = threads.each(number -> service.post(
                            "/urls",
                            JsonObject.of(
                                    "user_id",
                                    owner,
                                    "original_url",
                                    "https://example.com/" + number,
                                    "short_code",
                                    code))
                    .status());
            assertThat(statuses).containsOnlyOnce(201).containsOnly(201, 409);
        }
    }

    // Lists and filters

    @Test
    void theListShowsLinksOfOneUserInTheOrderOfIds() {
        JsonObject user = service.newUser();
        JsonObject first = service.newLink(user);
        JsonObject second = service.newLink(user);
        service.newLink();
        assertThat(service.get("/urls?user_id=" + user.getLong("id"))
                        .expect(200)
                        .array())
                .containsExactly(first, second);
    }

    @Test
    void anUnknownUserHasNoLinks() {
        assertThat(service.get("/urls?user_id=999999999").expect(200).array()).isEmpty();
    }

    @Test
    void theListCanShowActiveOrInactiveLinksOnly() {
        JsonObject user = service.newUser();
        JsonObject active = service.newLink(user);
        JsonObject inactive = service.patch(
                        "/urls/" + service.newLink(user).getLong("id"), JsonObject.of("is_active", false))
                .expect(200)
                .json();
        String path = "/urls?user_id=" + user.getLong("id");
        assertThat(service.get(path).array()).containsExactly(active, inactive);
        assertThat(service.get(path + "&is_active=true").array()).containsExactly(active);
        assertThat(service.get(path + "&is_active=false").array()).containsExactly(inactive);
    }

    @Test
    void theListCanBeFilteredByCode() {
        JsonObject link = service.newLink();
        assertThat(service.get("/urls?short_code=" + link.getString("short_code"))
                        .array())
                .containsExactly(link);
        assertThat(service.get("/urls?short_code=" + Client.word()).array()).isEmpty();
    }

    @Test
    void theListCanBeSearched() {
        JsonObject user = service.newUser();
        String word = Client.word();
        JsonObject byTitle = create(user, "https://example.com/1", "Before " + word + " after");
        JsonObject byDestination = create(user, "https://example.com/" + word, "x");
        create(user, "https://example.com/3", "x");
        assertThat(service.get("/urls?q=" + word.toUpperCase(java.util.Locale.ROOT))
                        .array())
                .containsExactly(byTitle, byDestination);
        assertThat(service.get("/urls?q=" + byTitle.getString("short_code")).array())
                .contains(byTitle);
        assertThat(service.get("/urls?q=%25&user_id=" + user.getLong("id")).array())
                .as("a percent sign is no wildcard")
                .isEmpty();
    }

    private JsonObject create(JsonObject user, String destination, String title) {
        return service.post(
                        "/urls",
                        JsonObject.of("user_id", user.getLong("id"), "original_url", destination, "title", title))
                .expect(201)
                .json();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "user_id=abc",
                "user_id=",
                "user_id=1.5",
                "user_id=1%20OR%201=1",
                "user_id=99999999999999999999",
                "user_id=-1",
                "user_id=9007199254740992",
                "user_id=1&user_id=2",
                "is_active=maybe",
                "is_active=",
                "is_active=1",
                "short_code=",
                "short_code=%00",
                "q=",
                "q=%00"
            })
    void aJunkFilterIsRefused(String filter) {
        service.get("/urls?" + filter).problem(400, filter.substring(0, filter.indexOf('=')));
    }

    // One link

    @Test
    void anInactiveLinkCanStillBeRead() {
        JsonObject link = service.newLink();
        String path = "/urls/" + link.getLong("id");
        service.patch(path, JsonObject.of("is_active", false)).expect(200);
        assertThat(service.get(path).expect(200).json().getBoolean("is_active")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "999999999", "-1", "1.5", "abc", "abcdef", "99999999999999999999"})
    void anUnknownLinkIsNotFound(String id) {
        String path = "/urls/" + id;
        service.get(path).problem(404);
        service.put(path, JsonObject.of("title", "x")).problem(404);
        service.patch(path, JsonObject.of("title", "x")).problem(404);
        service.delete(path).problem(404);
        service.get(path + "/stats").problem(404);
        service.get(path + "/events").problem(404);
    }

    @Test
    void anIdIsNeverTakenForACode() {
        String digits = "7" + Long.toString(System.nanoTime());
        JsonObject link = service.post(
                        "/shorten", JsonObject.of("url", "https://example.com/digits", "short_code", digits))
                .expect(201)
                .json();
        service.get("/urls/" + digits).problem(404);
        assertThat(service.get("/urls/" + digits + "/redirect").expect(302).header("Location"))
                .isEqualTo("https://example.com/digits");
        assertThat(service.get("/urls/" + link.getLong("id")).expect(200).json().getString("short_code"))
                .isEqualTo(digits);
    }

    // Changing

    @ParameterizedTest
    @ValueSource(strings = {"PUT", "PATCH"})
    void eachFieldCanBeChangedByItself(String method) {
        JsonObject link = service.newLink();
        String path = "/urls/" + link.getLong("id");
        for (JsonObject change : List.of(
                JsonObject.of("title", "Another"),
                JsonObject.of("original_url", "https://example.com/another"),
                JsonObject.of("is_active", false),
                JsonObject.of("title", null))) {
            JsonObject changed =
                    service.sendJson(method, path, change).expect(200).json();
            link.mergeIn(change).put("updated_at", changed.getString("updated_at"));
            assertThat(changed).isEqualTo(link);
            assertThat(service.get(path).json()).isEqualTo(link);
        }
    }

    @Test
    void aChangeRenewsTheTimeOfTheUpdate() {
        JsonObject link = service.newLink();
        String path = "/urls/" + link.getLong("id");
        Awaitility.await()
                .atMost(Duration.ofSeconds(5))
                .pollInterval(Duration.ofMillis(300))
                .untilAsserted(() -> {
                    JsonObject changed = service.patch(path, JsonObject.of("title", Client.word()))
                            .expect(200)
                            .json();
                    assertThat(changed.getString("updated_at")).isGreaterThan(link.getString("updated_at"));
                    assertThat(changed.getString("created_at")).isEqualTo(link.getString("created_at"));
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"PUT", "PATCH"})
    void oneEventIsBookedForEachChangedField(String method) {
        JsonObject link = service.newLink();
        service.sendJson(
                        method,
                        "/urls/" + link.getLong("id"),
                        JsonObject.of("title", "New", "is_active", false, "original_url", "https://example.com/new"))
                .expect(200);
        JsonArray events = service.eventsOf(link, "updated");
        assertThat(events.stream().map(event -> ((JsonObject) event).getJsonObject("details")))
                .containsExactlyInAnyOrder(
                        JsonObject.of("field", "title", "new_value", "New"),
                        JsonObject.of("field", "is_active", "new_value", false),
                        JsonObject.of("field", "original_url", "new_value", "https://example.com/new"));
        assertThat(events.getJsonObject(0).getLong("user_id")).isEqualTo(link.getLong("user_id"));
    }

    @Test
    void aFieldThatStaysTheSameBooksNoEvent() {
        JsonObject link = service.newLink();
        service.patch(
                        "/urls/" + link.getLong("id"),
                        JsonObject.of("title", link.getString("title"), "is_active", false))
                .expect(200);
        assertThat(service.eventsOf(link, "updated").stream()
                        .map(event ->
                                ((JsonObject) event).getJsonObject("details").getString("field")))
                .containsExactly("is_active");
    }

    static Stream<JsonObject> badChanges() {
        return Stream.of(
                new JsonObject(),
                JsonObject.of("short_code", "other"),
                JsonObject.of("unknown", 1),
                JsonObject.of("is_active", "true"),
                JsonObject.of("is_active", 1),
                JsonObject.of("is_active", null),
                JsonObject.of("title", 12345),
                JsonObject.of("title", new JsonArray()),
                JsonObject.of("original_url", null),
                JsonObject.of("original_url", ""),
                JsonObject.of("original_url", 12345),
                JsonObject.of("original_url", "not a url"),
                JsonObject.of("title", "good", "original_url", "not a url"));
    }

    @ParameterizedTest
    @MethodSource("badChanges")
    void aBadChangeIsRefusedAndChangesNothing(JsonObject change) {
        JsonObject link = service.newLink();
        String path = "/urls/" + link.getLong("id");
        service.patch(path, change).problem(400);
        service.put(path, change).problem(400);
        assertThat(service.get(path).json()).isEqualTo(link);
        assertThat(service.eventsOf(link)).hasSize(1);
    }

    @Test
    void theRedirectChangesAtOnceOnEveryNode() {
        JsonObject link = service.newLink();
        String redirect = "/" + link.getString("short_code");
        for (Service node : service.nodes()) {
            node.get(redirect).expect(302);
        }
        for (int round = 0; round < 10; round++) {
            String destination = "https://example.com/round/" + round;
            service.patch("/urls/" + link.getLong("id"), JsonObject.of("original_url", destination))
                    .expect(200);
            for (Service node : service.nodes()) {
                assertThat(node.get(redirect).expect(302).header("Location")).isEqualTo(destination);
            }
        }
    }

    @Test
    void switchingOffAndOnWorksAtOnceOnEveryNode() {
        JsonObject link = service.newLink();
        for (int round = 0; round < 5; round++) {
            service.patch("/urls/" + link.getLong("id"), JsonObject.of("is_active", false))
                    .expect(200);
            for (Service node : service.nodes()) {
                node.get("/" + link.getString("short_code")).problem(404);
            }
            service.patch("/urls/" + link.getLong("id"), JsonObject.of("is_active", true))
                    .expect(200);
            for (Service node : service.nodes()) {
                node.get("/" + link.getString("short_code")).expect(302);
            }
        }
    }

    // Deleting

    @Test
    void deleteAnswersNothingAndIsNotFoundTheSecondTime() {
        JsonObject link = service.newLink();
        String path = "/urls/" + link.getLong("id");
        assertThat(service.delete(path).expect(204).body()).isEmpty();
        service.get(path).problem(404);
        service.delete(path).problem(404);
        service.patch(path, JsonObject.of("title", "x")).problem(404);
        service.get(path + "/stats").problem(404);
        service.get("/stats/" + link.getString("short_code")).problem(404);
    }

    @Test
    void deleteEndsTheRedirectAtOnceOnEveryNode() {
        JsonObject link = service.newLink();
        for (Service node : service.nodes()) {
            node.get("/" + link.getString("short_code")).expect(302);
        }
        service.delete("/urls/" + link.getLong("id")).expect(204);
        for (Service node : service.nodes()) {
            node.get("/" + link.getString("short_code")).problem(404);
            node.get("/urls/" + link.getString("short_code") + "/redirect").problem(404);
        }
    }

    @Test
    void deleteBooksTheEventDeletedAndTheHistoryStays() {
        JsonObject link = service.newLink();
        service.get("/" + link.getString("short_code")).expect(302);
        service.delete("/urls/" + link.getLong("id")).expect(204);
        JsonArray events = service.get("/urls/" + link.getLong("id") + "/events")
                .expect(200)
                .array();
        assertThat(events.stream().map(event -> ((JsonObject) event).getString("event_type")))
                .as("a click is booked soon after its answer, so its place among the others is open")
                .containsExactlyInAnyOrder("created", "click", "deleted");
        JsonObject deleted = events.stream()
                .map(JsonObject.class::cast)
                .filter(event -> event.getString("event_type").equals("deleted"))
                .findFirst()
                .orElseThrow();
        assertThat(deleted.getJsonObject("details")).isEqualTo(JsonObject.of("reason", "user_requested"));
        assertThat(deleted.getLong("user_id")).isEqualTo(link.getLong("user_id"));
        assertThat(service.eventsOf(link)).isEqualTo(events);
    }

    @Test
    void theOwnerOfADeletedLinkMayTakeItsCodeAgain() {
        JsonObject link = service.newLink();
        String code = link.getString("short_code");
        service.delete("/urls/" + link.getLong("id")).expect(204);
        for (Service node : service.nodes()) {
            node.get("/" + code).problem(404);
        }
        take(code, link.getLong("user_id")).expect(201);
        for (Service node : service.nodes()) {
            assertThat(node.get("/" + code).expect(302).header("Location")).isEqualTo("https://example.com/second");
        }
    }

    @Test
    void theCodeOfADeletedLinkIsNotGivenToOthers() {
        String code = Client.word();
        long owner = newUserId();
        JsonObject link = take(code, owner).expect(201).json();
        service.delete("/urls/" + link.getLong("id")).expect(204);
        take(code, newUserId()).problem(409, "short_code");
        take(code, null).problem(409, "short_code");
        service.get("/" + code).problem(404);
        take(code, owner).expect(201);
    }

    @Test
    void theCodeOfALinkWithoutOwnerIsNotGivenToAnybody() {
        String code = Client.word();
        JsonObject link = take(code, null).expect(201).json();
        service.delete("/urls/" + link.getLong("id")).expect(204);
        take(code, null).problem(409, "short_code");
        take(code, newUserId()).problem(409, "short_code");
    }

    @Test
    void aCodeThatWasChosenIsFreeAfterSomeTimeAndAGeneratedOneNever() {
        String code = Client.word();
        JsonObject chosen = take(code, newUserId()).expect(201).json();
        JsonObject generated = service.newLink();
        service.delete("/urls/" + chosen.getLong("id")).expect(204);
        service.delete("/urls/" + generated.getLong("id")).expect(204);
        age(code, "89 days");
        take(code, newUserId()).problem(409, "short_code");
        age(code, "91 days");
        take(code, newUserId()).expect(201);
        age(generated.getString("short_code"), "1000 days");
        take(generated.getString("short_code"), newUserId()).problem(409, "short_code");
        take(generated.getString("short_code"), generated.getLong("user_id")).expect(201);
    }

    @Test
    void theCodesOfADeletedUserAreNotGivenToOthers() {
        String code = Client.word();
        long owner = newUserId();
        take(code, owner).expect(201);
        service.delete("/users/" + owner).expect(204);
        take(code, newUserId()).problem(409, "short_code");
    }

    @Test
    void aCodeThatALinkNoLongerHasIsNotGivenToOthers() {
        String code = Client.word();
        JsonObject link = take(code, newUserId()).expect(201).json();
        service.database().execute("UPDATE urls SET short_code = '" + code + "x' WHERE id = " + link.getLong("id"));
        take(code, newUserId()).problem(409, "short_code");
        take(code, link.getLong("user_id")).expect(201);
    }

    @Test
    void retiringCodesCanBeOffAndOldOnesAreDeletedAtTheStart(Servers servers) {
        String code = Client.word();
        JsonObject chosen = take(code, newUserId()).expect(201).json();
        JsonObject generated = service.newLink();
        service.delete("/urls/" + chosen.getLong("id")).expect(204);
        service.delete("/urls/" + generated.getLong("id")).expect(204);
        assertThat(retired(code)).isEqualTo(1);
        try (Service other = servers.service()
                .on(service.database())
                .set("links.retire-codes", "0s")
                .start()) {
            assertThat(retired(code)).isZero();
            assertThat(retired(generated.getString("short_code"))).isEqualTo(1);
            JsonObject again = take(other, code, newUserId()).expect(201).json();
            other.delete("/urls/" + again.getLong("id")).expect(204);
            take(other, code, null).expect(201);
        }
    }

    private long retired(String code) {
        return service.database().number("SELECT count(*) FROM retired_codes WHERE short_code = '" + code + "'");
    }

    private void age(String code, String age) {
        service.database()
                .execute("UPDATE retired_codes SET retired_at = now() - interval '" + age + "' WHERE short_code = '"
                        + code + "'");
    }

    private Answer take(String code, Long owner) {
        return take(service, code, owner);
    }

    private static Answer take(Service service, String code, Long owner) {
        return service.post(
                "/shorten", JsonObject.of("url", "https://example.com/second", "short_code", code, "user_id", owner));
    }
}
