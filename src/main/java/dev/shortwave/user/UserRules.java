package dev.shortwave.user;

import dev.shortwave.error.Problem;
import dev.shortwave.error.TextRules;
import java.util.Locale;

/**
 * What a username and an e-mail address may be, and the form in which they are stored and compared. Throws
 * {@link dev.shortwave.error.ProblemException}.
 */
public final class UserRules {

    public static final int MAX_USERNAME_LENGTH = 150;
    public static final int MAX_EMAIL_LENGTH = 254;

    private UserRules() {}

    /** The username to store: normalised, so that two that look alike for being written differently are one. */
    public static String username(String text) {
        String username = checked("username", text, MAX_USERNAME_LENGTH);
        if (!TextRules.isVisible(username)) {
            throw Problem.badField("username", "username must not be blank").asException();
        }
        return username;
    }

    /** The address to store, normalised. */
    public static String email(String text) {
        String email = checked("email", text, MAX_EMAIL_LENGTH);
        // Deliberately loose: whether an address exists only its server knows.
        int at = email.indexOf('@');
        boolean fits = at == email.lastIndexOf('@')
                && at >= 0
                && TextRules.isVisible(email.substring(0, at))
                && TextRules.isVisible(email.substring(at + 1))
                && email.codePoints().noneMatch(TextRules::isSpace);
        if (!fits) {
            throw Problem.badField("email", "email must be an address such as name@example.com")
                    .asException();
        }
        return email;
    }

    /** What two addresses have in common that differ in the case of their letters only, whatever the locale. */
    public static String emailKey(String email) {
        return email.toLowerCase(Locale.ROOT);
    }

    private static String checked(String field, String text, int longest) {
        String violation = text.isBlank() ? "must not be empty" : TextRules.violation(text);
        if (violation != null) {
            throw Problem.badField(field, field + " " + violation).asException();
        }
        String normalized = TextRules.normalized(text);
        if (normalized.isEmpty()) {
            throw Problem.badField(field, field + " must not be empty").asException();
        }
        if (normalized.length() > longest) {
            throw Problem.badField(field, field + " must have at most " + longest + " characters")
                    .asException();
        }
        return normalized;
    }
}
