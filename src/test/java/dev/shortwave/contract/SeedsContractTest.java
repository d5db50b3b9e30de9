package dev.shortwave.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shortwave.fixture.Answer;
import dev.shortwave.fixture.Seeds;
import dev.shortwave.fixture.Servers;
import dev.shortwave.fixture.Service;
import dev.shortwave.fixture.ServiceTest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Seed files are loaded as they are, into a database of their own. */
@ServiceTest
class SeedsContractTest {

    private static final String USERS = "id,username,email,created_at\n";
    private static final String URLS = "id,user_id,short_code,original_url,title,is_active,created_at,updated_at\n";
    private static final String EVENTS = "id,url_id,user_id,event_type,timestamp,details\n";

    private static Service service;

    @BeforeAll
    static void load(Servers servers) {
        service = servers.service().set("http.server-names", "own.example").start();
        Seeds.OF_THIS_REPOSITORY.loadInto(service);
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    private static Answer load(String kind, String csv) {
        return service.management()
                .send("POST", "/admin/seeds/" + kind, BodyPublishers.ofString(csv), "Content-Type", "text/csv");
    }

    private static List<String[]> rows(String csv) {
        return csv.lines().skip(1).map(line -> line.split(",", -1)).toList();
    }

    private static String asAnswered(String time) {
        return time.replace(' ', 'T');
    }

    @Test
    void everyUserOfTheFileIsThereAsItStands() {
        List<String[]> rows = rows(Seeds.OF_THIS_REPOSITORY.users());
        JsonArray users = service.get("/users?limit=400").expect(200).array();
        assertThat(rows).hasSize(400);
        assertThat(users.stream().map(user -> {
                    JsonObject json = (JsonObject) user;
                    return json.getLong("id") + "," + json.getString("username") + "," + json.getString("email") + ","
                            + json.getString("created_at");
                }))
                .containsExactlyElementsOf(rows.stream()
                        .map(row -> row[0] + "," + row[1] + "," + row[2] + "," + asAnswered(row[3]))
                        .toList());
        assertThat(rows.stream().map(row -> row[1]).distinct().count())
                .as("the seeds repeat usernames, as real ones do")
                .isLessThan(400);
    }

    @Test
    void everyLinkOfTheFileAnswersAsItStands() {
        List<String[]> rows = rows(Seeds.OF_THIS_REPOSITORY.urls());
        assertThat(rows).hasSize(2000);
        for (String[] row : rows.subList(0, 300)) {
            assertThat(row).as("a row without quotes").hasSize(8);
            assertThat(service.get("/urls/" + row[0]).expect(200).json())
                    .isEqualTo(JsonObject.of(
                            "id",
                            Long.valueOf(row[0]),
                            "user_id",
                            Long.valueOf(row[1]),
                            "short_code",
                            row[2],
                            "original_url",
                            row[3],
                            "title",
                            row[4].isEmpty() ? null : row[4],
                            "is_active",
                            row[5].equals("True"),
                            "created_at",
                            asAnswered(row[6]),
                            "updated_at",
                            asAnswered(row[7])));
        }
    }

    @Test
    void activeLinksRedirectAndInactiveOnesAreNotFoundWhateverTheirHistorySays() {
        for (String[] row : rows(Seeds.OF_THIS_REPOSITORY.urls()).subList(300, 600)) {
            Answer answer = service.head("/" + row[2]);
            if (row[5].equals("True")) {
                assertThat(answer.expect(302).header("Location")).isEqualTo(row[3]);
            } else {
                answer.expect(404);
            }
        }
    }

    @Test
    void everyEventOfTheFileIsThere() {
        assertThat(service.database().number("SELECT count(*) FROM events WHERE id <= 3422"))
                .isEqualTo(3422);
        for (String type : new String[] {"created", "updated", "deleted"}) {
            long expected = rows(Seeds.OF_THIS_REPOSITORY.events()).stream()
                    .filter(row -> row[3].equals(type))
                    .count();
            assertThat(service.database()
                            .number("SELECT count(*) FROM events WHERE id <= 3422 AND event_type = '" + type + "'"))
                    .isEqualTo(expected)
                    .isPositive();
        }
        JsonObject first = service.get("/events/1").expect(200).json();
        String[] row = rows(Seeds.OF_THIS_REPOSITORY.events()).get(0);
        assertThat(first.getLong("url_id")).isEqualTo(Long.valueOf(row[1]));
        assertThat(first.getString("timestamp")).isEqualTo(asAnswered(row[4]));
        assertThat(first.getJsonObject("details").containsKey("short_code")).isTrue();
    }

    @Test
    void loadingTheSameFilesAgainChangesNothing() {
        String state = """
                SELECT hashtext(coalesce(string_agg(line, E'\\n' ORDER BY line), '')) FROM (
                    SELECT u::text FROM users u WHERE id <= 400
                    UNION ALL SELECT u::text FROM urls u WHERE id <= 2000
                    UNION ALL SELECT e::text FROM events e WHERE id <= 3422
                ) AS lines (line)""";
        long before = service.database().number(state);
        assertThat(Seeds.OF_THIS_REPOSITORY.loadInto(service)).isZero();
        assertThat(service.database().number(state)).isEqualTo(before);
    }

    @Test
    void whatIsMadeAfterwardsGetsIdsBehindThoseOfTheFiles() {
        JsonObject link = service.newLink();
        assertThat(link.getLong("user_id")).isGreaterThan(400);
        assertThat(link.getLong("id")).isGreaterThan(2000);
        assertThat(service.eventsOf(link).getJsonObject(0).getLong("id")).isGreaterThan(3422);
    }

    @Test
    void aReloadUnderneathNewRowsDoesNotMakeThemCollide() {
        service.newLink();
        Seeds.OF_THIS_REPOSITORY.loadInto(service);
        service.newLink();
        service.newLink();
    }

    @Test
    void usersWithRepeatedNamesAndAddressesOwnTheirLinksEach() {
        load(
                        "users",
                        USERS
                                + "910001,twice,twice@example.com,2025-01-01 00:00:00\n"
                                + "910002,twice,twice@example.com,2025-01-02 00:00:00\n")
                .expect(200);
        load(
                        "urls",
                        URLS
                                + "910001,910001,rpAAA1,https://example.com/1,,True,2025-01-01 00:00:00,2025-01-01 00:00:00\n"
                                + "910002,910002,rpAAA2,https://example.com/2,\"A, \"\"title\"\"\",False,2025-01-01 00:00:00,2025-01-03 00:00:00\n")
                .expect(200);
        assertThat(service.get("/urls?user_id=910001").array()).hasSize(1);
        assertThat(service.get("/urls?user_id=910002").array().getJsonObject(0).getString("title"))
                .isEqualTo("A, \"title\"");
        service.get("/rpAAA1").expect(302);
        service.get("/rpAAA2").problem(404);
        service.delete("/users/910002").expect(204);
        service.get("/rpAAA1").expect(302);
        service.patch("/users/910001", JsonObject.of("email", "twice@example.com"))
                .expect(200);
    }

    @Test
    void historyThatContradictsTheStateIsLoadedAsItIs() {
        load("urls", URLS + "920001,1,hstAA1,https://example.com/,T,True,2025-06-01 00:00:00,2025-06-01 00:00:00\n")
                .expect(200);
        load(
                        "events",
                        EVENTS
                                + "920001,920001,1,deleted,2025-05-01 00:00:00,\"{\"\"reason\"\": \"\"user_requested\"\"}\"\n"
                                + "920002,920001,1,created,2025-07-01 00:00:00,\n"
                                + "920003,929999,,updated,2024-02-29 23:59:59,{}\n")
                .expect(200);
        service.get("/hstAA1").expect(302);
        JsonArray events = service.get("/urls/920001/events").expect(200).array();
        assertThat(events.getJsonObject(0).getString("timestamp")).isEqualTo("2025-05-01T00:00:00");
        assertThat(events.getJsonObject(1).getJsonObject("details")).isEqualTo(new JsonObject());
        assertThat(service.get("/events/920003").expect(200).json().getValue("user_id"))
                .isNull();
    }

    @Test
    void aCodeOfDigitsIsACode() {
        load(
                        "urls",
                        URLS
                                + "930001,1,528279,https://example.com/digits,T,True,2025-06-01 00:00:00,2025-06-01 00:00:00\n")
                .expect(200);
        assertThat(service.get("/urls/528279/redirect").expect(302).header("Location"))
                .isEqualTo("https://example.com/digits");
        assertThat(service.get("/528279").expect(302).header("Location")).isEqualTo("https://example.com/digits");
        service.get("/urls/528279").problem(404);
    }

    @Test
    void aRowThatChangesALinkChangesItsRedirectAtOnce() {
        String row = "940001,1,%s,https://example.com/%s,T,%s,2025-06-01 00:00:00,2025-06-01 00:00:00\n";
        load("urls", URLS + row.formatted("chgAA1", "old", "True")).expect(200);
        assertThat(service.get("/chgAA1").expect(302).header("Location")).endsWith("/old");
        load("urls", URLS + row.formatted("chgAA1", "new", "True")).expect(200);
        assertThat(service.get("/chgAA1").expect(302).header("Location")).endsWith("/new");
        load("urls", URLS + row.formatted("chgAA1", "new", "False")).expect(200);
        service.get("/chgAA1").problem(404);
        load("urls", URLS + row.formatted("chgAA2", "new", "True")).expect(200);
        service.get("/chgAA1").problem(404);
        service.get("/chgAA2").expect(302);
    }

    @Test
    void aBadFileIsNamedByItsLineAndNothingOfItIsStored() {
        String good = "950001,1,badAA1,https://example.com/,T,True,2025-06-01 00:00:00,2025-06-01 00:00:00\n";
        for (String bad : new String[] {
            "950002,999999999,badAA2,https://example.com/,T,True,2025-06-01 00:00:00,2025-06-01 00:00:00",
            "950002,1,bad code,https://example.com/,T,True,2025-06-01 00:00:00,2025-06-01 00:00:00",
            "950002,1,NNvPom,https://example.com/,T,True,2025-06-01 00:00:00,2025-06-01 00:00:00",
            "950002,1,badAA2,nonsense,T,True,2025-06-01 00:00:00,2025-06-01 00:00:00",
            "950002,1,badAA2,https://example.com/,T,Maybe,2025-06-01 00:00:00,2025-06-01 00:00:00",
            "950002,1,health,https://example.com/,T,True,2025-06-01 00:00:00,2025-06-01 00:00:00",
            "950002,1,badAA2,https://own.example/,T,True,2025-06-01 00:00:00,2025-06-01 00:00:00",
            "950002,1,badAA2,https://example.com/," + "T".repeat(513) + ",True,2025-06-01 00:00:00,2025-06-01 00:00:00",
            "950002,1,badAA2,https://example.com/,T,True,2025-02-30 00:00:00,2025-06-01 00:00:00",
            "950002,1,badAA2,https://example.com/,T,True,2025-06-01 00:00:00,2025-06-31 00:00:00",
            "950002,١,badAA2,https://example.com/,T,True,2025-06-01 00:00:00,2025-06-01 00:00:00",
            "٩,1,badAA2,https://example.com/,T,True,2025-06-01 00:00:00,2025-06-01 00:00:00"
        }) {
            assertThat(load("urls", URLS + good + bad + "\n").problem(400).getString("detail"))
                    .as(bad)
                    .contains("line 3");
            service.get("/urls/950001").problem(404);
        }
        for (String bad : new String[] {
            "950001,1,1,seen,2025-06-01 00:00:00,[1]",
            "950001,1,1,,2025-06-01 00:00:00,{}",
            "950001,1,1,\u2003\u200b,2025-06-01 00:00:00,{}",
            "950001,1,1,seen,2025-06-31 00:00:00,{}",
            "950001,٣,1,seen,2025-06-01 00:00:00,{}",
            "950001,1,1,seen,2025-06-01 00:00:00,\"{\"\"a\"\":\"\"\\u0000\"\"}\"",
            "950001,1,1,seen,2025-06-01 00:00:00,\"{\"\"a\"\":\"\"\\ud800\"\"}\"",
            "950001,1,1,seen,2025-06-01 00:00:00,\"{\"\"a\"\":[1e400]}\""
        }) {
            assertThat(load("events", EVENTS + bad + "\n").problem(400).getString("detail"))
                    .as(bad)
                    .contains("line 2");
            service.get("/events/950001").problem(404);
        }
        load("events", EVENTS + "950009,1,1,seen,2025-06-01 00:00:00,\"{\"\"a\"\":\"\"\\\\u0000\"\"}\"\n")
                .expect(200);
        assertThat(service.get("/events/950009").json().getJsonObject("details").getString("a"))
                .isEqualTo("\\u0000");
    }
}
