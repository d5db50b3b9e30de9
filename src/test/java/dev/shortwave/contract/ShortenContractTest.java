package dev.shortwave.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shortwave.fixture.Answer;
import dev.shortwave.fixture.Client;
import dev.shortwave.fixture.EachCacheTest;
import dev.shortwave.fixture.Servers;
import dev.shortwave.fixture.Service;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@EachCacheTest
class ShortenContractTest {

    private final Service service;

    ShortenContractTest(Service service) {
        this.service = service;
    }

    @ParameterizedTest
    @ValueSource(strings = {"url", "original_url", "long_url"})
    void aDestinationIsEnoughWhicheverOfItsNamesItHas(String field) {
        Answer answer = service.post("/shorten", JsonObject.of(field, "https://example.com/long"));
        JsonObject link = answer.expect(201).json();
        assertThat(link.fieldNames())
                .containsExactlyInAnyOrder(
                        "id",
                        "user_id",
                        "short_code",
                        "original_url",
                        "title",
                        "is_active",
                        "created_at",
                        "updated_at",
                        "short_url");
        assertThat(link.getValue("user_id")).isNull();
        assertThat(link.getString("original_url")).isEqualTo("https://example.com/long");
        assertThat(link.getString("short_code")).matches("[A-Za-z0-9]{6}");
        assertThat(link.getString("short_url"))
                .isEqualTo("http://127.0.0.1:" + service.port() + "/" + link.getString("short_code"));
        assertThat(answer.header("Location")).isEqualTo("/urls/" + link.getLong("id"));
        service.get("/" + link.getString("short_code")).expect(302);
        assertThat(service.eventsOf(link, "created")).hasSize(1);
        assertThat(service.get("/urls/" + link.getLong("id")).expect(200).json().containsKey("short_url"))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"custom_code", "short_code"})
    void aCodeOfOnesOwnIsKeptWhicheverOfItsNamesItHas(String field) {
        String code = Client.word();
        JsonObject link = service.post("/shorten", JsonObject.of("url", "https://example.com/", field, code))
                .expect(201)
                .json();
        assertThat(link.getString("short_code")).isEqualTo(code);
        service.post("/shorten", JsonObject.of("url", "https://example.com/", field, code))
                .problem(409, field);
        service.delete("/urls/" + link.getLong("id")).expect(204);
        service.post("/shorten", JsonObject.of("url", "https://example.com/", field, code))
                .problem(409, field);
        service.post("/shorten", JsonObject.of("url", "https://example.com/", field, "health"))
                .problem(409, field);
        service.post("/shorten", JsonObject.of("url", "https://example.com/", field, "not a code"))
                .problem(400, field);
        service.post("/shorten", JsonObject.of("url", "https://example.com/", field, 5))
                .problem(400, field);
    }

    @Test
    void anOwnerAndATitleMayBeNamed() {
        JsonObject user = service.newUser();
        JsonObject link = service.post(
                        "/shorten",
                        JsonObject.of("url", "https://example.com/", "user_id", user.getLong("id"), "title", "Mine"))
                .expect(201)
                .json();
        assertThat(link.getLong("user_id")).isEqualTo(user.getLong("id"));
        assertThat(link.getString("title")).isEqualTo("Mine");
    }

    @Test
    void anUnknownOwnerIsNotFound() {
        service.post("/shorten", JsonObject.of("url", "https://example.com/", "user_id", 999_999_999))
                .problem(404);
    }

    @Test
    void theSameDestinationGetsANewCodeEachTime() {
        JsonObject body = JsonObject.of("url", "https://example.com/again");
        String first = service.post("/shorten", body).expect(201).json().getString("short_code");
        assertThat(service.post("/shorten", body).expect(201).json().getString("short_code"))
                .isNotEqualTo(first);
    }

    @Test
    void badInputIsRefused() {
        service.post("/shorten", new JsonObject()).problem(400, "url");
        service.post("/shorten", JsonObject.of("url", null)).problem(400, "url");
        service.post("/shorten", JsonObject.of("url", "")).problem(400, "url");
        service.post("/shorten", JsonObject.of("url", 12345)).problem(400, "url");
        service.post("/shorten", JsonObject.of("long_url", "no address")).problem(400, "long_url");
        service.post("/shorten", JsonObject.of("url", "https://example.com/", "user_id", "1"))
                .problem(400, "user_id");
        service.post("/shorten", JsonObject.of("url", "https://example.com/", "title", 1))
                .problem(400, "title");
        service.post("/shorten", "nonsense").problem(400);
    }

    @Test
    void theShortUrlFollowsTheConfiguredPublicAddress(Servers servers) {
        try (Service other = servers.service()
                .on(service.database())
                .set("http.public-url", "https://sho.rt")
                .start()) {
            JsonObject link = other.post("/shorten", JsonObject.of("url", "https://example.com/"))
                    .expect(201)
                    .json();
            assertThat(link.getString("short_url")).isEqualTo("https://sho.rt/" + link.getString("short_code"));
            other.post("/shorten", JsonObject.of("url", "https://sho.rt/abc")).problem(400, "url");
            other.post("/shorten", JsonObject.of("url", "http://sho.rt/abc")).problem(400, "url");
            other.post("/shorten", JsonObject.of("url", "https://other.sho.rt/abc"))
                    .expect(201);
        }
    }

    @Test
    void noLinkLeadsToThePublicAddressInAnotherSpelling(Servers servers) {
        try (Service other = servers.service()
                .on(service.database())
                .set("http.public-url", "https://SHO.RT:443")
                .start()) {
            for (String own : new String[] {
                "http://sho.rt/abc",
                "https://sho.rt:443/abc",
                "http://Sho.Rt.:8080/abc",
                "http://ｓｈｏ。rt/abc",
                "http://sho%2ert/abc"
            }) {
                other.post("/shorten", JsonObject.of("url", own)).problem(400, "url");
            }
            other.post("/shorten", JsonObject.of("url", "https://sho.rt.example/abc"))
                    .expect(201);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"url", "original_url", "long_url"})
    void aBadDestinationIsNamedAsTheCallerNamedIt(String field) {
        for (Object bad :
                new Object[] {"https://a..b.com/", "no address", "", 5, "https://example.com/" + "例".repeat(300)}) {
            service.post("/shorten", new JsonObject().put(field, bad)).problem(400, field);
        }
    }

    @Test
    void aLinkMayBeMadeInactive() {
        JsonObject link = service.post("/shorten", JsonObject.of("url", "https://example.com/", "is_active", false))
                .expect(201)
                .json();
        assertThat(link.getBoolean("is_active")).isFalse();
        service.get("/" + link.getString("short_code")).problem(404);
    }

    @Test
    void onlyATrustedProxySaysThatTheClientCameOverTls(Servers servers) {
        JsonObject body = JsonObject.of("url", "https://example.com/");
        assertThat(shortUrl(service, body)).startsWith("https://127.0.0.1:");
        try (Service other = servers.service()
                .on(service.database())
                .set("http.trusted-proxies", "192.0.2.0/24")
                .start()) {
            assertThat(shortUrl(other, body)).startsWith("http://127.0.0.1:");
        }
    }

    private static String shortUrl(Service asked, JsonObject body) {
        return asked.post("/shorten", body, "X-Forwarded-Proto", "https")
                .expect(201)
                .json()
                .getString("short_url");
    }
}
