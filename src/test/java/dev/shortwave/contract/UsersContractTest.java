package dev.shortwave.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shortwave.fixture.Answer;
import dev.shortwave.fixture.Client;
import dev.shortwave.fixture.EachCacheTest;
import dev.shortwave.fixture.Service;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@EachCacheTest
class UsersContractTest {

    private final Service service;

    UsersContractTest(Service service) {
        this.service = service;
    }

    @Test
    void createAnswersTheUserAndItsPath() {
        String name = Client.word();
        Answer answer = service.post("/users", JsonObject.of("username", name, "email", name + "@example.com"));
        JsonObject user = answer.expect(201).json();
        assertThat(user.fieldNames()).containsExactlyInAnyOrder("id", "username", "email", "created_at");
        assertThat(user.getValue("id")).isInstanceOf(Integer.class);
        assertThat(user.getString("username")).isEqualTo(name);
        assertThat(user.getString("email")).isEqualTo(name + "@example.com");
        assertThat(user.getString("created_at")).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d");
        assertThat(answer.header("Location")).isEqualTo("/users/" + user.getLong("id"));
        assertThat(service.get(answer.header("Location")).expect(200).json()).isEqualTo(user);
    }

    @Test
    void unknownFieldsAreIgnored() {
        String name = Client.word();
        service.post("/users", JsonObject.of("username", name, "email", name + "@example.com", "id", 1, "admin", true))
                .expect(201);
    }

    static Stream<JsonObject> badUsers() {
        String email = "someone@example.com";
        return Stream.of(
                        JsonObject.of("email", email),
                        JsonObject.of("username", null, "email", email),
                        JsonObject.of("username", "", "email", email),
                        JsonObject.of("username", "   ", "email", email),
                        JsonObject.of("username", 12345, "email", email),
                        JsonObject.of("username", true, "email", email),
                        JsonObject.of("username", 1.5, "email", email),
                        JsonObject.of("username", new JsonArray(), "email", email),
                        JsonObject.of("username", new JsonObject(), "email", email),
                        JsonObject.of("username", "nul\u0000byte", "email", email),
                        JsonObject.of("username", "line\nbreak", "email", email),
                        JsonObject.of("username", "x".repeat(5_000), "email", email))
                .map(user -> user.put("fault", "username"));
    }

    static Stream<JsonObject> badAddresses() {
        return Stream.of(
                        JsonObject.of("username", "someone"),
                        JsonObject.of("username", "someone", "email", null),
                        JsonObject.of("username", "someone", "email", ""),
                        JsonObject.of("username", "someone", "email", 12345),
                        JsonObject.of("username", "someone", "email", false),
                        JsonObject.of("username", "someone", "email", new JsonArray().add("a@example.com")),
                        JsonObject.of("username", "someone", "email", "no address"),
                        JsonObject.of("username", "someone", "email", "@example.com"),
                        JsonObject.of("username", "someone", "email", "nul\u0000@example.com"))
                .map(user -> user.put("fault", "email"));
    }

    @ParameterizedTest
    @MethodSource({"badUsers", "badAddresses"})
    void aBadFieldIsRefusedByName(JsonObject user) {
        service.post("/users", user).problem(400, user.getString("fault"));
    }

    @Test
    void aTakenUsernameIsAConflict() {
        JsonObject user = service.newUser();
        JsonObject again =
                JsonObject.of("username", user.getString("username"), "email", "x" + user.getString("email"));
        service.post("/users", again).problem(409, "username");
    }

    @Test
    void namesThatLookAlikeAreOne() {
        String name = Client.word();
        String composed = "Ren\u00e9 " + name;
        JsonObject user = service.post(
                        "/users",
                        JsonObject.of(
                                "username",
                                "\u00a0Rene\u0301 " + name + "\u2003 ",
                                "email",
                                " " + name + "@example.com\u00a0"))
                .expect(201)
                .json();
        assertThat(user.getString("username")).isEqualTo(composed);
        assertThat(user.getString("email")).isEqualTo(name + "@example.com");
        for (String same : new String[] {composed, " " + composed, composed + "\u200b", "Rene\u0301 " + name}) {
            service.post("/users", JsonObject.of("username", same, "email", Client.word() + "@example.com"))
                    .problem(409, "username");
        }
        service.post("/users", JsonObject.of("username", Client.word(), "email", name + "@example.com "))
                .problem(409, "email");
        JsonObject other = service.newUser();
        service.patch("/users/" + other.getLong("id"), JsonObject.of("username", composed + "\u3000"))
                .problem(409, "username");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u00a0",
                "\u3000\u2007",
                "\u200b",
                "\u200e\u202e",
                "\u2066\u2069",
                "\u00ad",
                "\ufeff",
                "\ufe0f",
                "\u0301",
                "\u3164",
                "\u2800",
                "\udb40\udc41",
                "a\u2028b"
            })
    void aNameOfWhichNothingCanBeSeenIsRefused(String name) {
        service.post("/users", JsonObject.of("username", name, "email", Client.word() + "@example.com"))
                .problem(400, "username");
        service.post("/users", JsonObject.of("username", Client.word(), "email", name + "@example.com"))
                .problem(400, "email");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\ufffe", "\uffff", "\ufdd0", "\udbff\udfff", "\ue000", "\ud83d\udc69\u200d\ud83d\ude80"})
    void whateverElseUnicodeHasComesBackAsItWas(String character) {
        String name = Client.word() + character + "x";
        JsonObject user = service.post(
                        "/users", JsonObject.of("username", name, "email", Client.word() + "@example.com"))
                .expect(201)
                .json();
        assertThat(service.get("/users/" + user.getLong("id")).json().getString("username"))
                .isEqualTo(name);
    }

    @Test
    void anAddressIsTakenInAnyCaseOfLettersBeyondAsciiToo() {
        String name = Client.word();
        service.post("/users", JsonObject.of("username", Client.word(), "email", name + "@B\u00dcCHER.example"))
                .expect(201);
        service.post("/users", JsonObject.of("username", Client.word(), "email", name + "@b\u00fccher.example"))
                .problem(409, "email");
        JsonObject other = service.newUser();
        service.patch("/users/" + other.getLong("id"), JsonObject.of("email", name + "@b\u00fccher.example"))
                .problem(409, "email");
    }

    @Test
    void aTakenAddressIsAConflictWhateverItsLetters() {
        JsonObject user = service.newUser();
        JsonObject again = JsonObject.of(
                "username", Client.word(), "email", user.getString("email").toUpperCase(java.util.Locale.ROOT));
        service.post("/users", again).problem(409, "email");
    }

    @Test
    void ofManyRequestsForOneNameJustOneGetsIt() throws Exception {
        String name = Client.word();
        try (var threads = new Threads(8)) {
            List<Integer> statuses = threads.each(number -> service.post(
                            "/users", JsonObject.of("username", name, "email", name + number + "@example.com"))
                    .status());
            assertThat(statuses).containsOnlyOnce(201).containsOnly(201, 409);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"PUT", "PATCH"})
    void anyPartOfAUserCanBeChanged(String method) {
        JsonObject user = service.newUser();
        String path = "/users/" + user.getLong("id");
        String name = Client.word();
        assertThat(service.sendJson(method, path, JsonObject.of("username", name))
                        .expect(200)
                        .json())
                .isEqualTo(user.copy().put("username", name));
        assertThat(service.sendJson(method, path, JsonObject.of("email", name + "@example.org"))
                        .expect(200)
                        .json())
                .isEqualTo(user.copy().put("username", name).put("email", name + "@example.org"));
        assertThat(service.get(path).expect(200).json().getString("email")).isEqualTo(name + "@example.org");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PUT", "PATCH"})
    void aBadChangeIsRefused(String method) {
        JsonObject user = service.newUser();
        String path = "/users/" + user.getLong("id");
        service.sendJson(method, path, new JsonObject()).problem(400);
        service.sendJson(method, path, JsonObject.of("nickname", "x")).problem(400);
        service.sendJson(method, path, JsonObject.of("username", 12345)).problem(400, "username");
        service.sendJson(method, path, JsonObject.of("username", null)).problem(400, "username");
        service.sendJson(method, path, JsonObject.of("email", "none")).problem(400, "email");
        service.sendJson(method, path, "[]").problem(400);
        assertThat(service.get(path).json()).isEqualTo(user);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PUT", "PATCH"})
    void aChangeToATakenNameIsAConflict(String method) {
        JsonObject first = service.newUser();
        JsonObject second = service.newUser();
        String path = "/users/" + second.getLong("id");
        service.sendJson(method, path, JsonObject.of("username", first.getString("username")))
                .problem(409, "username");
        service.sendJson(method, path, JsonObject.of("email", first.getString("email")))
                .problem(409, "email");
        assertThat(service.get(path).json()).isEqualTo(second);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PUT", "PATCH"})
    void aUserMayKeepItsOwnName(String method) {
        JsonObject user = service.newUser();
        JsonObject same = JsonObject.of("username", user.getString("username"), "email", user.getString("email"));
        assertThat(service.sendJson(method, "/users/" + user.getLong("id"), same)
                        .expect(200)
                        .json())
                .isEqualTo(user);
    }

    @Test
    void aNameThatWasGivenUpIsFreeAgain() {
        JsonObject user = service.newUser();
        service.patch("/users/" + user.getLong("id"), JsonObject.of("username", Client.word()))
                .expect(200);
        service.post(
                        "/users",
                        JsonObject.of("username", user.getString("username"), "email", Client.word() + "@example.com"))
                .expect(201);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "999999999",
                "999999999999999999",
                "-1",
                "1.5",
                "abc",
                "1e3",
                "%00",
                "99999999999999999999",
                "9007199254740992",
                "9223372036854775807",
                "%D9%A1"
            })
    void anUnknownUserIsNotFound(String id) {
        String path = "/users/" + id;
        service.get(path).problem(404);
        service.put(path, JsonObject.of("username", Client.word())).problem(404);
        service.patch(path, JsonObject.of("username", Client.word())).problem(404);
        service.delete(path).problem(404);
    }

    @Test
    void deleteAnswersNothingAndIsNotFoundTheSecondTime() {
        String path = "/users/" + service.newUser().getLong("id");
        Answer answer = service.delete(path).expect(204);
        assertThat(answer.body()).isEmpty();
        assertThat(answer.header("Content-Type")).isNull();
        service.get(path).problem(404);
        service.delete(path).problem(404);
    }

    @Test
    void deleteTakesTheUsersLinksAlong() {
        JsonObject user = service.newUser();
        JsonObject first = service.newLink(user);
        JsonObject second = service.newLink(user);
        JsonObject anothers = service.newLink();
        service.get("/" + first.getString("short_code")).expect(302);

        service.delete("/users/" + user.getLong("id")).expect(204);

        for (JsonObject link : List.of(first, second)) {
            service.get("/urls/" + link.getLong("id")).problem(404);
            for (Service node : service.nodes()) {
                node.get("/" + link.getString("short_code")).problem(404);
            }
            JsonArray deleted = service.eventsOf(link, "deleted");
            assertThat(deleted).hasSize(1);
            assertThat(deleted.getJsonObject(0).getJsonObject("details"))
                    .isEqualTo(JsonObject.of("reason", "user_deleted"));
            assertThat(deleted.getJsonObject(0).getLong("user_id")).isEqualTo(user.getLong("id"));
        }
        service.get("/" + anothers.getString("short_code")).expect(302);
        assertThat(service.get("/urls?user_id=" + user.getLong("id")).array()).isEmpty();
    }

    @Test
    void theListIsAnArrayInTheOrderOfIds() {
        long first = service.newUser().getLong("id");
        long second = service.newUser().getLong("id");
        JsonArray users = service.get("/users?after=" + (first - 1)).expect(200).array();
        List<Long> ids =
                users.stream().map(user -> ((JsonObject) user).getLong("id")).toList();
        assertThat(ids).isSorted().contains(first, second);
        assertThat(users.getJsonObject(0).fieldNames())
                .containsExactlyInAnyOrder("id", "username", "email", "created_at");
    }
}
