package dev.shortwave.link;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * Percent-encoding by the URL standard (https://url.spec.whatwg.org/#percent-encoded-bytes): which characters of a part of
 * a URL are sent encoded. A {@code %} stays as it is, also where it begins no escape.
 */
enum UrlEncoding {
    /** The path percent-encode set. A backslash is a slash to browsers, and is sent as one. */
    PATH(" \"#<>?^`{}"),
    /** The query percent-encode set. */
    QUERY(" \"#<>"),
    /** The fragment percent-encode set. */
    FRAGMENT(" \"<>`"),
    /** The C0 control percent-encode set, which all others contain. */
    CONTROLS("");

    private static final HexFormat HEX = HexFormat.of().withUpperCase();
    private static final int ASCII = 0x80;

    private final boolean[] encoded = new boolean[ASCII];

    UrlEncoding(String characters) {
        for (int character = 0; character < ASCII; character++) {
            encoded[character] = character < ' ' || character > '~' || characters.indexOf(character) >= 0;
        }
    }

    /** The text with all that can't be sent encoded as UTF-8; the same instance if it has nothing of that. */
    String encode(String text) {
        int first = 0;
        while (first < text.length() && isSentAsItIs(text.charAt(first))) {
            first++;
        }
        if (first == text.length()) {
            return text;
        }
        StringBuilder sent = new StringBuilder(text.length() + 16).append(text, 0, first);
        for (byte octet : text.substring(first).getBytes(StandardCharsets.UTF_8)) {
            char character = (char) (octet & 0xff);
            if (isSentAsItIs(character)) {
                sent.append(character);
            } else if (character == '\\') {
                sent.append('/');
            } else {
                HEX.toHexDigits(sent.append('%'), octet);
            }
        }
        return sent.toString();
    }

    private boolean isSentAsItIs(char character) {
        return character < ASCII && !encoded[character] && (this != PATH || character != '\\');
    }
}
