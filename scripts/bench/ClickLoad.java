import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Follows warm links as fast as they are answered, and counts to the last request what was answered and what was not. */
public final class ClickLoad {

    private static final String USAGE =
            """
            Usage: java scripts/bench/ClickLoad.java PORT CODES CONNECTIONS DEPTH SECONDS

            Sends GET /{code} to 127.0.0.1:PORT, for the codes in the file CODES (one a line; those that do not redirect
            are left out, which HEAD tells without a click). Each of CONNECTIONS keep-alive connections sends DEPTH
            requests at once, and the next as soon as it has all their answers (a closed loop).

            Says "loading" on standard error when every link is warm and all connections begin. Ends after SECONDS, when
            all is answered, or when the service breaks every connection off, as a killed one does.

            Prints one line: ANSWERED UNANSWERED SECONDS. Answered are requests whose whole 302 was read; unanswered
            those that were sent, of connections that were broken off.
            Exit code: 1 if anything but a 302 came.
            """;

    private final int port;
    private final int depth;
    private final List<byte[]> requests = new ArrayList<>();
    private final AtomicLong answered = new AtomicLong();
    private final AtomicLong unanswered = new AtomicLong();
    private final AtomicInteger wrong = new AtomicInteger();

    private ClickLoad(int port, int depth) {
        this.port = port;
        this.depth = depth;
    }

    public static void main(String[] arguments) throws Exception {
        if (arguments.length != 5) {
            System.err.print(USAGE);
            System.exit(2);
        }
        ClickLoad load = new ClickLoad(Integer.parseInt(arguments[0]), Integer.parseInt(arguments[3]));
        load.warm(Files.readAllLines(Path.of(arguments[1])));
        System.exit(load.run(Integer.parseInt(arguments[2]), Integer.parseInt(arguments[4])) ? 0 : 1);
    }

    private void warm(List<String> codes) throws IOException {
        try (Connection connection = new Connection(port)) {
            for (String code : codes) {
                if (connection.ask(request("HEAD", code)) == 302) {
                    requests.add(request("GET", code));
                }
            }
        }
        if (requests.isEmpty()) {
            throw new IOException("none of " + codes.size() + " codes redirects");
        }
    }

    private static byte[] request(String method, String code) {
        String text = method + " /" + code + " HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: click-load\r\n\r\n";
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private boolean run(int connections, int seconds) throws InterruptedException {
        System.err.println("loading");
        long start = System.nanoTime();
        long end = start + seconds * 1_000_000_000L;
        List<Thread> threads = new ArrayList<>();
        for (int number = 0; number < connections; number++) {
            Random random = new Random(number);
            Thread thread = new Thread(() -> follow(random, end));
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        System.out.printf(
                Locale.ROOT,
                "%d %d %.3f%n",
                answered.get(),
                unanswered.get(),
                (System.nanoTime() - start) / 1e9);
        return wrong.get() == 0;
    }

    private void follow(Random random, long end) {
        byte[][] batch = new byte[depth][];
        int read = 0;
        int sent = 0;
        try (Connection connection = new Connection(port)) {
            while (System.nanoTime() < end) {
                for (int at = 0; at < depth; at++) {
                    batch[at] = requests.get(random.nextInt(requests.size()));
                }
                read = 0;
                sent = depth;
                connection.send(batch);
                while (read < sent) {
                    int status = connection.readStatus();
                    if (status != 302 && wrong.incrementAndGet() == 1) {
                        System.err.println("answered with " + status);
                    }
                    read++;
                }
                answered.addAndGet(sent);
            }
        } catch (IOException e) {
            // Broken off in the middle of a batch, or, with all of it read and counted, before the next.
            answered.addAndGet(read < sent ? read : 0);
            unanswered.addAndGet(sent - read);
        }
    }

    /** One keep-alive connection, as plain as can be: the client shall cost little beside the service. */
    private static final class Connection implements AutoCloseable {

        private final Socket socket;
        private final InputStream in;
        private final OutputStream out;
        private final byte[] bytes = new byte[32 * 1024];
        private int from;
        private int to;

        Connection(int port) throws IOException {
            socket = new Socket(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port);
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(60_000);
            in = socket.getInputStream();
            out = socket.getOutputStream();
        }

        /** The status of the answer to a request. */
        int ask(byte[] request) throws IOException {
            out.write(request);
            return readStatus();
        }

        void send(byte[][] batch) throws IOException {
            int length = 0;
            for (byte[] request : batch) {
                length += request.length;
            }
            byte[] all = new byte[length];
            int at = 0;
            for (byte[] request : batch) {
                System.arraycopy(request, 0, all, at, request.length);
                at += request.length;
            }
            out.write(all);
        }

        /** Reads one answer without a body, to its last byte. */
        int readStatus() throws IOException {
            int status = 0;
            for (int place = 0; place < 12; place++) {
                int octet = read();
                if (place >= 9) {
                    status = 10 * status + octet - '0';
                }
            }
            for (int matched = 0; matched < 4; ) {
                int octet = read();
                boolean expected = octet == (matched % 2 == 0 ? '\r' : '\n');
                matched = expected ? matched + 1 : octet == '\r' ? 1 : 0;
            }
            return status;
        }

        private int read() throws IOException {
            if (from == to) {
                from = 0;
                to = in.read(bytes);
                if (to <= 0) {
                    to = 0;
                    throw new IOException("the connection was closed");
                }
            }
            return bytes[from++];
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
