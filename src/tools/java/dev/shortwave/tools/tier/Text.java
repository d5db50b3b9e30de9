package dev.shortwave.tools.tier;

import java.util.Locale;

/** Numbers in text, with points and commas whatever the machine's language is. */
final class Text {

    private Text() {}

    static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
