package dev.shortwave.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shortwave.error.Problem;
import dev.shortwave.fixture.Answer;
import dev.shortwave.fixture.Client;
import dev.shortwave.fixture.Service;
import dev.shortwave.fixture.ServiceTest;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds on every route. */
@ServiceTest
class ErrorsContractTest {

    private final Service service;

    ErrorsContractTest(Service service) {
        this.service = service;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/no/such/route",
                "/users/1/nothing",
                "/urls/1/2/3",
                "/api/users",
                "/users/1/favicon.ico",
                "/assets/none.css",
                "/..%2fetc/passwd",
                "/users/%E2%82%AC/x"
            })
    void anUnknownRouteIsNotFoundInJson(String path) {
        service.get(path).problem(404);
        service.post(path, new JsonObject()).problem(404);
        service.delete(path).problem(404);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/health           | POST   | GET,HEAD",
                "/health/live      | DELETE | GET,HEAD",
                "/health/ready     | PUT    | GET,HEAD",
                "/metrics          | POST   | GET,HEAD",
                "/openapi.yaml     | POST   | GET,HEAD",
                "/docs             | DELETE | GET,HEAD",
                "/                 | POST   | GET,HEAD",
                "/users            | PUT    | GET,HEAD,POST",
                "/users            | DELETE | GET,HEAD,POST",
                "/users/1          | POST   | GET,HEAD,PUT,PATCH,DELETE",
                "/urls             | PATCH  | GET,HEAD,POST",
                "/urls/1           | POST   | GET,HEAD,PUT,PATCH,DELETE",
                "/urls/1/stats     | POST   | GET,HEAD",
                "/urls/1/events    | POST   | GET,HEAD",
                "/urls/abc/redirect| POST   | GET,HEAD",
                "/stats/abc        | DELETE | GET,HEAD",
                "/events           | DELETE | GET,HEAD,POST",
                "/events/1         | PUT    | GET,HEAD",
                "/shorten          | GET    | POST",
                "/shorten          | HEAD   | POST",
            })
    void aWrongMethodIsToldTheRightOnes(String path, String method, String allowed) {
        Answer answer = service.send(method, path, null);
        if (method.equals("HEAD")) {
            answer.expect(405);
        } else {
            answer.problem(405);
        }
        assertThat(answer.header("Allow").split(", *")).containsExactlyInAnyOrder(allowed.split(","));
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
    void aRouteThatIsOnlyMisspeltIsNotFound(String method) {
        for (String path : new String[] {"/url", "/user/", "/Users", "/login", "/event", "/short%65n2", "/a.b"}) {
            Answer answer =
                    service.send(method, path, BodyPublishers.ofString("{}"), "Content-Type", "application/json");
            answer.problem(Problem.Kind.NOT_FOUND);
            assertThat(answer.header("Allow")).as(path).isNull();
        }
        JsonObject link = service.newLink();
        String code = "/" + link.getString("short_code");
        Answer answer = service.send(method, code, null);
        answer.problem(405);
        assertThat(answer.header("Allow").split(", *")).containsExactlyInAnyOrder("GET", "HEAD");
        service.patch("/urls/" + link.getLong("id"), JsonObject.of("is_active", false))
                .expect(200);
        service.send(method, code, null).problem(Problem.Kind.NOT_FOUND);
    }

    @Test
    void theBulkRouteTakesPostOnly() {
        Answer answer = service.put("/users/bulk", new JsonObject());
        answer.problem(405);
        assertThat(answer.header("Allow")).contains("POST");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "nonsense", "{\"username\":}", "{\"a\":1}}", "[", "\"", "{'a':1}", "NaN"})
    void malformedJsonIsRefused(String body) {
        for (String path : new String[] {"/users", "/urls", "/events", "/shorten"}) {
            service.post(path, body).problem(400);
        }
        for (String path : new String[] {"/users/1", "/urls/1"}) {
            service.put(path, body).problem(400);
            service.patch(path, body).problem(400);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "[{}]", "null", "true", "12345", "\"text\""})
    void aBodyThatIsNoObjectIsRefused(String body) {
        for (String path : new String[] {"/users", "/urls", "/events", "/shorten"}) {
            service.post(path, body).problem(400);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/users", "/urls", "/events", "/shorten"})
    void aBodyOfAnotherTypeOrNoneIsBadInput(String path) {
        String body = "{\"username\":\"x\"}";
        assertThat(service.send("POST", path, BodyPublishers.ofString(body))
                        .problem(400)
                        .getString("error"))
                .isEqualTo("the content type must be application/json");
        for (String type : new String[] {
            "text/plain", "application/x-www-form-urlencoded", "application/xml", "application/jsonx", "json"
        }) {
            assertThat(service.send("POST", path, BodyPublishers.ofString(body), "Content-Type", type)
                            .problem(400)
                            .getString("error"))
                    .isEqualTo("the content type must be application/json");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "deflate", "br", "GZIP", "identity, gzip", "nonsense"})
    void anEncodedBodyIsOfAnUnsupportedMediaType(String encoding) {
        for (String path : new String[] {"/users", "/urls", "/events", "/shorten"}) {
            service.post(path, "{}", "Content-Encoding", encoding).problem(Problem.Kind.UNSUPPORTED_MEDIA_TYPE);
        }
        service.post("/users", "{}", "Content-Encoding", "identity").problem(400, "username");
    }

    @Test
    void anEncodedUploadIsOfAnUnsupportedMediaType() {
        for (String encoding : new String[] {"gzip", "identity, br"}) {
            service.send(
                            "POST",
                            "/users/bulk",
                            BodyPublishers.ofString("x"),
                            "Content-Type",
                            "multipart/form-data; boundary=x",
                            "Content-Encoding",
                            encoding)
                    .problem(Problem.Kind.UNSUPPORTED_MEDIA_TYPE);
        }
    }

    // Why a body or a parameter is refused

    @Test
    void aBodyThatIsNoJsonObjectSaysWhy() {
        String deep = "[".repeat(5_000) + "]".repeat(5_000);
        Map<String, String> bodyToError = Map.of(
                "",
                "the body is missing",
                " \n",
                "the body is missing",
                "{",
                "the body is not valid JSON",
                "{\"a\":NaN}",
                "the body is not valid JSON",
                "{} x",
                "the body is not valid JSON",
                "[]",
                "the body must be a JSON object",
                "\"{}\"",
                "the body must be a JSON object",
                "{\"a\":" + deep + "}",
                "the body nests too deeply, or has a number or a name that is too long",
                "{\"a\":" + "1".repeat(2_000) + "}",
                "the body nests too deeply, or has a number or a name that is too long");
        for (String path : new String[] {"/users", "/urls", "/events", "/shorten"}) {
            bodyToError.forEach((body, error) -> assertThat(
                            service.post(path, body).problem(400).getString("error"))
                    .as(body.substring(0, Math.min(30, body.length())))
                    .isEqualTo(error));
        }
    }

    @ParameterizedTest
    @CsvSource({"UTF-16,e", "UTF-16LE,e", "UTF-16BE,e", "UTF-32,e", "UTF-32LE,e", "UTF-16LE,\u00e9", "ISO-8859-1,\u00e9"
    })
    void aBodyInAnotherEncodingThanUtf8IsRefused(String encoding, String letter) {
        byte[] body = ("{\"username\":\"Ren" + letter + "\",\"email\":\"rene@example.com\"}")
                .getBytes(Charset.forName(encoding));
        assertThat(service.send("POST", "/users", BodyPublishers.ofByteArray(body), "Content-Type", "application/json")
                        .problem(400)
                        .getString("error"))
                .isEqualTo("the body must be UTF-8");
    }

    @Test
    void aByteOrderMarkIsNoPartOfTheBody() {
        String name = Client.word();
        JsonObject body = JsonObject.of("username", name, "email", name + "@example.com");
        assertThat(service.post("/users", "\ufeff" + body.encode())
                        .expect(201)
                        .json()
                        .getString("username"))
                .isEqualTo(name);
    }

    @Test
    void aNameThatRepeatsIsRefused() {
        assertThat(service.post("/users", "{\"username\":\"a\",\"email\":\"a@b\",\"username\":\"b\"}")
                        .problem(400, "username")
                        .getString("error"))
                .isEqualTo("username is given more than once");
        assertThat(service.post("/events", "{\"details\":{\"a\":[{\"b\":1,\"b\":1}]}}")
                        .problem(400, "details")
                        .getString("error"))
                .isEqualTo("b in details is given more than once");
        String longName = "\"" + "x".repeat(1_000) + "\":1";
        assertThat(service.post("/users", "{" + longName + "," + longName + "}")
                        .problem(400)
                        .getString("error"))
                .isEqualTo("the body has a name more than once");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/urls?user_id=                     | user_id must not be empty",
                "/urls?user_id=abc                  | user_id must be a whole number from 0 to 9007199254740991",
                "/urls?user_id=1.5                  | user_id must be a whole number from 0 to 9007199254740991",
                "/urls?user_id=%20                  | user_id must be a whole number from 0 to 9007199254740991",
                "/urls?user_id=12345678901234567890 | user_id must be a whole number from 0 to 9007199254740991",
                "/urls?user_id=%00                  | user_id must not contain control characters",
                "/urls?user_id=1&user_id=2          | user_id is given more than once",
                "/urls?is_active=                   | is_active must not be empty",
                "/urls?is_active=1                  | is_active must be true or false",
                "/urls?short_code=                  | short_code must not be empty",
                "/urls?q=                           | q must not be empty",
                "/urls?q=a%0a                       | q must not contain control characters",
                "/events?url_id=                    | url_id must not be empty",
                "/events?user_id=                   | user_id must not be empty",
                "/events?event_type=                | event_type must not be empty",
                "/stats/abc?from=                   | from must not be empty",
                "/stats/abc?to=                     | to must not be empty",
                "/stats/abc?interval=               | interval must not be empty",
            })
    void aQueryParameterSaysWhyItIsRefused(String path, String error) {
        assertThat(service.get(path).problem(400).getString("error")).isEqualTo(error);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{'user_id':'1'}                        | user_id must be a whole number, without quotes, fraction and exponent",
                "{'user_id':1.5}                        | user_id must be a whole number, without quotes, fraction and exponent",
                "{'user_id':1e3}                        | user_id must be a whole number, without quotes, fraction and exponent",
                "{'user_id':12345678901234567890}       | user_id must be a whole number of at most 64 bits",
                "{'user_id':null}                       | user_id must not be null",
                "{}                                     | user_id is missing",
                "{'user_id':1,'original_url':''}        | original_url must not be empty",
                "{'user_id':1,'original_url':' '}       | original_url must not be blank",
                "{'user_id':1,'original_url':'a\\u0000'} | original_url must not contain control characters",
                "{'user_id':1,'original_url':'a\\ud800'} | original_url must not contain half of a surrogate pair",
                "{'user_id':1,'original_url':7}         | original_url must be a string",
            })
    void aFieldSaysWhyItIsRefused(String body, String error) {
        assertThat(service.post("/urls", body.replace('\'', '"')).problem(400).getString("error"))
                .isEqualTo(error);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{'a':1e999}     | details must not contain numbers beyond the range of a double",
                "{'a':['\\u0000']} | details must not contain control characters",
                "{'\\ud800':1}   | details must not contain half of a surrogate pair",
                "[]              | details must be an object",
            })
    void detailsSayWhyTheyAreRefused(String details, String error) {
        String body = "{'event_type':'seen','url_id':1,'details':" + details + "}";
        assertThat(service.post("/events", body.replace('\'', '"'))
                        .problem(400, "details")
                        .getString("error"))
                .isEqualTo(error);
    }

    // Which media type, type and phrase

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "application/problem+json                             | application/problem+json",
                "Application/Problem+JSON                             | application/problem+json",
                "application/json, application/problem+json           | application/problem+json",
                "text/html,application/problem+json;q=0.5,*/*;q=0.1   | application/problem+json",
                "application/problem+json;q=0                         | application/json",
                "application/problem+json; q=0.000, application/json  | application/json",
                "application/problem+json;charset=utf-8;q=0           | application/json",
                "application/problem+json;q=0.001                     | application/problem+json",
                "application/problem+jsonx                            | application/json",
                "xapplication/problem+json                            | application/json",
                "application/*                                        | application/json",
                "*/*                                                  | application/json",
                "application/json                                     | application/json",
                "text/plain                                           | application/json",
            })
    void aProblemHasItsOwnMediaTypeForWhoNamesIt(String accept, String expected) {
        String code = service.newLink().getString("short_code");
        assertThat(service.get("/no/such/route", "Accept", accept).expect(404).header("Content-Type"))
                .isEqualTo(expected);
        assertThat(service.get("/" + Client.word(), "Accept", accept)
                        .expect(404)
                        .header("Content-Type"))
                .isEqualTo(expected);
        assertThat(service.post("/users", "{", "Accept", accept).expect(400).header("Content-Type"))
                .isEqualTo(expected);
        assertThat(service.get("/stats/" + code, "Accept", accept).expect(200).header("Content-Type"))
                .isEqualTo("application/json");
        assertThat(service.management()
                        .get("/no/such/route", "Accept", accept)
                        .expect(404)
                        .header("Content-Type"))
                .isEqualTo(expected);
    }

    @Test
    void theMediaTypeMayBeNamedInASecondHeader() {
        assertThat(service.get("/users/0", "Accept", "text/html", "Accept", "application/problem+json")
                        .expect(404)
                        .header("Content-Type"))
                .isEqualTo("application/problem+json");
    }

    @Test
    void whatNoRouteSeesIsAProblemTooOnBothPorts() {
        for (String line : new String[] {"GET /%zz HTTP/1.1", "GET /" + "x".repeat(8_300) + " HTTP/1.1", "no HTTP"}) {
            for (Client port : new Client[] {service, service.management()}) {
                assertThat(port.raw(line + "\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
                        .contains("content-type: application/json\r\n", "\"type\":\"/problems/");
            }
        }
        for (Client port : new Client[] {service, service.management()}) {
            assertThat(port.raw("GET /%zz HTTP/1.1\r\nHost: localhost\r\nAccept: application/problem+json\r\n"
                            + "Connection: close\r\n\r\n"))
                    .contains("content-type: application/problem+json\r\n");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "GET,/users/999999999,User not found",
        "GET,/users/abc,User not found",
        "PUT,/users/999999999,User not found",
        "PATCH,/users/999999999,User not found",
        "DELETE,/users/999999999,User not found",
        "DELETE,/users/1.5,User not found",
        "GET,/urls/999999999,Url not found",
        "GET,/urls/abcdef,Url not found",
        "PUT,/urls/999999999,Url not found",
        "PATCH,/urls/999999999,Url not found",
        "DELETE,/urls/999999999,Url not found",
        "GET,/urls/999999999/stats,Url not found",
        "GET,/urls/999999999/events,Url not found",
        "GET,/urls/-1/events,Url not found",
        "GET,/urls/nosuchcode/redirect,Url not found",
        "GET,/urls/no.code/redirect,Url not found",
        "GET,/stats/nosuchcode,Url not found",
        "GET,/stats/no.code,Url not found",
        "GET,/nosuchcode,Url not found",
        "GET,/events/999999999,Event not found",
        "GET,/events/abc,Event not found",
        "GET,/no/such/route,Not found",
        "POST,/no/such/route,Not found",
        "GET,/problems/nosuch,Not found",
    })
    void whatIsNotFoundHasTheResourcesPhrase(String method, String path, String phrase) {
        JsonObject change = JsonObject.of("username", Client.word(), "title", "x");
        Answer answer =
                method.startsWith("P") ? service.sendJson(method, path, change) : service.send(method, path, null);
        assertThat(answer.problem(404).getString("error")).isEqualTo(phrase);
    }

    @Test
    void anUnknownReferenceInABodyHasTheResourcesPhrase() {
        JsonObject link = service.newLink();
        long nobody = 999_999_999;
        assertThat(service.post("/urls", JsonObject.of("user_id", nobody, "original_url", "https://example.com/"))
                        .problem(404)
                        .getString("error"))
                .isEqualTo("User not found");
        assertThat(service.post("/shorten", JsonObject.of("user_id", nobody, "url", "https://example.com/"))
                        .problem(404)
                        .getString("error"))
                .isEqualTo("User not found");
        assertThat(service.post("/events", JsonObject.of("event_type", "seen", "url_id", nobody))
                        .problem(404)
                        .getString("error"))
                .isEqualTo("Url not found");
        assertThat(service.post(
                                "/events",
                                JsonObject.of("event_type", "seen", "url_id", link.getLong("id"), "user_id", nobody))
                        .problem(404)
                        .getString("error"))
                .isEqualTo("User not found");
    }

    @Test
    void whatIsTakenSaysWhat() {
        JsonObject taken = service.newUser();
        JsonObject other = service.newUser();
        JsonObject link = service.newLink(taken);
        JsonObject name =
                JsonObject.of("username", taken.getString("username"), "email", Client.word() + "@example.com");
        JsonObject email = JsonObject.of("username", Client.word(), "email", taken.getString("email"));
        String path = "/users/" + other.getLong("id");
        assertThat(service.post("/users", name).problem(409).getString("error")).isEqualTo("Username already taken");
        assertThat(service.patch(path, name).problem(409).getString("error")).isEqualTo("Username already taken");
        assertThat(service.post("/users", email).problem(409).getString("error"))
                .isEqualTo("Email already taken");
        assertThat(service.put(path, email).problem(409).getString("error")).isEqualTo("Email already taken");
        JsonObject url = JsonObject.of("url", "https://example.com/", "short_code", link.getString("short_code"));
        assertThat(service.post("/shorten", url).problem(409).getString("error"))
                .isEqualTo("Short code already taken");
        assertThat(service.post("/shorten", url.put("short_code", "users"))
                        .problem(409)
                        .getString("error"))
                .isEqualTo("Short code reserved");
    }

    // The pages behind the types

    @ParameterizedTest
    @EnumSource(Problem.Kind.class)
    void theTypeOfAProblemIsAPage(Problem.Kind kind) {
        JsonObject described = service.get(kind.type()).expect(200).json();
        assertThat(described.getString("type")).isEqualTo(kind.type());
        assertThat(described.getString("title")).isEqualTo(kind.phrase());
        assertThat(described.getInteger("status")).isEqualTo(kind.status());
        assertThat(service.management().get(kind.type()).expect(200).json()).isEqualTo(described);
        Answer page = service.get(kind.type(), "Accept", "text/html").expect(200);
        assertThat(page.header("Content-Type")).startsWith("text/html");
        assertThat(page.text()).contains(kind.phrase(), kind.type()).doesNotContain("{{", "`");
    }

    @Test
    void theListOfProblemsIsThatOfTheDocumentation() throws IOException {
        assertThat(service.get("/problems").expect(200).array()).hasSize(Problem.Kind.values().length);
        String rows = Stream.of(Problem.Kind.values())
                .map(kind -> "| `" + kind.type() + "` | " + kind.status() + " | " + kind.phrase() + " | "
                        + kind.meaning() + " |\n")
                .collect(Collectors.joining());
        assertThat(Files.readString(Path.of("docs/problems.md"))).contains(rows);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/json",
                "application/json; charset=utf-8",
                "Application/JSON",
                "application/vnd.api+json",
                "application/json;charset=UTF-8"
            })
    void jsonByAnyOfItsNamesIsTaken(String type) {
        String name = Client.word();
        JsonObject body = JsonObject.of("username", name, "email", name + "@example.com");
        service.send("POST", "/users", BodyPublishers.ofString(body.encode()), "Content-Type", type)
                .expect(201);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/users", "/urls", "/events", "/shorten"})
    void aBodyBeyondTheLimitIsTooLarge(String path) {
        service.post(path, JsonObject.of("username", "x".repeat(70_000))).problem(413);
    }

    @Test
    void aBodyBeyondTheLimitIsTooLargeAlsoWhenItsLengthIsNotTold() {
        String chunk = "1000\r\n" + "x".repeat(0x1000) + "\r\n";
        String answer = service.raw("POST /users HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                + "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n" + chunk.repeat(20) + "0\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 413").contains("content-type: application/json\r\n");
    }

    @Test
    void whoAsksWhetherToSendTheBodyIsToldSoOnce() {
        String body = JsonObject.of("url", "https://fernhill.example/").encode();
        assertThat(service.raw(asking("/shorten", "application/json", body.length()) + body))
                .startsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201");
        String form = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"u.csv\"\r\n\r\n"
                + "id,username,email,created_at\n\r\n--b--\r\n";
        assertThat(service.raw(asking("/users/bulk", "multipart/form-data; boundary=b", form.length()) + form))
                .startsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 2");
    }

    @Test
    void whoAsksWhetherToSendTooMuchIsToldNo() {
        assertThat(service.raw(asking("/shorten", "application/json", 70_000))).startsWith("HTTP/1.1 413");
        assertThat(service.raw(asking("/shorten", "text/csv", 10))).startsWith("HTTP/1.1 400");
        assertThat(service.raw(asking("/users/bulk", "text/csv", 10))).startsWith("HTTP/1.1 4");
    }

    private static String asking(String path, String type, int length) {
        return "POST " + path + " HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Type: "
                + type + "\r\nContent-Length: " + length + "\r\n\r\n";
    }

    @Test
    void aRequestLineThatIsTooLongIsRefusedInJson() {
        String answer = service.raw("GET /" + "x".repeat(8_300) + " HTTP/1.1\r\nHost: x\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.").contains(" 414 ").contains("content-type: application/json\r\n");
    }

    @Test
    void headersThatAreTooLargeAreRefusedInJson() {
        String answer = service.raw("GET /health HTTP/1.1\r\nHost: x\r\nX-Large: " + "x".repeat(16_600) + "\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.").contains(" 431 ").contains("content-type: application/json\r\n");
    }

    @Test
    void whatIsNotHttpIsRefused() {
        assertThat(service.raw("this is not HTTP\r\n\r\n"))
                .startsWith("HTTP/1.")
                .contains(" 400 ");
    }

    // Every answer

    @Test
    void theCallersRequestIdComesBack() {
        for (String id : new String[] {"abc-123", "5f0c6e0a91d24b7c", "a.b:c/d=e+f_g"}) {
            assertThat(service.get("/health", "X-Request-Id", id).header("X-Request-Id"))
                    .isEqualTo(id);
            assertThat(service.get("/" + Client.word(), "X-Request-Id", id).header("X-Request-Id"))
                    .isEqualTo(id);
            assertThat(service.post("/users", "{", "X-Request-Id", id).header("X-Request-Id"))
                    .isEqualTo(id);
        }
        JsonObject link = service.newLink();
        assertThat(service.get("/" + link.getString("short_code"), "X-Request-Id", "mine")
                        .header("X-Request-Id"))
                .isEqualTo("mine");
    }

    @ParameterizedTest
    @ValueSource(strings = {"with space", "<script>", "a;b", "\"quoted\"", "%0d%0a"})
    void aRequestIdThatIsNotSaneIsReplaced(String id) {
        assertThat(service.get("/health", "X-Request-Id", id).header("X-Request-Id"))
                .isNotBlank()
                .isNotEqualTo(id);
    }

    @Test
    void aRequestIdThatIsTooLongIsReplaced() {
        assertThat(service.get("/health", "X-Request-Id", "x".repeat(200)).header("X-Request-Id"))
                .hasSizeLessThan(130);
    }

    @Test
    void requestsWithoutAnIdGetDifferentOnes() {
        assertThat(Set.of(
                        service.get("/health").header("X-Request-Id"),
                        service.get("/health/live").header("X-Request-Id"),
                        service.get("/no/such/route").header("X-Request-Id")))
                .hasSize(3);
    }

    @Test
    void headAnswersAsGetDoesForErrorsAndPartsOfLists() {
        JsonObject link = service.newLink();
        for (String path : new String[] {
            "/users?after=0&limit=1",
            "/urls?after=0&limit=1",
            "/events?after=0&limit=1",
            "/urls/" + link.getLong("id") + "/events?page=1",
            "/users/999999999",
            "/urls/abc",
            "/users?page=0",
            "/no/such/route",
            "/assets/site.css"
        }) {
            Answer get = service.get(path);
            Answer head = service.head(path).expect(get.status());
            assertThat(head.body()).as("body of HEAD %s", path).isEmpty();
            for (String header : new String[] {"Content-Type", "Content-Length", "Link", "Cache-Control"}) {
                assertThat(head.header(header))
                        .as("%s of HEAD %s", header, path)
                        .isEqualTo(get.header(header));
            }
        }
    }

    @Test
    void aSlashAtTheEndOfAPathChangesNothing() {
        JsonObject link = service.newLink();
        for (String path : new String[] {
            "/health/live",
            "/docs",
            "/users/" + link.getLong("user_id"),
            "/urls/" + link.getLong("id"),
            "/urls/" + link.getLong("id") + "/stats",
            "/urls/" + link.getLong("id") + "/events",
            "/stats/" + link.getString("short_code")
        }) {
            Answer plain = service.get(path).expect(200);
            Answer slashed = service.get(path + "/").expect(200);
            if (!path.equals("/health/live")) {
                assertThat(slashed.text()).isEqualTo(plain.text());
            }
        }
        service.get("/users/?limit=1").expect(200);
        service.get("/urls/?limit=1").expect(200);
        service.get("/events/?limit=1").expect(200);
        service.get("/health/").expect(200);
        service.get("/metrics/").expect(200);
        String name = Client.word();
        service.post("/users/", JsonObject.of("username", name, "email", name + "@example.com"))
                .expect(201);
        service.post("/shorten/", JsonObject.of("url", "https://example.com/")).expect(201);
        service.upload("/users/bulk/", "file", "username,email\n").expect(201);
        service.patch("/urls/" + link.getLong("id") + "/", JsonObject.of("title", "x"))
                .expect(200);
        service.delete("/urls/" + link.getLong("id") + "/").expect(204);
        service.get("/no/such/route/").problem(404);
        service.put("/users/", new JsonObject()).problem(405);
    }

    @Test
    void severalRequestsOnOneConnectionAreAnsweredInTheirOrder() {
        JsonObject link = service.newLink();
        String request = "GET /" + link.getString("short_code") + " HTTP/1.1\r\nHost: x\r\nX-Request-Id: first\r\n\r\n"
                + "GET /health/live HTTP/1.1\r\nHost: x\r\nX-Request-Id: second\r\n\r\n"
                + "GET /users/999999999 HTTP/1.1\r\nHost: x\r\nX-Request-Id: third\r\nConnection: close\r\n\r\n";
        assertThat(service.raw(request)).containsSubsequence("302", "first", "200", "second", "404", "third");
    }

    // Pages

    @Test
    void theStartGivesAPageToAPersonAndJsonToAProgram() {
        Answer page = service.get("/", "Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8")
                .expect(200);
        assertThat(page.header("Content-Type")).startsWith("text/html");
        assertThat(page.text()).contains("<form").doesNotContain("http-equiv=\"refresh\"");
        assertThat(page.header("Vary")).isEqualToIgnoringCase("accept");
        JsonObject index =
                service.get("/", "Accept", "application/json").expect(200).json();
        assertThat(index.getString("name")).isEqualTo("Shortwave");
        assertThat(service.get("/").expect(200).json()).isEqualTo(index);
        assertThat(service.get("/", "Accept", "text/html;q=0.5, application/json")
                        .expect(200)
                        .json())
                .isEqualTo(index);
        for (String linked : new String[] {"documentation", "openapi", "health", "metrics"}) {
            service.get(index.getString(linked)).expect(200);
        }
    }

    @Test
    void thePagesNeedNothingFromElsewhere() {
        for (String path : new String[] {"/", "/docs"}) {
            String page = service.get(path, "Accept", "text/html").expect(200).text();
            var references = java.util.regex.Pattern.compile("(?:src|href)=\"([^\"#]+)\"")
                    .matcher(page);
            while (references.find()) {
                String reference = references.group(1);
                assertThat(reference).as("reference in %s", path).startsWith("/");
                service.get(reference, "Accept", "text/html").expect(200);
            }
        }
    }
}
