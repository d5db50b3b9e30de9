package dev.shortwave.error;

import java.text.Normalizer;
import org.jspecify.annotations.Nullable;

/** Rules for text that clients send and that is stored. */
public final class TextRules {

    /** Characters that stand for nothing and are no white space: zero width space, word joiner, byte order mark. */
    private static final String ZERO_WIDTH = "\u200b\u2060\ufeff";

    /** Letters and symbols without a shape: fillers of Hangul, a blank pattern of Braille, a null note. */
    private static final String SHAPELESS = "\u115f\u1160\u2800\u3164\uffa0\ud834\udd59";

    private TextRules() {}

    /**
     * Control characters and line breaks, those of Unicode too, break headers and logs; PostgreSQL refuses NUL and lone
     * surrogates. All other code points can be stored and sent, U+FFFE and U+FFFF too.
     */
    public static boolean isStorable(CharSequence text) {
        return violation(text) == null;
    }

    /** What is wrong with text that can't be stored, in words that follow its name; null if nothing is. */
    public static @Nullable String violation(CharSequence text) {
        for (int at = 0; at < text.length(); at++) {
            char character = text.charAt(at);
            if (isControl(character)) {
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

    private static boolean isControl(int point) {
        return Character.isISOControl(point) || point == '\u2028' || point == '\u2029';
    }

    /** The text with what can't be stored left out, cut to at most {@code length} characters. For headers of clicks. */
    public static String sanitize(String text, int length) {
        String cut = text.length() > length ? text.substring(0, length) : text;
        if (isStorable(cut)) {
            return cut;
        }
        StringBuilder kept = new StringBuilder(cut.length());
        cut.codePoints()
                .filter(point -> !isControl(point))
                .filter(point -> point < Character.MIN_SURROGATE || point > Character.MAX_SURROGATE)
                .forEach(kept::appendCodePoint);
        return kept.toString();
    }

    /**
     * The text in the form in which names are compared: composed (NFC), without white space of any script and characters
     * of no width around it.
     */
    public static String normalized(String text) {
        int start = 0;
        int end = text.length();
        while (start < end && isEdge(text.charAt(start))) {
            start++;
        }
        while (start < end && isEdge(text.charAt(end - 1))) {
            end--;
        }
        return Normalizer.normalize(text.substring(start, end), Normalizer.Form.NFC);
    }

    private static boolean isEdge(char c) {
        return isSpace(c) || ZERO_WIDTH.indexOf(c) >= 0;
    }

    /** Whether the code point is white space in any script, no-break spaces included. */
    public static boolean isSpace(int point) {
        return Character.isWhitespace(point) || Character.isSpaceChar(point);
    }

    /** Whether a reader can see anything of the text: not only white space, marks, format and control characters. */
    public static boolean isVisible(String text) {
        return text.codePoints().anyMatch(TextRules::isVisible);
    }

    private static boolean isVisible(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.SPACE_SEPARATOR,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.NON_SPACING_MARK,
                    Character.ENCLOSING_MARK,
                    Character.COMBINING_SPACING_MARK -> false;
            // Characters of a later Unicode than the JVM's are unassigned here, and most have a shape.
            case Character.UNASSIGNED -> !isIgnorable(point);
            default -> SHAPELESS.indexOf(point) < 0;
        };
    }

    /** Code points that Unicode keeps for characters without a shape, and those that never will be characters. */
    private static boolean isIgnorable(int point) {
        return point == 0x2065
                || (point >= 0xFFF0 && point <= 0xFFFF)
                || (point >= 0xFDD0 && point <= 0xFDEF)
                || (point >= 0xE0000 && point <= 0xE0FFF)
                || (point & 0xFFFE) == 0xFFFE;
    }
}
