package dev.shortwave.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shortwave.fixture.Answer;
import dev.shortwave.fixture.Client;
import dev.shortwave.fixture.EachCacheTest;
import dev.shortwave.fixture.Service;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@EachCacheTest
class RedirectContractTest {

    /** Both routes, with the code in place of the star. */
    private static final String SHORT = "/*";

    private static final String LONG = "/urls/*/redirect";

    private final Service service;

    RedirectContractTest(Service service) {
        this.service = service;
    }

    private static String path(String route, JsonObject link) {
        return path(route, link.getString("short_code"));
    }

    private static String path(String route, String code) {
        return route.replace("*", code);
    }

    @ParameterizedTest
    @ValueSource(strings = {SHORT, LONG})
    void anActiveCodeRedirectsToItsDestination(String route) {
        JsonObject link = service.newLink();
        Answer answer = service.get(path(route, link)).expect(302);
        assertThat(answer.header("Location")).isEqualTo(link.getString("original_url"));
        assertThat(answer.header("X-Cache")).isIn("HIT", "MISS");
        assertThat(answer.header("Cache-Control")).contains("no-store");
        assertThat(answer.body()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {SHORT, LONG})
    void theDestinationIsGivenToTheCharacter(String route) {
        String destination = "https://Example.COM:8443/%7Euser/;p?a=1&b=%20&c=+#frag%20ment";
        JsonObject link = service.post("/shorten", JsonObject.of("url", destination))
                .expect(201)
                .json();
        assertThat(link.getString("original_url")).isEqualTo(destination);
        assertThat(service.get(path(route, link)).expect(302).header("Location"))
                .isEqualTo(destination);
    }

    @ParameterizedTest
    @ValueSource(strings = {SHORT, LONG})
    void aDestinationBeyondAsciiIsGivenAsBrowsersWriteIt(String route) {
        String destination = "https://bücher.example:8443/日本/ü?q=ä#ö";
        JsonObject link = service.post("/shorten", JsonObject.of("url", destination))
                .expect(201)
                .json();
        assertThat(link.getString("original_url")).isEqualTo(destination);
        assertThat(service.get(path(route, link)).expect(302).header("Location"))
                .isEqualTo("https://xn--bcher-kva.example:8443/%E6%97%A5%E6%9C%AC/%C3%BC?q=%C3%A4#%C3%B6");
        assertThat(service.eventsOf(link, "click")
                        .getJsonObject(0)
                        .getJsonObject("details")
                        .getString("original_url"))
                .isEqualTo(destination);
    }

    @ParameterizedTest
    @ValueSource(strings = {SHORT, LONG})
    void theSecondRedirectComesFromTheCache(String route) {
        JsonObject link = service.newLink();
        service.get(path(route, link)).expect(302);
        for (Service node : service.nodes()) {
            assertThat(node.get(path(route, link)).expect(302).header("X-Cache"))
                    .isEqualTo("HIT");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {SHORT, LONG})
    void anUnknownCodeIsNotFoundAndTheMissIsCached(String route) {
        String code = Client.word();
        Answer first = service.get(path(route, code));
        first.problem(404);
        assertThat(first.header("X-Cache")).isEqualTo("MISS");
        Answer second = service.get(path(route, code));
        second.problem(404);
        assertThat(second.header("X-Cache")).isEqualTo("HIT");
    }

    @ParameterizedTest
    @ValueSource(strings = {SHORT, LONG})
    void aCodeMadeAfterItsMissWasCachedWorksAtOnceOnEveryNode(String route) {
        String code = Client.word();
        for (Service node : service.nodes()) {
            node.get(path(route, code)).problem(404);
        }
        service.post("/shorten", JsonObject.of("url", "https://example.com/now", "short_code", code))
                .expect(201);
        for (Service node : service.nodes()) {
            assertThat(node.get(path(route, code)).expect(302).header("Location"))
                    .isEqualTo("https://example.com/now");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {SHORT, LONG})
    void anInactiveLinkIsNotFoundAndBooksNothing(String route) {
        JsonObject link = service.newLink();
        service.patch("/urls/" + link.getLong("id"), JsonObject.of("is_active", false))
                .expect(200);
        for (Service node : service.nodes()) {
            node.get(path(route, link)).problem(404);
        }
        assertThat(service.eventsOf(link, "click")).isEmpty();
        assertThat(stats(service, link).getLong("click_count")).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {SHORT, LONG})
    void aRedirectBooksExactlyOneClickThatTheNextReadShows(String route) {
        JsonObject link = service.newLink();
        service.get(path(route, link)).expect(302);
        JsonArray clicks = service.eventsOf(link, "click");
        assertThat(clicks).hasSize(1);
        JsonObject click = clicks.getJsonObject(0);
        assertThat(click.getLong("url_id")).isEqualTo(link.getLong("id"));
        assertThat(click.getLong("user_id")).isEqualTo(link.getLong("user_id"));
        assertThat(click.getString("timestamp")).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d");
        JsonObject details = click.getJsonObject("details");
        assertThat(details.getString("short_code")).isEqualTo(link.getString("short_code"));
        assertThat(details.getString("original_url")).isEqualTo(link.getString("original_url"));
        assertThat(details.containsKey("referrer")).isFalse();
    }

    @Test
    void aClickOfALinkThatBelongsToNobodyHasNoUser() {
        JsonObject link = service.post("/shorten", JsonObject.of("url", "https://example.com/nobody"))
                .expect(201)
                .json();
        service.get(path(SHORT, link)).expect(302);
        JsonObject click = service.eventsOf(link, "click").getJsonObject(0);
        assertThat(click.containsKey("user_id")).isTrue();
        assertThat(click.getValue("user_id")).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {SHORT, LONG})
    void aClickKnowsReferrerAndUserAgent(String route) {
        JsonObject link = service.newLink();
        service.get(path(route, link), "Referer", "https://news.example.org/?q=1", "User-Agent", "Tester/1.0 \"x\"")
                .expect(302);
        JsonObject details = service.eventsOf(link, "click").getJsonObject(0).getJsonObject("details");
        assertThat(details.getString("referrer")).isEqualTo("https://news.example.org/?q=1");
        assertThat(details.getString("user_agent")).isEqualTo("Tester/1.0 \"x\"");
    }

    @Test
    void aClickWithoutThoseHeadersHasNoSuchDetails() {
        JsonObject link = service.newLink();
        assertThat(service.raw("GET " + path(SHORT, link) + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 302");
        assertThat(service.eventsOf(link, "click")
                        .getJsonObject(0)
                        .getJsonObject("details")
                        .fieldNames())
                .containsExactlyInAnyOrder("short_code", "original_url");
    }

    @Test
    void headersThatCannotBeStoredDoNotSpoilTheClick() {
        JsonObject link = service.newLink();
        service.raw(
                "GET " + path(SHORT, link) + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nUser-Agent: a\u0080b\u00ff"
                        + "y".repeat(5_000) + "\r\n\r\n");
        JsonArray clicks = service.eventsOf(link, "click");
        assertThat(clicks).hasSize(1);
        assertThat(clicks.getJsonObject(0).getJsonObject("details").getString("user_agent"))
                .hasSizeLessThanOrEqualTo(1024)
                .contains("yyy");
    }

    @ParameterizedTest
    @ValueSource(strings = {SHORT, LONG})
    void headAnswersTheSameAndIsNoClick(String route) {
        JsonObject link = service.newLink();
        Answer answer = service.head(path(route, link)).expect(302);
        assertThat(answer.header("Location")).isEqualTo(link.getString("original_url"));
        assertThat(answer.header("X-Cache")).isNotNull();
        service.head(path(route, Client.word())).expect(404);
        assertThat(service.eventsOf(link, "click")).isEmpty();
        assertThat(stats(service, link).getLong("click_count")).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {SHORT, LONG})
    void aSlashAtTheEndChangesNothing(String route) {
        JsonObject link = service.newLink();
        assertThat(service.get(path(route, link) + "/").expect(302).header("Location"))
                .isEqualTo(link.getString("original_url"));
        assertThat(service.eventsOf(link, "click")).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {SHORT, LONG})
    void aQueryBehindTheCodeChangesNothing(String route) {
        JsonObject link = service.newLink();
        assertThat(service.get(path(route, link) + "?utm_source=x&a=%00")
                        .expect(302)
                        .header("Location"))
                .isEqualTo(link.getString("original_url"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"with%20space", "%00", "a%2Fb", "caf%C3%A9", "a.b", "%", "x2345678901234567890123456789012xx"})
    void whatCannotBeACodeIsNotFound(String code) {
        String path = code.equals("%") ? "/%25" : "/" + code;
        service.get(path).problem(404);
        service.get("/urls" + path + "/redirect").problem(404);
    }

    @Test
    void everyClickIsCountedOnceWhicheverNodeAnswers() throws Exception {
        JsonObject link = service.newLink();
        Service[] nodes = service.nodes();
        try (var threads = new Threads(8)) {
            List<Integer> done = threads.each(number -> {
                for (int round = 0; round < 25; round++) {
                    nodes[(number + round) % nodes.length]
                            .get(path(SHORT, link))
                            .expect(302);
                }
                return 25;
            });
            assertThat(done).hasSize(8);
        }
        for (Service node : nodes) {
            assertThat(node.eventsOf(link, "click")).hasSize(200);
            assertThat(stats(node, link).getLong("click_count")).isEqualTo(200);
        }
    }

    @Test
    void aClickOnOneNodeIsInTheVeryNextReadOfAnother() {
        JsonObject link = service.newLink();
        Service[] nodes = service.nodes();
        for (int round = 1; round <= 20; round++) {
            nodes[round % nodes.length].get(path(SHORT, link)).expect(302);
            Service other = nodes[(round + 1) % nodes.length];
            assertThat(stats(other, link).getLong("click_count")).isEqualTo(round);
            assertThat(other.eventsOf(link, "click")).hasSize(round);
        }
    }

    private static JsonObject stats(Service node, JsonObject link) {
        return node.get("/urls/" + link.getLong("id") + "/stats").expect(200).json();
    }
}
