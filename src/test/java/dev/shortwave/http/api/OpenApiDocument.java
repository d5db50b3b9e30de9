package dev.shortwave.http.api;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.yaml.snakeyaml.Yaml;

/** The OpenAPI document, as far as tests need to understand it. */
final class OpenApiDocument {

    private static final Set<String> METHODS = Set.of("get", "head", "post", "put", "patch", "delete");

    /** One answer that the document promises. */
    record Promise(String method, String path, int status, Map<String, Object> response) {

        @Override
        public String toString() {
            return method + " " + path + " " + status;
        }

        Map<String, Object> content() {
            return map(response.getOrDefault("content", Map.of()));
        }

        Set<String> headers() {
            return map(response.getOrDefault("headers", Map.of())).keySet();
        }
    }

    /**
     * One request with a JSON body.
     *
     * @param alternatives names of one field, of which one must be there
     */
    record JsonRequest(
            String method,
            String path,
            Map<String, Object> properties,
            List<String> required,
            List<String> alternatives) {

        @Override
        public String toString() {
            return method + " " + path;
        }
    }

    private final Map<String, Object> root;

    OpenApiDocument() {
        try (InputStream stream = OpenApiDocument.class.getResourceAsStream("/openapi.yaml")) {
            root = new Yaml().load(stream);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<Promise> promises() {
        List<Promise> promises = new ArrayList<>();
        map(root.get("paths"))
                .forEach((path, item) -> map(item).forEach((method, operation) -> {
                    if (METHODS.contains(method)) {
                        map(map(operation).get("responses"))
                                .forEach((status, response) -> promises.add(new Promise(
                                        method.toUpperCase(Locale.ROOT),
                                        path,
                                        Integer.parseInt(status),
                                        resolved(response))));
                    }
                }));
        return promises;
    }

    /** Every request that has a JSON object as its body. */
    List<JsonRequest> jsonRequests() {
        List<JsonRequest> requests = new ArrayList<>();
        map(root.get("paths"))
                .forEach((path, item) -> map(item).forEach((method, operation) -> {
                    if (METHODS.contains(method) && map(operation).containsKey("requestBody")) {
                        Map<String, Object> content =
                                map(resolved(map(operation).get("requestBody")).get("content"));
                        if (content.containsKey("application/json")) {
                            Map<String, Object> schema = resolved(
                                    map(content.get("application/json")).get("schema"));
                            requests.add(new JsonRequest(
                                    method.toUpperCase(Locale.ROOT),
                                    path,
                                    map(schema.get("properties")),
                                    names(schema),
                                    list(schema.get("anyOf")).stream()
                                            .flatMap(one -> names(map(one)).stream())
                                            .toList()));
                        }
                    }
                }));
        return requests;
    }

    private static List<String> names(Map<String, Object> schema) {
        return list(schema.get("required")).stream().map(String::valueOf).toList();
    }

    private static List<?> list(Object value) {
        return value == null ? List.of() : (List<?>) value;
    }

    /** One request that the document describes: its parameters, those of its path too, and the examples of its body. */
    record Operation(String method, String path, List<Map<String, Object>> parameters, List<Object> bodies) {

        @Override
        public String toString() {
            return method + " " + path;
        }

        List<Map<String, Object>> parametersIn(String place) {
            return parameters.stream()
                    .filter(parameter -> parameter.get("in").equals(place))
                    .toList();
        }
    }

    List<Operation> operations() {
        List<Operation> operations = new ArrayList<>();
        map(root.get("paths"))
                .forEach((path, item) -> map(item).forEach((method, operation) -> {
                    if (METHODS.contains(method)) {
                        List<Map<String, Object>> parameters = new ArrayList<>();
                        for (Object owner : List.of(item, operation)) {
                            ((List<?>) map(owner).getOrDefault("parameters", List.of()))
                                    .forEach(parameter -> parameters.add(resolved(parameter)));
                        }
                        Map<String, Object> body = resolved(map(operation).getOrDefault("requestBody", Map.of()));
                        List<Object> bodies = new ArrayList<>();
                        map(body.getOrDefault("content", Map.of()))
                                .values()
                                .forEach(media -> bodies.addAll(examples(map(media))));
                        operations.add(new Operation(method.toUpperCase(Locale.ROOT), path, parameters, bodies));
                    }
                }));
        return operations;
    }

    /** All examples of a media type. */
    List<Object> examples(Map<String, Object> media) {
        List<Object> examples = new ArrayList<>();
        if (media.containsKey("example")) {
            examples.add(media.get("example"));
        }
        map(media.getOrDefault("examples", Map.of()))
                .values()
                .forEach(example -> examples.add(resolved(example).get("value")));
        return examples;
    }

    /** A schema of the components. */
    Map<String, Object> schema(String name) {
        return resolved(map(map(root.get("components")).get("schemas")).get(name));
    }

    /** All values of a parameter that the document names: its example, and each of an enumeration. */
    List<Object> namedValues(Map<String, Object> parameter) {
        List<Object> values = new ArrayList<>();
        Map<String, Object> schema = resolved(parameter.get("schema"));
        if (parameter.containsKey("example")) {
            values.add(parameter.get("example"));
        }
        for (String key : List.of("default", "minimum", "maximum")) {
            if (schema.containsKey(key)) {
                values.add(schema.get(key));
            }
        }
        if (schema.get("enum") instanceof List<?> several) {
            values.addAll(several);
        }
        return values;
    }

    /** The object itself, or the one that it refers to. */
    Map<String, Object> resolved(Object value) {
        Map<String, Object> object = map(value);
        if (!(object.get("$ref") instanceof String reference)) {
            return object;
        }
        Object target = root;
        for (String step : reference.substring(2).split("/")) {
            target = map(target).get(step);
        }
        if (target == null) {
            throw new IllegalStateException("nothing at " + reference);
        }
        return resolved(target);
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> map(Object value) {
        return (Map<String, Object>) value;
    }

    // Schemas

    /** What in the value breaks the schema; empty if nothing does. */
    List<String> violations(Object schema, Object value) {
        List<String> found = new ArrayList<>();
        check(resolved(schema), value, "$", true, found);
        return found;
    }

    private void check(Map<String, Object> schema, Object value, String at, boolean closed, List<String> found) {
        Object types = schema.get("type");
        if (types != null && !hasType(types, value)) {
            found.add(at + ": " + value + " is no " + types);
            return;
        }
        if (schema.get("enum") instanceof List<?> allowed && !allowed.contains(value)) {
            found.add(at + ": " + value + " is none of " + allowed);
        }
        if (schema.containsKey("const") && !schema.get("const").equals(value)) {
            found.add(at + ": " + value + " is not " + schema.get("const"));
        }
        if (value instanceof String text && schema.get("pattern") instanceof String pattern && !text.matches(pattern)) {
            found.add(at + ": " + value + " does not match " + pattern);
        }
        if (value instanceof Number number
                && schema.get("minimum") instanceof Number least
                && number.longValue() < least.longValue()) {
            found.add(at + ": " + value + " is below " + least);
        }
        if (value instanceof Number number
                && schema.get("maximum") instanceof Number most
                && number.longValue() > most.longValue()) {
            found.add(at + ": " + value + " is above " + most);
        }
        if (schema.get("allOf") instanceof List<?> all) {
            all.forEach(one -> check(resolved(one), value, at, false, found));
        }
        if (value instanceof Map<?, ?> && schema.containsKey("properties")) {
            checkObject(schema, map(value), at, closed, found);
        }
        if (value instanceof List<?> list && schema.containsKey("items")) {
            for (int index = 0; index < list.size(); index++) {
                check(resolved(schema.get("items")), list.get(index), at + "[" + index + "]", closed, found);
            }
        }
    }

    private void checkObject(
            Map<String, Object> schema, Map<String, Object> object, String at, boolean closed, List<String> found) {
        Map<String, Object> properties = map(schema.get("properties"));
        if (schema.get("required") instanceof List<?> required) {
            required.stream()
                    .filter(name -> !object.containsKey(name))
                    .forEach(name -> found.add(at + ": " + name + " is missing"));
        }
        object.forEach((name, value) -> {
            if (properties.containsKey(name)) {
                check(resolved(properties.get(name)), value, at + "." + name, closed, found);
            } else if (closed && !Boolean.TRUE.equals(schema.get("additionalProperties"))) {
                found.add(at + ": " + name + " is not in the document");
            }
        });
    }

    private static boolean hasType(Object types, Object value) {
        if (types instanceof List<?> several) {
            return several.stream().anyMatch(type -> hasType(type, value));
        }
        return switch ((String) types) {
            case "null" -> value == null;
            case "string" -> value instanceof String;
            case "integer" -> value instanceof Integer || value instanceof Long;
            case "number" -> value instanceof Number;
            case "boolean" -> value instanceof Boolean;
            case "array" -> value instanceof List;
            case "object" -> value instanceof Map;
            default -> throw new IllegalStateException("type " + types);
        };
    }
}
