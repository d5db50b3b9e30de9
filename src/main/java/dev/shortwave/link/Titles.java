package dev.shortwave.link;

import dev.shortwave.error.Problem;
import dev.shortwave.error.TextRules;

/** What the title of a link may be. Throws {@link dev.shortwave.error.ProblemException}. */
public final class Titles {

    private static final String FIELD = "title";

    private Titles() {}

    /** The title as it was given. */
    public static String checked(String text) {
        String violation = TextRules.isVisible(text) ? TextRules.violation(text) : "must not be blank";
        if (violation != null) {
            throw bad(violation);
        }
        if (text.length() > Destinations.MAX_TITLE_LENGTH) {
            throw bad("must have at most " + Destinations.MAX_TITLE_LENGTH + " characters");
        }
        return text;
    }

    private static RuntimeException bad(String why) {
        return Problem.badField(FIELD, FIELD + " " + why).asException();
    }
}
