package dev.shortwave.link;

import dev.shortwave.error.Problem;
import java.security.SecureRandom;
import java.util.Set;

/** Short codes: which are allowed, and random new ones. Thread-safe. */
public final class Codes {

    public static final int MAX_LENGTH = 32;

    private static final char[] ALPHABET =
            "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".toCharArray();

    /** First segments of routes, now and foreseeable: a link with such a code could not be reached. */
    private static final Set<String> RESERVED = Set.of(
            "admin",
            "api",
            "assets",
            "config",
            "docs",
            "events",
            "favicon",
            "health",
            "index",
            "live",
            "login",
            "management",
            "metrics",
            "openapi",
            "problems",
            "ready",
            "robots",
            "shorten",
            "static",
            "stats",
            "status",
            "urls",
            "users",
            "version");

    private final SecureRandom random = new SecureRandom();

    /** A random base 62 code. Random, so that codes can't be walked through. */
    public String next(int length) {
        char[] code = new char[length];
        for (int at = 0; at < length; at++) {
            code[at] = ALPHABET[random.nextInt(ALPHABET.length)];
        }
        String made = new String(code);
        return isReserved(made) ? next(length) : made;
    }

    /** Whether the text has the form of a code; says nothing of whether it exists. */
    public static boolean isCode(String text) {
        return isCode(text, 0, text.length());
    }

    /** As {@link #isCode(String)} for a part of the text: the redirect checks a path without cutting it first. */
    public static boolean isCode(String text, int from, int to) {
        if (from >= to || to - from > MAX_LENGTH) {
            return false;
        }
        for (int at = from; at < to; at++) {
            char c = text.charAt(at);
            boolean allowed =
                    (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
            if (!allowed) {
                return false;
            }
        }
        return true;
    }

    public static boolean isReserved(String code) {
        return RESERVED.contains(code);
    }

    /** Checks a code that a caller wishes for. Throws {@link dev.shortwave.error.ProblemException}. */
    public static String custom(String field, String code) {
        if (!isCode(code)) {
            throw Problem.badField(field, field + " must have 1 to " + MAX_LENGTH + " characters of A-Z a-z 0-9 _ -")
                    .asException();
        }
        if (isReserved(code)) {
            throw Problem.conflict(Problem.Kind.CODE_RESERVED, field, "the code " + code + " is reserved")
                    .asException();
        }
        return code;
    }
}
