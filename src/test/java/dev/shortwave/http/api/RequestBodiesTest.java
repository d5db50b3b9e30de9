package dev.shortwave.http.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shortwave.fixture.Answer;
import dev.shortwave.fixture.Client;
import dev.shortwave.fixture.Service;
import dev.shortwave.fixture.ServiceTest;
import dev.shortwave.http.api.OpenApiDocument.JsonRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every field of every JSON body in the OpenAPI document is checked: a value of another type is a 400 that names it. */
@ServiceTest
class RequestBodiesTest {

    private static final OpenApiDocument DOCUMENT = new OpenApiDocument();

    /** JSON texts of every type; each field takes some of them. */
    private static final List<String> VALUES = List.of(
            "null",
            "true",
            "\"true\"",
            "12345",
            "\"1\"",
            "-0.0",
            "1.0",
            "1.5",
            "1e3",
            "12345678901234567890",
            "1e999",
            "\"\"",
            "\" \"",
            "\"\\u0000\"",
            "\"a\\u0007b\"",
            "\"\\ud800\"",
            "[]",
            "[1]",
            "{}",
            "{\"a\":1}");

    private static JsonObject link;

    private final Service service;

    RequestBodiesTest(Service service) {
        this.service = service;
    }

    static Stream<JsonRequest> requests() {
        return DOCUMENT.jsonRequests().stream();
    }

    @ParameterizedTest
    @MethodSource("requests")
    void aValueOfAnotherTypeIsRefusedAndItsFieldNamed(JsonRequest request) {
        List<String> wrong = new ArrayList<>();
        int tried = 0;
        for (Map.Entry<String, Object> property : request.properties().entrySet()) {
            String field = property.getKey();
            Map<String, Object> schema = DOCUMENT.resolved(property.getValue());
            for (String value : VALUES) {
                if (!mayBe(schema, value)) {
                    tried++;
                    Answer answer = send(request, body(request, field, value));
                    if (!isRefused(answer, field)) {
                        wrong.add(field + ": " + value + ": " + answer);
                    }
                }
            }
            if (schema.get("maxLength") instanceof Integer most) {
                Answer answer = send(request, body(request, field, '"' + "x".repeat(most + 1) + '"'));
                if (!isRefused(answer, field)) {
                    wrong.add(field + ": too long: " + answer);
                }
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(tried).isGreaterThan(20);
    }

    @ParameterizedTest
    @MethodSource("requests")
    void aFieldThatMustBeThereIsNamedWhenItIsNot(JsonRequest request) {
        for (String field : request.required()) {
            JsonObject body = new JsonObject(body(request, field, "1"));
            body.remove(field);
            Answer answer = send(request, body.encode());
            assertThat(answer.problem(400, field).getString("error")).isEqualTo(field + " is missing");
        }
    }

    @ParameterizedTest
    @MethodSource("requests")
    void aFieldThatNobodyKnowsIsIgnoredWhateverItHolds(JsonRequest request) {
        for (String value : List.of("null", "[1]", "{\"a\":[]}", "\"\"", "1.5")) {
            Map.Entry<String, Object> property =
                    request.properties().entrySet().iterator().next();
            JsonObject known = new JsonObject(body(request, property.getKey(), "1"))
                    .put(property.getKey(), valid(property.getKey(), DOCUMENT.resolved(property.getValue())));
            String body = "{\"nobody-knows\":" + value + "," + known.encode().substring(1);
            assertThat(send(request, body).status())
                    .as("%s of %s", body, request)
                    .isBetween(200, 299);
        }
    }

    @ParameterizedTest
    @MethodSource("requests")
    void aBodyThatIsNoObjectIsRefused(JsonRequest request) {
        for (String body : Arrays.asList(
                "",
                "null",
                "true",
                "1",
                "\"x\"",
                "[]",
                "[{}]",
                "NaN",
                "{",
                "{}}",
                "{} {}",
                "{\"a\":1,\"a\":1}",
                "{a:1}")) {
            send(request, body).problem(400);
        }
    }

    private static boolean isRefused(Answer answer, String field) {
        return answer.status() == 400
                && field.equals(answer.problem(400).getString("field"))
                && answer.problem(400).getString("error").startsWith(field + " ");
    }

    /** Whether the value is one that the schema's types allow. Text must be text, and not only by its type. */
    private static boolean mayBe(Map<String, Object> schema, String json) {
        Object types = schema.get("type");
        Set<Object> allowed = types instanceof List<?> several ? Set.copyOf(several) : Set.of(types);
        return switch (json.charAt(0)) {
            case 'n' -> allowed.contains("null");
            case 't' -> allowed.contains("boolean");
            // Other words may be wrong in their own way, such as an address; that is for other tests.
            case '"' -> allowed.contains("string") && !Set.of("\"\"", "\" \"").contains(json) && !json.contains("\\u");
            case '[' -> allowed.contains("array");
            case '{' -> allowed.contains("object");
            default -> allowed.contains("integer") && json.equals("12345");
        };
    }

    /** A body that would be taken, but for one field. */
    private String body(JsonRequest request, String field, String value) {
        JsonObject body = new JsonObject();
        for (String name : request.required()) {
            body.put(name, valid(name, DOCUMENT.resolved(request.properties().get(name))));
        }
        if (!request.alternatives().contains(field) && !request.alternatives().isEmpty()) {
            String first = request.alternatives().get(0);
            body.put(first, valid(first, DOCUMENT.resolved(request.properties().get(first))));
        }
        body.remove(field);
        String rest = body.encode().substring(1);
        return "{\"" + field + "\":" + value + (rest.equals("}") ? "" : ",") + rest;
    }

    private Object valid(String name, Map<String, Object> schema) {
        if (link == null) {
            link = service.newLink();
        }
        if (name.equals("url_id")) {
            return link.getLong("id");
        } else if (name.equals("user_id")) {
            return link.getLong("user_id");
        } else if (name.equals("email")) {
            return Client.word() + "@example.com";
        } else if (schema.get("examples") instanceof List<?> examples) {
            return examples.get(0);
        }
        Object type = schema.get("type") instanceof List<?> several ? several.get(0) : schema.get("type");
        return switch (String.valueOf(type)) {
            case "string" -> Client.word();
            case "boolean" -> true;
            case "integer" -> 1;
            case "array" -> new JsonArray();
            default -> new JsonObject();
        };
    }

    private Answer send(JsonRequest request, String body) {
        if (link == null) {
            link = service.newLink();
        }
        String id = Long.toString(request.path().startsWith("/users") ? link.getLong("user_id") : link.getLong("id"));
        return service.sendJson(request.method(), request.path().replaceAll("\\{\\w+}", id), body);
    }
}
