package dev.shortwave.event;

import dev.shortwave.problem.Problem;
import dev.shortwave.problem.Text;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the type and the details of an event may be, from the API and from files. Throws
 * {@link dev.shortwave.problem.ProblemException}.
 */
public final class EventRules {

    private static final String EVENT_TYPE = "event_type";
    private static final String DETAILS = "details";

    private EventRules() {}

    public static String type(String text) {
        if (!Text.isVisible(text)) {
            throw bad(EVENT_TYPE, "must not be empty");
        }
        if (!Text.isStorable(text)) {
            throw bad(EVENT_TYPE, "must not contain control characters");
        }
        if (text.length() > Event.LONGEST_TYPE) {
            throw bad(EVENT_TYPE, "must have at most " + Event.LONGEST_TYPE + " characters");
        }
        return text;
    }

    public static JsonObject details(JsonObject object) {
        if (!isStorable(object)) {
            throw bad(DETAILS, "must not contain control characters or numbers without end");
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
            return Text.isStorable(text.replaceAll("[\n\r\t\u2028\u2029]", " "));
        }
        return !(value instanceof Double number) || Double.isFinite(number);
    }

    private static RuntimeException bad(String field, String why) {
        return Problem.badField(field, field + " " + why).asException();
    }
}
