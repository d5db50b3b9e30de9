package dev.shortwave.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;

/**
 * Asks for redirects at a fixed rate, whether the answers keep up or not, and times each from the moment at which it was
 * due: a server that stalls pays for all requests that would have come meanwhile. One thread; it sleeps between the
 * requests rather than turning round, because the server needs the processor more.
 */
public final class OpenLoop {

    private static final String USAGE = """
            Usage: OpenLoop PORT FILE RATE WARM_UP SECONDS CONNECTIONS

            Asks 127.0.0.1:PORT (0: an answering thread of this program's own, to learn what the program itself takes) for
            the codes in FILE, one a line, again and again from the beginning, RATE times a second, WARM_UP seconds
            without and then SECONDS with measuring. Every answer must be a 302 without a body. Waits for the last
            answer, and prints one line:

              ASKED MEASURED MISSES P50 P99 P999 MAX LATE_P50 LATE_P99 LATE_P999 CPU

              ASKED     answered requests, with those of the warm-up
              MEASURED  those of them that were measured
              MISSES    those of the measured with "x-cache: MISS"
              P50…MAX   milliseconds from the moment when a request was due to its answer
              LATE_…    milliseconds of them until the request was written, for this program's or the connections' sake
              CPU       microseconds of processor time that this program took for each request

            Exit code: 1 if an answer was anything else, or came later than 30 seconds after the last request was due.
            """;

    private static final long PAUSE_NANOSECONDS = 50_000;
    private static final long PATIENCE_NANOSECONDS = 30_000_000_000L;
    private static final byte[] FOUND = ascii("HTTP/1.1 302");
    private static final byte[] MISS = ascii("x-cache: MISS");
    private static final byte[] END = ascii("\r\n\r\n");

    private final Selector selector = Selector.open();
    private final Deque<Connection> idle = new ArrayDeque<>();
    private final byte[][] requests;
    private final double nanosecondsBetween;
    private final int unmeasured;
    private final long[] latencies;
    private final long[] latenesses;
    private int sent;
    private int answered;
    private int misses;

    private OpenLoop(int port, List<String> codes, int rate, int warmUp, int seconds, int connections)
            throws IOException {
        nanosecondsBetween = 1e9 / rate;
        unmeasured = rate * warmUp;
        latencies = new long[rate * seconds];
        latenesses = new long[rate * seconds];
        requests = codes.stream()
                .map(code -> ascii("GET /" + code + " HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\n\r\n"))
                .toArray(byte[][]::new);
        InetSocketAddress address = new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port);
        for (int number = 0; number < connections; number++) {
            idle.add(new Connection(address));
        }
    }

    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 6) {
            System.err.print(USAGE);
            System.exit(2);
        }
        int port = Integer.parseInt(arguments[0]);
        if (port == 0) {
            port = ConstantAnswer.serve();
        }
        OpenLoop loop = new OpenLoop(
                port,
                Files.readAllLines(Path.of(arguments[1])),
                Integer.parseInt(arguments[2]),
                Integer.parseInt(arguments[3]),
                Integer.parseInt(arguments[4]),
                Integer.parseInt(arguments[5]));
        try {
            loop.run();
        } catch (IOException e) {
            System.err.println(e.getMessage());
            System.exit(1);
        }
    }

    private void run() throws IOException {
        int total = unmeasured + latencies.length;
        long cpuBefore = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        long start = System.nanoTime();
        while (answered < total) {
            long now = System.nanoTime();
            while (sent < total && !idle.isEmpty() && start + due(sent) <= now) {
                idle.remove().send(sent, start + due(sent), now);
                sent++;
            }
            int before = answered;
            selector.selectNow(key -> ((Connection) key.attachment()).readable = true);
            readAll();
            if (answered == before) {
                LockSupport.parkNanos(PAUSE_NANOSECONDS);
            }
            if (now - start > due(total) + PATIENCE_NANOSECONDS) {
                throw new IOException((sent - answered) + " requests have no answer, and " + (total - sent)
                        + " could not be sent: the server does not keep up with the rate");
            }
        }
        long cpu = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - cpuBefore;
        Arrays.sort(latencies);
        Arrays.sort(latenesses);
        System.out.printf(
                Locale.ROOT,
                "%d %d %d %.3f %.3f %.3f %.3f %.3f %.3f %.3f %.1f%n",
                answered,
                latencies.length,
                misses,
                percentile(latencies, 50),
                percentile(latencies, 99),
                percentile(latencies, 99.9),
                percentile(latencies, 100),
                percentile(latenesses, 50),
                percentile(latenesses, 99),
                percentile(latenesses, 99.9),
                cpu / 1e3 / total);
    }

    private long due(int number) {
        return (long) (number * nanosecondsBetween);
    }

    private void readAll() throws IOException {
        for (SelectionKey key : selector.keys()) {
            Connection connection = (Connection) key.attachment();
            if (connection.readable) {
                connection.readable = false;
                connection.read();
            }
        }
    }

    private static double percentile(long[] sorted, double percent) {
        int rank = (int) Math.ceil(sorted.length * percent / 100);
        return sorted[Math.max(0, rank - 1)] / 1e6;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** One keep-alive connection with at most one request under way. */
    private final class Connection {

        private final SocketChannel channel;
        private final ByteBuffer in = ByteBuffer.allocate(8 * 1024);
        private int number;
        private long due;
        private boolean readable;

        Connection(InetSocketAddress address) throws IOException {
            channel = SocketChannel.open(address);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ, this);
        }

        void send(int number, long due, long now) throws IOException {
            this.number = number;
            this.due = due;
            ByteBuffer request = ByteBuffer.wrap(requests[number % requests.length]);
            // A socket whose last answer has come has room for a request.
            while (request.hasRemaining()) {
                channel.write(request);
            }
            if (number >= unmeasured) {
                latenesses[number - unmeasured] = now - due;
            }
        }

        void read() throws IOException {
            if (channel.read(in) < 0) {
                throw new IOException("the server closed a connection");
            }
            if (!contains(END, in.position() - END.length)) {
                if (!in.hasRemaining()) {
                    throw new IOException("an answer is longer than a redirect's: " + text());
                }
                return;
            }
            long now = System.nanoTime();
            if (!contains(FOUND, 0)) {
                throw new IOException("not a redirect: " + text());
            }
            if (number >= unmeasured) {
                latencies[number - unmeasured] = now - due;
                misses += isMiss() ? 1 : 0;
            }
            answered++;
            in.clear();
            idle.add(this);
        }

        private boolean isMiss() {
            for (int at = FOUND.length; at + MISS.length <= in.position(); at++) {
                if (contains(MISS, at)) {
                    return true;
                }
            }
            return false;
        }

        private boolean contains(byte[] text, int at) {
            return at >= 0 && Arrays.equals(in.array(), at, at + text.length, text, 0, text.length);
        }

        private String text() {
            return new String(in.array(), 0, in.position(), StandardCharsets.ISO_8859_1);
        }
    }
}
