package dev.shortwave.event;

import dev.shortwave.error.Problem;
import dev.shortwave.error.TextRules;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the type and the details of an event may be, from the API and from files. Throws
 * {@link dev.shortwave.error.ProblemException}.
 */
public final class EventRules {

    private static final String EVENT_TYPE = "event_type";
    private static final String DETAILS = "details";

    private EventRules() {}

    public static String type(String text) {
        String violation = TextRules.isVisible(text) ? TextRules.violation(text) : "must not be blank";
        if (violation != null) {
            throw bad(EVENT_TYPE, violation);
        }
        if (text.length() > Event.MAX_TYPE_LENGTH) {
            throw bad(EVENT_TYPE, "must have at most " + Event.MAX_TYPE_LENGTH + " characters");
        }
        return text;
    }

    public static JsonObject details(JsonObject object) {
        String violation = violation(object);
        if (violation != null) {
            throw bad(DETAILS, violation);
        }
        return object;
    }

    /** PostgreSQL's jsonb knows no NUL, no half characters and no infinity. Line breaks and tabs are fine inside. */
    private static @Nullable String violation(@Nullable Object value) {
        if (value instanceof JsonObject object) {
            for (Map.Entry<String, Object> entry : object) {
                String violation = violation(entry.getKey());
                if (violation == null) {
                    violation = violation(entry.getValue());
                }
                if (violation != null) {
                    return violation;
                }
            }
        } else if (value instanceof JsonArray array) {
            for (Object element : array) {
                String violation = violation(element);
                if (violation != null) {
                    return violation;
                }
            }
        } else if (value instanceof String text) {
            return TextRules.violation(text.replaceAll("[\n\r\t\u2028\u2029]", " "));
        } else if (value instanceof Double number && !Double.isFinite(number)) {
            return "must not contain numbers beyond the range of a double";
        }
        return null;
    }

    private static RuntimeException bad(String field, String why) {
        return Problem.badField(field, field + " " + why).asException();
    }
}
