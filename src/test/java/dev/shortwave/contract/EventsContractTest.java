package dev.shortwave.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shortwave.fixture.Answer;
import dev.shortwave.fixture.Client;
import dev.shortwave.fixture.EachCacheTest;
import dev.shortwave.fixture.Service;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@EachCacheTest
class EventsContractTest {

    private final Service service;

    EventsContractTest(Service service) {
        this.service = service;
    }

    @Test
    void anEventIsStoredAsItIsGiven() {
        JsonObject link = service.newLink();
        JsonObject details = new JsonObject(
                "{\"channel\":\"Brief\\n\u00e4\ud83d\ude80\",\"deep\":{\"list\":[1,2.5,true,null,\"x\"]},\"count\":9007199254740993}");
        Answer answer = service.post(
                "/events",
                JsonObject.of(
                        "event_type",
                        "shared",
                        "url_id",
                        link.getLong("id"),
                        "user_id",
                        link.getLong("user_id"),
                        "details",
                        details));
        JsonObject event = answer.expect(201).json();
        assertThat(event.fieldNames())
                .containsExactlyInAnyOrder("id", "url_id", "user_id", "event_type", "timestamp", "details");
        assertThat(event.getValue("id")).isInstanceOf(Integer.class);
        assertThat(event.getLong("url_id")).isEqualTo(link.getLong("id"));
        assertThat(event.getLong("user_id")).isEqualTo(link.getLong("user_id"));
        assertThat(event.getString("event_type")).isEqualTo("shared");
        assertThat(event.getString("timestamp")).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d");
        assertThat(event.getJsonObject("details")).isEqualTo(details);
        assertThat(answer.header("Location")).isEqualTo("/events/" + event.getLong("id"));
        assertThat(service.get(answer.header("Location")).expect(200).json()).isEqualTo(event);
        assertThat(service.eventsOf(link, "shared")).containsExactly(event);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ", \"details\": null", ", \"details\": {}"})
    void missingDetailsAreAnEmptyObjectAndTheUserMayBeMissing(String details) {
        JsonObject link = service.newLink();
        JsonObject event = service.post(
                        "/events", "{\"event_type\": \"seen\", \"url_id\": " + link.getLong("id") + details + "}")
                .expect(201)
                .json();
        assertThat(event.getJsonObject("details")).isEqualTo(new JsonObject());
        assertThat(event.getValue("user_id")).isNull();
    }

    static Stream<JsonObject> badEvents() {
        JsonObject good = JsonObject.of("event_type", "seen", "url_id", 1);
        return Stream.of(
                bad("details", good.copy().put("details", "text")),
                bad("details", good.copy().put("details", "{}")),
                bad("details", good.copy().put("details", 12345)),
                bad("details", good.copy().put("details", true)),
                bad("details", good.copy().put("details", new JsonArray())),
                bad("details", good.copy().put("details", JsonObject.of("a", "nul\u0000byte"))),
                bad("details", good.copy().put("details", JsonObject.of("nul\u0000byte", 1))),
                bad("event_type", JsonObject.of("url_id", 1)),
                bad("event_type", good.copy().put("event_type", null)),
                bad("event_type", good.copy().put("event_type", "")),
                bad("event_type", good.copy().put("event_type", 12345)),
                bad("event_type", good.copy().put("event_type", new JsonArray())),
                bad("event_type", good.copy().put("event_type", "x".repeat(65))),
                bad("event_type", good.copy().put("event_type", " ")),
                bad("event_type", good.copy().put("event_type", "\u00a0\u2003\u3000")),
                bad("event_type", good.copy().put("event_type", "\u200b")),
                bad("url_id", JsonObject.of("event_type", "seen")),
                bad("url_id", good.copy().put("url_id", null)),
                bad("url_id", good.copy().put("url_id", "1")),
                bad("url_id", good.copy().put("url_id", 1.5)),
                bad("url_id", good.copy().put("url_id", false)),
                bad("user_id", good.copy().put("user_id", "1")),
                bad("user_id", good.copy().put("user_id", 1.5)));
    }

    private static JsonObject bad(String fault, JsonObject body) {
        return body.copy().put("fault", fault);
    }

    @ParameterizedTest
    @MethodSource("badEvents")
    void aBadFieldIsRefusedByName(JsonObject body) {
        service.post("/events", body).problem(400, body.getString("fault"));
    }

    @Test
    void anUnknownLinkOrUserIsNotFound() {
        JsonObject link = service.newLink();
        service.post("/events", JsonObject.of("event_type", "seen", "url_id", 9_007_199_254_740_992L))
                .problem(404);
        service.post("/events", JsonObject.of("event_type", "seen", "url_id", 999_999_999))
                .problem(404);
        service.post(
                        "/events",
                        JsonObject.of("event_type", "seen", "url_id", link.getLong("id"), "user_id", 999_999_999))
                .problem(404);
        assertThat(service.eventsOf(link, "seen")).isEmpty();
    }

    @Test
    void theListCanBeFilteredByLinkUserAndType() {
        JsonObject user = service.newUser();
        JsonObject first = service.newLink(user);
        JsonObject second = service.newLink(user);
        service.get("/" + first.getString("short_code")).expect(302);
        String byUser = "/events?user_id=" + user.getLong("id");
        assertThat(types(service.get(byUser).expect(200).array())).containsExactly("created", "created", "click");
        assertThat(types(service.get(byUser + "&event_type=created").array())).containsExactly("created", "created");
        assertThat(types(service.get(byUser + "&url_id=" + first.getLong("id")).array()))
                .containsExactly("created", "click");
        assertThat(types(service.get("/events?url_id=" + second.getLong("id")).array()))
                .containsExactly("created");
        assertThat(service.get("/events?event_type=" + Client.word())
                        .expect(200)
                        .array())
                .isEmpty();
        assertThat(service.get("/events?url_id=999999999").expect(200).array()).isEmpty();
    }

    private static Stream<String> types(JsonArray events) {
        return events.stream().map(event -> ((JsonObject) event).getString("event_type"));
    }

    @Test
    void theListIsInTheOrderOfIds() {
        JsonObject link = service.newLink();
        for (int round = 0; round < 5; round++) {
            service.get("/" + link.getString("short_code")).expect(302);
        }
        assertThat(service.eventsOf(link).stream().map(event -> ((JsonObject) event).getLong("id")))
                .hasSize(6)
                .isSorted();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "url_id=abc",
                "url_id=",
                "user_id=abc",
                "user_id=1.5",
                "event_type=",
                "event_type=%00",
                "url_id=-1",
                "user_id=-1",
                "url_id=9007199254740992",
                "user_id=%D9%A1",
                "url_id=1&url_id=2"
            })
    void aJunkFilterIsRefused(String filter) {
        service.get("/events?" + filter).problem(400, filter.substring(0, filter.indexOf('=')));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "999999999", "-1", "1.5", "abc"})
    void anUnknownEventIsNotFound(String id) {
        service.get("/events/" + id).problem(404);
    }

    @Test
    void theEventsOfALinkHaveAPathOfTheirOwn() {
        JsonObject link = service.newLink();
        service.get("/" + link.getString("short_code")).expect(302);
        assertThat(service.get("/urls/" + link.getLong("id") + "/events")
                        .expect(200)
                        .array())
                .hasSize(2)
                .isEqualTo(service.eventsOf(link));
        service.get("/urls/999999999/events").problem(404);
        service.get("/urls/abc/events").problem(404);
    }

    @Test
    void detailsAreAnObjectNeverText() {
        JsonObject link = service.newLink();
        service.get("/" + link.getString("short_code")).expect(302);
        service.patch("/urls/" + link.getLong("id"), JsonObject.of("title", "x"))
                .expect(200);
        service.delete("/urls/" + link.getLong("id")).expect(204);
        JsonArray events = service.eventsOf(link);
        assertThat(events).hasSize(4);
        for (int at = 0; at < events.size(); at++) {
            assertThat(events.getJsonObject(at).getValue("details")).isInstanceOf(JsonObject.class);
        }
    }
}
