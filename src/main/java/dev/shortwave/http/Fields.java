package dev.shortwave.http;

import dev.shortwave.problem.Problem;
import dev.shortwave.problem.Text;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The fields of a JSON body. A field of the wrong type is a problem, never a conversion; unknown fields are ignored. */
public final class Fields {

    private final JsonObject json;

    Fields(JsonObject json) {
        this.json = json;
    }

    public boolean has(String name) {
        return json.containsKey(name);
    }

    /** Text that must be there. */
    public String text(String name) {
        return checkedText(name, required(name));
    }

    /** Text, or null if the field is missing or null. */
    public @Nullable String optionalText(String name) {
        Object value = json.getValue(name);
        return value == null ? null : checkedText(name, value);
    }

    private Object required(String name) {
        Object value = json.getValue(name);
        if (value == null) {
            throw bad(name, json.containsKey(name) ? "must not be null" : "is missing");
        }
        return value;
    }

    private static String checkedText(String name, Object value) {
        if (!(value instanceof String text)) {
            throw bad(name, "must be a string");
        }
        if (text.isEmpty()) {
            throw bad(name, "must not be empty");
        }
        if (!Text.isStorable(text)) {
            throw bad(name, "must not contain control characters");
        }
        return text;
    }

    /** An id that must be there. */
    public long id(String name) {
        return checkedId(name, required(name));
    }

    /** An id, or null if the field is missing or null. */
    public @Nullable Long optionalId(String name) {
        Object value = json.getValue(name);
        return value == null ? null : checkedId(name, value);
    }

    private static long checkedId(String name, Object value) {
        if (value instanceof Integer || value instanceof Long) {
            return ((Number) value).longValue();
        }
        throw bad(name, "must be a whole number");
    }

    /** A whole number or a word, as the text of a setting. */
    public String numberOrText(String name) {
        Object value = required(name);
        return value instanceof String ? checkedText(name, value) : Long.toString(checkedId(name, value));
    }

    /** True or false; must be there. */
    public boolean flag(String name) {
        if (json.getValue(name) instanceof Boolean flag) {
            return flag;
        }
        throw bad(name, "must be true or false");
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
        if (!isStorable(object)) {
            throw bad(name, "must not contain control characters or numbers without end");
        }
        return object;
    }

    /** PostgreSQL's jsonb knows no NUL, no half characters and no infinity. Line breaks and tabs are fine inside. */
    private static boolean isStorable(@Nullable Object value) {
        if (value instanceof JsonObject object) {
            for (Map.Entry<String, Object> entry : object) {
                if (!isStorable(entry.getKey()) || !isStorable(entry.getValue())) {
                    return false;
                }
            }
            return true;
        }
        if (value instanceof JsonArray array) {
            for (Object element : array) {
                if (!isStorable(element)) {
                    return false;
                }
            }
            return true;
        }
        if (value instanceof String text) {
            return Text.isStorable(text.replace('\n', ' ').replace('\r', ' ').replace('\t', ' '));
        }
        return !(value instanceof Double number) || Double.isFinite(number);
    }

    static RuntimeException bad(String name, String why) {
        return Problem.badField(name, name + " " + why).asException();
    }
}
