package dev.shortwave.http.api;

import dev.shortwave.error.Problem;
import dev.shortwave.error.TextRules;
import io.vertx.core.json.JsonObject;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/** The fields of a JSON body. A field of the wrong type is a problem, never a conversion; unknown fields are ignored. */
public final class JsonBody {

    private final JsonObject json;

    JsonBody(JsonObject json) {
        this.json = json;
    }

    public boolean has(String name) {
        return json.containsKey(name);
    }

    /** Text that must be there. */
    public String text(String name) {
        return validText(name, required(name));
    }

    /** Text that must be there and may be anything: the caller checks it. */
    public String uncheckedText(String name) {
        if (required(name) instanceof String text) {
            return text;
        }
        throw bad(name, "must be a string");
    }

    /** Text, or null if the field is missing or null. */
    public @Nullable String optionalText(String name) {
        Object value = json.getValue(name);
        return value == null ? null : validText(name, value);
    }

    private Object required(String name) {
        Object value = json.getValue(name);
        if (value == null) {
            throw bad(name, json.containsKey(name) ? "must not be null" : "is missing");
        }
        return value;
    }

    private static String validText(String name, Object value) {
        if (!(value instanceof String text)) {
            throw bad(name, "must be a string");
        }
        if (text.isEmpty()) {
            throw bad(name, "must not be empty");
        }
        if (text.isBlank()) {
            throw bad(name, "must not be blank");
        }
        String violation = TextRules.violation(text);
        if (violation != null) {
            throw bad(name, violation);
        }
        return text;
    }

    /** An id that must be there. */
    public long id(String name) {
        return validId(name, required(name));
    }

    /** An id, or null if the field is missing or null. */
    public @Nullable Long optionalId(String name) {
        Object value = json.getValue(name);
        return value == null ? null : validId(name, value);
    }

    private static long validId(String name, Object value) {
        if (value instanceof Integer || value instanceof Long) {
            return ((Number) value).longValue();
        }
        throw bad(
                name,
                value instanceof BigInteger
                        ? "must be a whole number of at most 64 bits"
                        : "must be a whole number, without quotes, fraction and exponent");
    }

    /** A whole number or a word, as the text of a setting. */
    public String numberOrText(String name) {
        Object value = required(name);
        if (!(value instanceof String) && !(value instanceof Number)) {
            throw bad(name, "must be a whole number or a word");
        }
        return value instanceof String ? validText(name, value) : Long.toString(validId(name, value));
    }

    /** True or false; must be there. */
    public boolean flag(String name) {
        if (required(name) instanceof Boolean flag) {
            return flag;
        }
        throw bad(name, "must be true or false, without quotes");
    }

    /** An object, or an empty one if the field is missing or null. */
    public JsonObject optionalObject(String name) {
        Object value = json.getValue(name);
        if (value == null) {
            return new JsonObject();
        }
        if (!(value instanceof JsonObject object)) {
            throw bad(name, "must be an object");
        }
        return object;
    }

    public static RuntimeException bad(String name, String why) {
        return Problem.badField(name, name + " " + why).asException();
    }
}
