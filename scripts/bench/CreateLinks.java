import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Creates links over HTTP from a fixed number of connections, times each request, and looks whether all are there. */
public final class CreateLinks {

    private static final String USAGE =
            """
            Usage: java scripts/bench/CreateLinks.java PORT LINKS CONNECTIONS

            Sends LINKS requests POST /urls to 127.0.0.1:PORT over CONNECTIONS keep-alive connections, each of which
            sends its next request as soon as it has the answer to the last (a closed loop: when the service slows
            down, so does this program, and the times are those of requests that were sent). The links belong to
            users 1 to 400 and have destinations of their own.

            Then reads all of GET /urls and compares: as many links more than before as were asked for, each with the
            id, code and destination of its answer. And asks for every 50th code: it must redirect there.

            Prints one line: ERRORS FOUND SECONDS P50 P99 MAX, times of requests in milliseconds.
            Exit code: 1 if anything failed or is missing; standard error tells the first few.
            """;

    private static final int USERS = 400;
    private static final int PAGE = 500;
    private static final int CHECK_EVERY = 50;
    private static final int MOST_TOLD = 5;

    private static final Pattern ID = Pattern.compile("\"id\" *: *([0-9]+)");
    private static final Pattern CODE = Pattern.compile("\"short_code\" *: *\"([^\"]+)\"");
    private static final Pattern DESTINATION = Pattern.compile("\"original_url\" *: *\"([^\"]+)\"");

    private final int port;
    private final int links;
    private final int connections;
    private final long run = System.currentTimeMillis();
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger errors = new AtomicInteger();
    private final Map<Long, Link> made = new ConcurrentHashMap<>();
    private final long[] nanoseconds;

    private record Link(long id, String code, String destination) {}

    private record Answer(int status, Map<String, String> headers, String body) {}

    private CreateLinks(int port, int links, int connections) {
        this.port = port;
        this.links = links;
        this.connections = connections;
        nanoseconds = new long[links];
    }

    public static void main(String[] arguments) throws Exception {
        if (arguments.length != 3) {
            System.err.print(USAGE);
            System.exit(2);
        }
        CreateLinks create = new CreateLinks(
                Integer.parseInt(arguments[0]), Integer.parseInt(arguments[1]), Integer.parseInt(arguments[2]));
        System.exit(create.run() ? 0 : 1);
    }

    private boolean run() throws IOException, InterruptedException {
        Set<Long> before = readAll().keySet();
        double seconds = createAll();
        Map<Long, Link> after = readAll();
        after.keySet().removeAll(before);
        check(after);
        Arrays.sort(nanoseconds);
        System.out.printf(
                Locale.ROOT,
                "%d %d %.3f %.2f %.2f %.2f%n",
                errors.get(),
                after.size(),
                seconds,
                percentile(50),
                percentile(99),
                percentile(100));
        return errors.get() == 0;
    }

    /** The exact one: the smallest time that so many in a hundred requests did not exceed. */
    private double percentile(int percent) {
        int rank = (int) Math.ceil(links * percent / 100.0);
        return nanoseconds[Math.max(0, rank - 1)] / 1e6;
    }

    private double createAll() throws InterruptedException, IOException {
        CountDownLatch connected = new CountDownLatch(connections);
        CountDownLatch go = new CountDownLatch(1);
        List<Thread> threads = new ArrayList<>();
        for (int number = 0; number < connections; number++) {
            Thread thread = new Thread(() -> {
                try (Connection connection = new Connection(port)) {
                    // Also loads this program's classes before the clock starts.
                    connection.ask("GET", "/health/live", null);
                    connected.countDown();
                    go.await();
                    createOneByOne(connection);
                } catch (IOException | InterruptedException e) {
                    connected.countDown();
                    error("a connection failed: " + e);
                }
            });
            thread.setDaemon(true);
            thread.start();
            threads.add(thread);
        }
        connected.await();
        long start = System.nanoTime();
        go.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        return (System.nanoTime() - start) / 1e9;
    }

    private void createOneByOne(Connection connection) throws IOException {
        for (int number = next.getAndIncrement(); number < links; number = next.getAndIncrement()) {
            String destination = "https://fernhill.example/bench/" + run + "/" + number;
            String body = "{\"user_id\":" + (1 + number % USERS) + ",\"original_url\":\"" + destination
                    + "\",\"title\":\"Bench link " + number + "\"}";
            long start = System.nanoTime();
            Answer answer = connection.ask("POST", "/urls", body);
            nanoseconds[number] = System.nanoTime() - start;
            if (answer.status() != 201) {
                error("POST /urls answered " + answer.status() + ": " + answer.body());
                continue;
            }
            Link link = link(answer.body());
            if (!link.destination().equals(destination)) {
                error("POST /urls answered for " + link.destination() + ", not " + destination);
            }
            if (made.put(link.id(), link) != null) {
                error("the id " + link.id() + " was given twice");
            }
        }
    }

    /** All links that the service has, page by page. */
    private Map<Long, Link> readAll() throws IOException {
        Map<Long, Link> all = new HashMap<>();
        try (Connection connection = new Connection(port)) {
            String path = "/urls?after=0&limit=" + PAGE;
            while (path != null) {
                Answer answer = connection.ask("GET", path, null);
                if (answer.status() != 200) {
                    throw new IOException("GET " + path + " answered " + answer.status());
                }
                // Links are flat objects, and no text of theirs has a brace.
                for (String object : answer.body().split("}")) {
                    if (ID.matcher(object).find()) {
                        Link link = link(object);
                        all.put(link.id(), link);
                    }
                }
                String following = answer.headers().get("link");
                path = following == null ? null : following.substring(1, following.indexOf('>'));
            }
        }
        return all;
    }

    private void check(Map<Long, Link> found) throws IOException {
        if (found.size() != links) {
            error("there are " + found.size() + " new links, not " + links);
        }
        if (!found.equals(made)) {
            error("the links that are there are not those of the answers");
        }
        Set<String> codes = new HashSet<>();
        try (Connection connection = new Connection(port)) {
            for (Link link : found.values()) {
                codes.add(link.code());
                if (codes.size() % CHECK_EVERY != 0) {
                    continue;
                }
                Answer answer = connection.ask("GET", "/" + link.code(), null);
                if (answer.status() != 302 || !link.destination().equals(answer.headers().get("location"))) {
                    error("/" + link.code() + " answered " + answer.status());
                }
            }
        }
        if (codes.size() != found.size()) {
            error("there are " + codes.size() + " codes for " + found.size() + " links");
        }
    }

    private void error(String what) {
        if (errors.incrementAndGet() <= MOST_TOLD) {
            System.err.println(what);
        }
    }

    private static Link link(String json) throws IOException {
        return new Link(Long.parseLong(first(ID, json)), first(CODE, json), first(DESTINATION, json));
    }

    private static String first(Pattern pattern, String json) throws IOException {
        Matcher matcher = pattern.matcher(json);
        if (!matcher.find()) {
            throw new IOException("no " + pattern + " in " + json);
        }
        return matcher.group(1);
    }

    /** One keep-alive connection, as plain as can be: the client shall cost little beside the service. */
    private static final class Connection implements AutoCloseable {

        private final Socket socket;
        private final InputStream in;
        private final OutputStream out;
        private final String host;

        Connection(int port) throws IOException {
            socket = new Socket(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port);
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(60_000);
            in = new BufferedInputStream(socket.getInputStream(), 16 * 1024);
            out = socket.getOutputStream();
            host = "127.0.0.1:" + port;
        }

        Answer ask(String method, String path, String body) throws IOException {
            StringBuilder head =
                    new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: " + host + "\r\nAccept: */*\r\n");
            byte[] bytes = body == null ? new byte[0] : body.getBytes(StandardCharsets.UTF_8);
            if (body != null) {
                head.append("Content-Type: application/json\r\nContent-Length: ")
                        .append(bytes.length)
                        .append("\r\n");
            }
            ByteArrayOutputStream request = new ByteArrayOutputStream();
            request.writeBytes(head.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII));
            request.writeBytes(bytes);
            request.writeTo(out);
            out.flush();
            return read();
        }

        private Answer read() throws IOException {
            String status = line();
            Map<String, String> headers = new HashMap<>();
            for (String header = line(); !header.isEmpty(); header = line()) {
                int colon = header.indexOf(':');
                headers.put(
                        header.substring(0, colon).toLowerCase(Locale.ROOT),
                        header.substring(colon + 1).strip());
            }
            String length = headers.get("content-length");
            if (length == null || !status.startsWith("HTTP/1.1 ")) {
                throw new IOException("an answer that this program does not understand: " + status);
            }
            byte[] body = in.readNBytes(Integer.parseInt(length));
            return new Answer(
                    Integer.parseInt(status.substring(9, 12)), headers, new String(body, StandardCharsets.UTF_8));
        }

        private String line() throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            for (int octet = in.read(); octet != '\n'; octet = in.read()) {
                if (octet < 0) {
                    throw new IOException("the connection was closed");
                }
                if (octet != '\r') {
                    bytes.write(octet);
                }
            }
            return bytes.toString(StandardCharsets.ISO_8859_1);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
