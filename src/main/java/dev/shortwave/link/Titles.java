package dev.shortwave.link;

import dev.shortwave.problem.Problem;
import dev.shortwave.problem.Text;

/** What the title of a link may be. Throws {@link dev.shortwave.problem.ProblemException}. */
public final class Titles {

    private static final String FIELD = "title";

    private Titles() {}

    /** The title as it was given. */
    public static String checked(String text) {
        String violation = Text.isVisible(text) ? Text.violation(text) : "must not be blank";
        if (violation != null) {
            throw bad(violation);
        }
        if (text.length() > Destinations.LONGEST_TITLE) {
            throw bad("must have at most " + Destinations.LONGEST_TITLE + " characters");
        }
        return text;
    }

    private static RuntimeException bad(String why) {
        return Problem.badField(FIELD, FIELD + " " + why).asException();
    }
}
