package dev.shortwave.tools.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One keep-alive connection to a port of 127.0.0.1. It takes so little processor time that a load generator leaves the
 * machine to the service; it never repeats a request. Bodies of responses have a Content-Length. For one thread.
 */
public final class RawHttpClient implements AutoCloseable {

    /** Names of headers are in lower case. */
    public record Response(int status, Map<String, String> headers, String body) {}

    private static final int BUFFER_SIZE = 32 * 1024;
    private static final byte[] VERSION = ascii("HTTP/1.");
    private static final byte[] CONTENT_LENGTH = ascii("content-length:");
    private static final byte[] TRANSFER_ENCODING = ascii("transfer-encoding:");

    private final Socket socket = new Socket();
    private final InputStream in;
    private final OutputStream out;
    private final String host;
    private final byte[] buffer = new byte[BUFFER_SIZE];
    private int position;
    private int limit;
    private int lineStart;
    private int lineEnd;

    /** Of the response whose head was read last. */
    private int contentLength;

    /** @param timeout of the connection and of each read */
    public RawHttpClient(int port, Duration timeout) throws IOException {
        host = "127.0.0.1:" + port;
        try {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout((int) timeout.toMillis());
            socket.connect(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port), (int)
                    timeout.toMillis());
            in = socket.getInputStream();
            out = socket.getOutputStream();
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /** A request without a body, to be sent as often as needed; headers are whole lines. */
    public byte[] request(String method, String path, String... headers) {
        StringBuilder head = head(method, path);
        for (String header : headers) {
            head.append(header).append("\r\n");
        }
        return ascii(head.append("\r\n").toString());
    }

    /** Sends requests with one write. */
    public void send(byte[]... requests) throws IOException {
        if (requests.length == 1) {
            out.write(requests[0]);
            return;
        }
        int length = 0;
        for (byte[] request : requests) {
            length += request.length;
        }
        byte[] all = new byte[length];
        int at = 0;
        for (byte[] request : requests) {
            System.arraycopy(request, 0, all, at, request.length);
            at += request.length;
        }
        out.write(all);
    }

    /** Reads a response to its last byte. */
    public int readStatus() throws IOException {
        int status = readHead(null);
        skip(contentLength);
        return status;
    }

    /** The status of a HEAD request, whose response has the headers of a body but no body. */
    public int head(String path) throws IOException {
        send(request("HEAD", path));
        return readHead(null);
    }

    public Response get(String path) throws IOException {
        send(request("GET", path));
        return read();
    }

    public Response post(String path, String json) throws IOException {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        StringBuilder head = head("POST", path)
                .append("Content-Type: application/json\r\nContent-Length: ")
                .append(body.length)
                .append("\r\n\r\n");
        send(ascii(head.toString()), body);
        return read();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private StringBuilder head(String method, String path) {
        return new StringBuilder(method)
                .append(' ')
                .append(path)
                .append(" HTTP/1.1\r\nHost: ")
                .append(host)
                .append("\r\n");
    }

    private Response read() throws IOException {
        Map<String, String> headers = new HashMap<>();
        int status = readHead(headers);
        byte[] body = new byte[contentLength];
        for (int read = 0; read < body.length; ) {
            if (position == limit) {
                fill();
            }
            int part = Math.min(limit - position, body.length - read);
            System.arraycopy(buffer, position, body, read, part);
            position += part;
            read += part;
        }
        return new Response(status, headers, new String(body, StandardCharsets.UTF_8));
    }

    private int readHead(@Nullable Map<String, String> headers) throws IOException {
        readLine();
        // HTTP/1.1 302 Found
        if (lineEnd - lineStart < 12 || !lineStartsWith(VERSION)) {
            throw new IOException("not a status line: " + line());
        }
        int status = 0;
        for (int at = lineStart + 9; at < lineStart + 12; at++) {
            status = 10 * status + buffer[at] - '0';
        }
        contentLength = 0;
        for (readLine(); lineEnd > lineStart; readLine()) {
            if (lineStartsWith(CONTENT_LENGTH)) {
                contentLength =
                        Integer.parseInt(line().substring(CONTENT_LENGTH.length).strip());
            } else if (lineStartsWith(TRANSFER_ENCODING)) {
                throw new IOException("a response without Content-Length: " + line());
            }
            if (headers != null) {
                String line = line();
                int colon = line.indexOf(':');
                headers.put(
                        line.substring(0, colon).toLowerCase(Locale.ROOT),
                        line.substring(colon + 1).strip());
            }
        }
        return status;
    }

    private void skip(int count) throws IOException {
        int left = count;
        while (left > 0) {
            if (position == limit) {
                fill();
            }
            int part = Math.min(left, limit - position);
            position += part;
            left -= part;
        }
    }

    /** Sets lineStart and lineEnd to the next line in the buffer, without its CRLF. */
    private void readLine() throws IOException {
        int scanned = position;
        while (true) {
            for (; scanned < limit; scanned++) {
                if (buffer[scanned] == '\n') {
                    lineStart = position;
                    lineEnd = scanned > position && buffer[scanned - 1] == '\r' ? scanned - 1 : scanned;
                    position = scanned + 1;
                    return;
                }
            }
            scanned -= position;
            System.arraycopy(buffer, position, buffer, 0, scanned);
            position = 0;
            limit = scanned;
            if (limit == buffer.length) {
                throw new IOException("a line of the response is longer than " + buffer.length + " bytes");
            }
            fillBehind();
        }
    }

    private void fill() throws IOException {
        position = 0;
        limit = 0;
        fillBehind();
    }

    private void fillBehind() throws IOException {
        int read = in.read(buffer, limit, buffer.length - limit);
        if (read <= 0) {
            throw new IOException("the connection was closed");
        }
        limit += read;
    }

    private boolean lineStartsWith(byte[] prefix) {
        if (lineEnd - lineStart < prefix.length) {
            return false;
        }
        for (int at = 0; at < prefix.length; at++) {
            int octet = buffer[lineStart + at];
            // Names of headers have no characters that this makes equal to others.
            if (octet != prefix[at] && (octet | 0x20) != prefix[at]) {
                return false;
            }
        }
        return true;
    }

    private String line() {
        return new String(buffer, lineStart, lineEnd - lineStart, StandardCharsets.ISO_8859_1);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
