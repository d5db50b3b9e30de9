package dev.shortwave.tools.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RawHttpClientTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final String FOUND = "HTTP/1.1 302 Found\r\nlocation: https://fernhill.example/\r\n\r\n";
    private static final String PAGE = "HTTP/1.1 404 Not Found\r\nX-Cache: MISS\r\nCONTENT-LENGTH: 7\r\n\r\n{\"a\":1}";

    /** A server for one connection, which sends these bytes in pieces of a size whatever it is asked. */
    private record Server(ServerSocket socket, CompletableFuture<Void> end) implements AutoCloseable {

        static Server sending(String text, int pieceSize) throws IOException {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
            CompletableFuture<Void> end = CompletableFuture.runAsync(() -> {
                try (Socket client = socket.accept()) {
                    client.setTcpNoDelay(true);
                    OutputStream out = client.getOutputStream();
                    for (int at = 0; at < bytes.length; at += pieceSize) {
                        out.write(bytes, at, Math.min(pieceSize, bytes.length - at));
                        out.flush();
                    }
                    client.shutdownOutput();
                    client.getInputStream().readAllBytes();
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            return new Server(socket, end);
        }

        RawHttpClient client() throws IOException {
            return new RawHttpClient(socket.getLocalPort(), TIMEOUT);
        }

        @Override
        public void close() throws IOException {
            end.join();
            socket.close();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 1_000})
    void readsEachOfSeveralResponsesToItsEnd(int pieceSize) throws IOException {
        try (Server server = Server.sending(FOUND + PAGE + FOUND, pieceSize);
                RawHttpClient client = server.client()) {
            byte[] request = client.request("GET", "/abc", "User-Agent: test");
            client.send(request, request, request);
            assertThat(client.readStatus()).isEqualTo(302);
            assertThat(client.readStatus()).isEqualTo(404);
            assertThat(client.readStatus()).isEqualTo(302);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 1_000})
    void readsHeadersAndBody(int pieceSize) throws IOException {
        try (Server server = Server.sending(PAGE + FOUND, pieceSize);
                RawHttpClient client = server.client()) {
            RawHttpClient.Response page = client.post("/urls", "{}");
            assertThat(page.status()).isEqualTo(404);
            assertThat(page.headers()).containsEntry("x-cache", "MISS").containsEntry("content-length", "7");
            assertThat(page.body()).isEqualTo("{\"a\":1}");
            assertThat(client.get("/abc").headers()).containsEntry("location", "https://fernhill.example/");
        }
    }

    @Test
    void readsBodiesThatAreLongerThanItsBuffer() throws IOException {
        String body = "ü".repeat(100_000);
        try (Server server =
                        Server.sending("HTTP/1.1 200 OK\r\ncontent-length: 200000\r\n\r\n" + body + FOUND, 1_000_000);
                RawHttpClient client = server.client()) {
            assertThat(client.get("/").body()).isEqualTo(body);
            assertThat(client.get("/").status()).isEqualTo(302);
        }
    }

    @Test
    void skipsBodiesThatAreLongerThanItsBuffer() throws IOException {
        String page = "HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n" + "x".repeat(100_000);
        try (Server server = Server.sending(page + FOUND, 1_000_000);
                RawHttpClient client = server.client()) {
            assertThat(client.readStatus()).isEqualTo(200);
            assertThat(client.readStatus()).isEqualTo(302);
        }
    }

    @Test
    void expectsNoBodyAfterHead() throws IOException {
        try (Server server = Server.sending("HTTP/1.1 404 Not Found\r\ncontent-length: 7\r\n\r\n" + FOUND, 1_000);
                RawHttpClient client = server.client()) {
            assertThat(client.head("/abc")).isEqualTo(404);
            assertThat(client.head("/abc")).isEqualTo(302);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "HTTP/1.1 302 Found\r\n",
                "HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n{\"a\"",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "not HTTP\r\n\r\n"
            })
    void failsWithoutACompleteResponse(String text) throws IOException {
        try (Server server = Server.sending(text, 1_000);
                RawHttpClient client = server.client()) {
            assertThatThrownBy(() -> client.get("/")).isInstanceOf(IOException.class);
        }
    }
}
