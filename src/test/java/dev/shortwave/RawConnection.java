package dev.shortwave;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Speaks to the service in bytes that no HTTP client would send. One request on a connection of its own. */
final class RawConnection {

    private static final int PATIENCE_MILLISECONDS = 20_000;
    private static final int PATIENCE_WITH_FRAGMENTS_MILLISECONDS = 150;

    private static final Pattern STATUS_LINE = Pattern.compile("HTTP/1\\.[01] (\\d{3}) [A-Za-z -]+");

    private RawConnection() {}

    /**
     * What is sent.
     *
     * @param fragment whether a server may wait for more of it, so that no answer need come
     */
    record Request(byte[] bytes, boolean fragment) {

        boolean isHead() {
            return bytes.length > 5 && new String(bytes, 0, 5, StandardCharsets.ISO_8859_1).equals("HEAD ");
        }

        @Override
        public String toString() {
            String text = new String(bytes, 0, Math.min(bytes.length, 1500), StandardCharsets.ISO_8859_1);
            StringBuilder shown = new StringBuilder();
            for (char c : text.toCharArray()) {
                shown.append(
                        c >= ' ' && c < 0x7f || c == '\n'
                                ? String.valueOf(c)
                                : String.format(Locale.ROOT, "\\x%02x", (int) c));
            }
            return shown + (bytes.length > 1500 ? "… (" + bytes.length + " bytes)" : "");
        }
    }

    /** What came back. */
    record Reply(int status, Map<String, String> headers, byte[] body) {

        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        @Override
        public String toString() {
            return status + " " + headers + "\n" + (body.length > 800 ? text().substring(0, 800) + "…" : text());
        }
    }

    /** The reply, or null if the connection ended or nothing came in time. */
    static @Nullable Reply exchange(int port, Request request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setTcpNoDelay(true);
            try {
                socket.getOutputStream().write(request.bytes());
                socket.getOutputStream().flush();
            } catch (SocketException e) {
                // It was refused before it was all sent; the answer is there nevertheless.
            }
            socket.setSoTimeout(request.fragment() ? PATIENCE_WITH_FRAGMENTS_MILLISECONDS : PATIENCE_MILLISECONDS);
            try {
                InputStream input = new BufferedInputStream(socket.getInputStream());
                Reply reply = read(input, request.isHead());
                while (reply != null && reply.status() == 100) {
                    reply = read(input, request.isHead());
                }
                return reply;
            } catch (SocketTimeoutException | SocketException e) {
                return null;
            }
        }
    }

    private static @Nullable Reply read(InputStream input, boolean head) throws IOException {
        List<String> lines = new ArrayList<>();
        String line;
        while (!(line = line(input)).isEmpty()) {
            lines.add(line);
        }
        if (lines.isEmpty()) {
            return null;
        }
        Matcher answer = STATUS_LINE.matcher(lines.get(0));
        if (!answer.matches()) {
            throw new AssertionError("not an answer: " + lines);
        }
        int status = Integer.parseInt(answer.group(1));
        Map<String, String> headers = new TreeMap<>();
        for (String header : lines.subList(1, lines.size())) {
            int colon = header.indexOf(':');
            headers.merge(
                    header.substring(0, colon).toLowerCase(Locale.ROOT),
                    header.substring(colon + 1).strip(),
                    (one, other) -> one + ", " + other);
        }
        boolean empty = head || status == 100 || status == 204 || status == 304;
        if (empty) {
            return new Reply(status, headers, new byte[0]);
        }
        String length = headers.get("content-length");
        byte[] body = length == null ? chunks(input, headers) : input.readNBytes(Integer.parseInt(length));
        if (length != null && body.length != Integer.parseInt(length)) {
            throw new AssertionError("cut off: " + new Reply(status, headers, body));
        }
        return new Reply(status, headers, body);
    }

    private static byte[] chunks(InputStream input, Map<String, String> headers) throws IOException {
        if (!"chunked".equals(headers.get("transfer-encoding"))) {
            return input.readAllBytes();
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        int length;
        while ((length = Integer.parseInt(line(input), 16)) > 0) {
            body.write(input.readNBytes(length));
            line(input);
        }
        return body.toByteArray();
    }

    private static String line(InputStream input) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int next;
        while ((next = input.read()) >= 0 && next != '\n') {
            if (next != '\r') {
                line.write(next);
            }
        }
        return line.toString(StandardCharsets.ISO_8859_1);
    }
}
