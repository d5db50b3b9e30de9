package dev.shortwave.user;

import dev.shortwave.problem.Problem;
import dev.shortwave.problem.Text;
import java.util.regex.Pattern;

/** What a username and an e-mail address may be. Throws {@link dev.shortwave.problem.ProblemException}. */
public final class UserRules {

    public static final int LONGEST_USERNAME = 150;
    public static final int LONGEST_EMAIL = 254;

    // Deliberately loose: whether an address exists only its server knows.
    private static final Pattern EMAIL = Pattern.compile("[^@\\s]+@[^@\\s]+");

    private UserRules() {}

    public static String username(String text) {
        return checked("username", text, LONGEST_USERNAME);
    }

    public static String email(String text) {
        String email = checked("email", text, LONGEST_EMAIL);
        if (!EMAIL.matcher(email).matches()) {
            throw Problem.badField("email", "email must be an address such as name@example.com")
                    .asException();
        }
        return email;
    }

    private static String checked(String field, String text, int longest) {
        if (text.isBlank()) {
            throw Problem.badField(field, field + " must not be empty").asException();
        }
        if (text.length() > longest) {
            throw Problem.badField(field, field + " must have at most " + longest + " characters")
                    .asException();
        }
        String violation = Text.violation(text);
        if (violation != null) {
            throw Problem.badField(field, field + " " + violation).asException();
        }
        return text;
    }
}
