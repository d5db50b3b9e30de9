package dev.shortwave.tools.tier;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Text with names in braces, which stand for values. */
final class Template {

    private static final Pattern NAME = Pattern.compile("\\{([a-z-]+)}");

    private Template() {}

    /** Values are inserted as they are. A name without value is an error. */
    static String fill(String template, Map<String, String> nameToValue) {
        return NAME.matcher(template).replaceAll(match -> {
            String value = nameToValue.get(match.group(1));
            if (value == null) {
                throw new IllegalArgumentException("no value for " + match.group());
            }
            return Matcher.quoteReplacement(value);
        });
    }
}
