package dev.shortwave.problem;

import org.jspecify.annotations.Nullable;

/** Rules for text that clients send and that is stored. */
public final class Text {

    private Text() {}

    /** Control characters break headers and logs, NUL and lone surrogates are refused by PostgreSQL. */
    public static boolean isStorable(CharSequence text) {
        return violation(text) == null;
    }

    /** What is wrong with text that can't be stored, in words that follow its name; null if nothing is. */
    public static @Nullable String violation(CharSequence text) {
        for (int at = 0; at < text.length(); at++) {
            char character = text.charAt(at);
            if (Character.isISOControl(character)) {
                return "must not contain control characters";
            }
            if (Character.isHighSurrogate(character)
                    && at + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(at + 1))) {
                at++;
            } else if (Character.isSurrogate(character)) {
                return "must not contain half of a surrogate pair";
            }
        }
        return null;
    }

    /** The text with what can't be stored left out, cut to at most {@code length} characters. For headers of clicks. */
    public static String storable(String text, int length) {
        String cut = text.length() > length ? text.substring(0, length) : text;
        if (isStorable(cut)) {
            return cut;
        }
        StringBuilder kept = new StringBuilder(cut.length());
        cut.codePoints()
                .filter(point -> !Character.isISOControl(point))
                .filter(point -> point < Character.MIN_SURROGATE || point > Character.MAX_SURROGATE)
                .forEach(kept::appendCodePoint);
        return kept.toString();
    }
}
