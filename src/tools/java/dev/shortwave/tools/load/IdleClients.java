package dev.shortwave.tools.load;

import dev.shortwave.tools.CommandLine;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/** Clients that keep their connection and send a request every 45 s only, as browsers do. One thread serves all. */
public final class IdleClients {

    private static final String USAGE = """
            Usage: IdleClients URL CLIENTS STOP

            Opens so many connections to http://HOST:PORT, 200 in a second, and asks for / on each: once when it is
            open, and then every 45 s, shortly before HAProxy would close it. Prints "open" when each has had its first
            answer, and ends when the file STOP exists. A connection that ends, and an answer other than
            200, is a failure; standard error has the first few.

            Prints a last line: CLIENTS OPEN ANSWERS FAILURES, with those that are still open in second place.
            Exit code: 1 if anything failed.
            """;

    private static final long OPENING_NANOSECONDS = 1_000_000_000L / 200;
    private static final long TURN_MILLISECONDS = 10;
    private static final long PAUSE_NANOSECONDS = 45_000_000_000L;

    private final InetSocketAddress address;
    private final byte[] request;
    private final Path stop;
    private final List<Client> clients = new ArrayList<>();
    /** Whose turn it is to ask: they pause equally long, so who has asked first is first again. */
    private final Queue<Client> askers = new ArrayDeque<>();

    private final ByteBuffer answer = ByteBuffer.allocate(64 * 1024);
    private final Selector selector = Selector.open();
    private long answers;
    private final Errors errors = new Errors();
    private int met;

    private static final class Client {
        final SocketChannel channel;
        long nextAt;
        boolean awaitsAnswer;
        boolean isMet;

        Client(SocketChannel channel) {
            this.channel = channel;
        }
    }

    private IdleClients(URI url, Path stop) throws IOException {
        this.address = new InetSocketAddress(url.getHost(), url.getPort() < 0 ? 80 : url.getPort());
        this.request =
                ("GET / HTTP/1.1\r\nHost: " + url.getAuthority() + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
        this.stop = stop;
    }

    public static void main(String[] arguments) throws IOException {
        CommandLine.require(arguments.length == 3, USAGE);
        IdleClients idle = new IdleClients(URI.create(arguments[0]), Path.of(arguments[2]));
        idle.run(Integer.parseInt(arguments[1]));
        System.exit(idle.errors.count() == 0 ? 0 : 1);
    }

    private void run(int wanted) throws IOException {
        boolean isPrinted = false;
        long nextOpening = System.nanoTime();
        while (!Files.exists(stop)) {
            for (; clients.size() < wanted && nextOpening <= System.nanoTime(); nextOpening += OPENING_NANOSECONDS) {
                open();
            }
            selector.select(this::ready, TURN_MILLISECONDS);
            askAgain();
            if (!isPrinted && met == wanted) {
                System.out.println("open");
                isPrinted = true;
            }
        }
        long open = clients.stream().filter(client -> client.channel.isOpen()).count();
        System.out.println(wanted + " " + open + " " + answers + " " + errors.count());
    }

    private void open() throws IOException {
        Client client = new Client(SocketChannel.open());
        client.channel.configureBlocking(false);
        client.channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        client.channel.register(selector, SelectionKey.OP_CONNECT, client);
        clients.add(client);
        client.channel.connect(address);
    }

    private void ready(SelectionKey key) {
        Client client = (Client) key.attachment();
        try {
            if (key.isConnectable() && client.channel.finishConnect()) {
                key.interestOps(SelectionKey.OP_READ);
                ask(client);
            } else if (key.isReadable()) {
                read(client);
            }
        } catch (IOException e) {
            fail(client, e.toString());
        }
    }

    private void askAgain() {
        long now = System.nanoTime();
        while (!askers.isEmpty() && askers.element().nextAt <= now) {
            Client client = askers.remove();
            if (!client.channel.isOpen()) {
                continue;
            }
            if (client.awaitsAnswer) {
                fail(client, "no answer for 45 s");
                continue;
            }
            try {
                ask(client);
            } catch (IOException e) {
                fail(client, e.toString());
            }
        }
    }

    /** So few bytes find room in an empty send buffer. */
    private void ask(Client client) throws IOException {
        client.channel.write(ByteBuffer.wrap(request));
        client.nextAt = System.nanoTime() + PAUSE_NANOSECONDS;
        client.awaitsAnswer = true;
        askers.add(client);
    }

    /** The status is enough; what comes after it of the same answer is read and forgotten. */
    private void read(Client client) throws IOException {
        answer.clear();
        if (client.channel.read(answer) < 0) {
            fail(client, "the connection was closed");
            return;
        }
        if (!client.awaitsAnswer) {
            return;
        }
        client.awaitsAnswer = false;
        String text = new String(answer.array(), 0, answer.position(), StandardCharsets.US_ASCII);
        if (!text.startsWith("HTTP/1.1 200 ")) {
            fail(client, "answered " + text.lines().findFirst().orElse("nothing"));
            return;
        }
        answers++;
        if (!client.isMet) {
            client.isMet = true;
            met++;
        }
    }

    private void fail(Client client, String what) {
        errors.add(what);
        try {
            client.channel.close();
        } catch (IOException e) {
            System.err.println("a connection cannot be closed: " + e);
        }
    }
}
