package dev.shortwave.click;

/** Writes text into JSON. By hand, because the details of each single click are written, on the cores that redirect. */
final class JsonText {

    private static final char[] HEX = "0123456789abcdef".toCharArray();

    private JsonText() {}

    /** Appends a field whose name needs no escapes. */
    static void appendField(StringBuilder json, String name, String value) {
        json.append('"').append(name).append("\":\"");
        int from = 0;
        for (int at = 0; at < value.length(); at++) {
            char character = value.charAt(at);
            if (character < ' ' || character == '"' || character == '\\') {
                json.append(value, from, at);
                appendEscaped(json, character);
                from = at + 1;
            }
        }
        json.append(value, from, value.length()).append('"');
    }

    private static void appendEscaped(StringBuilder json, char character) {
        json.append('\\');
        if (character < ' ') {
            json.append("u00").append(HEX[character >> 4]).append(HEX[character & 0xF]);
        } else {
            json.append(character);
        }
    }
}
