package dev.shortwave.config;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The URL of a PostgreSQL database as libpq reads it, and with {@code jdbc:} as the JDBC driver does.
 */
final class DatabaseUrl {

    private static final Pattern URL =
            Pattern.compile("(?s)(jdbc:)?postgres(?:ql)?://([^/?#]*)(?:/([^/?#@\\s]*))?(?:\\?(.*))?");

    private static final Pattern PLACE = Pattern.compile("(\\[[0-9A-Fa-f:.%]+]|[^:\\s\\[\\]]*)(?::(\\d*))?");

    private DatabaseUrl() {}

    /**
     * Takes a URL apart.
     *
     * @throws IllegalArgumentException if it is none
     */
    static DatabaseParameters parse(String text) {
        Matcher url = URL.matcher(text);
        if (!url.matches()) {
            throw new IllegalArgumentException("no URL of PostgreSQL");
        }
        boolean isJdbc = url.group(1) != null;
        DatabaseParameters parameters = new DatabaseParameters();
        String authority = url.group(2);
        int at = authority.lastIndexOf('@');
        if (at >= 0) {
            String login = authority.substring(0, at);
            int colon = login.indexOf(':');
            parameters.put(DatabaseParameters.USER, decode(colon < 0 ? login : login.substring(0, colon)));
            parameters.put(DatabaseParameters.PASSWORD, colon < 0 ? "" : decode(login.substring(colon + 1)));
        }
        place(parameters, authority.substring(at + 1));
        parameters.put(DatabaseParameters.DATABASE, url.group(3) == null ? "" : decode(url.group(3)));
        if (url.group(4) != null) {
            for (String parameter : url.group(4).split("&")) {
                int equals = parameter.indexOf('=');
                String name = decode(equals < 0 ? parameter : parameter.substring(0, equals));
                if (!name.isEmpty()) {
                    parameters.take(name, equals < 0 ? "" : decode(parameter.substring(equals + 1)), isJdbc);
                }
            }
        }
        return parameters;
    }

    private static void place(DatabaseParameters parameters, String text) {
        if (text.contains(",")) {
            parameters.refuse(
                    "several hosts are not supported: name one, such as that of a proxy that knows the primary");
            return;
        }
        Matcher place = PLACE.matcher(text);
        if (!place.matches()) {
            throw new IllegalArgumentException("no host and port");
        }
        parameters.put(DatabaseParameters.HOST, decode(place.group(1)));
        parameters.put(DatabaseParameters.PORT, place.group(2) == null ? "" : place.group(2));
    }

    /** Percent-encoding only: a plus sign is one. */
    private static String decode(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
        for (int at = 0; at < encoded.length; at++) {
            if (encoded[at] != '%') {
                bytes.write(encoded[at]);
                continue;
            }
            int value = at + 2 < encoded.length
                    ? Character.digit(encoded[at + 1], 16) * 16 + Character.digit(encoded[at + 2], 16)
                    : -1;
            if (value <= 0 || Character.digit(encoded[at + 2], 16) < 0) {
                throw new IllegalArgumentException("broken percent-encoding");
            }
            bytes.write(value);
            at += 2;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
