package dev.shortwave.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** A thread that answers whatever arrives with one redirect, and looks at nothing: what is left is the asking side. */
final class ConstantAnswer {

    private static final byte[] ANSWER =
            "HTTP/1.1 302 Found\r\nlocation: https://fernhill.example/\r\ncontent-length: 0\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII);

    private final Selector selector = Selector.open();
    private final ServerSocketChannel server = ServerSocketChannel.open();
    private final ByteBuffer in = ByteBuffer.allocate(8 * 1024);

    private ConstantAnswer() throws IOException {
        server.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0), 1024);
        server.configureBlocking(false);
        server.register(selector, SelectionKey.OP_ACCEPT);
    }

    /** Answers from now on until the program ends; gives the port. */
    static int serve() throws IOException {
        ConstantAnswer answering = new ConstantAnswer();
        Thread thread = new Thread(answering::run, "constant-answer");
        thread.setDaemon(true);
        thread.start();
        return answering.server.socket().getLocalPort();
    }

    private void run() {
        try {
            while (true) {
                selector.select(this::handle);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void handle(SelectionKey key) {
        try {
            if (key.isAcceptable()) {
                SocketChannel accepted = server.accept();
                accepted.configureBlocking(false);
                accepted.register(selector, SelectionKey.OP_READ);
                return;
            }
            SocketChannel connection = (SocketChannel) key.channel();
            if (connection.read(in.clear()) < 0) {
                connection.close();
            } else {
                connection.write(ByteBuffer.wrap(ANSWER));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
