import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Uploads a file of users, and watches the heap of the service meanwhile. */
public final class UploadUsers {

    private static final String USAGE =
            """
            Usage: java scripts/bench/UploadUsers.java PORT MANAGEMENT_PORT FILE

            Sends FILE to POST /users/bulk at 127.0.0.1:PORT as a stream, and reads the used heap from /metrics at
            MANAGEMENT_PORT every 50 ms meanwhile. Then reads all of GET /users and counts.

            Prints one line: ROWS SECONDS PEAK BEFORE SAMPLES USERS; rows as the answer counts them, used heap in MiB
            (garbage included), users that the service then has.
            Exit code: 1 if the answer is not a 201 with as many rows as FILE has.
            """;

    private static final long PAUSE_MILLISECONDS = 50;
    private static final int PAGE = 500;
    private static final Pattern HEAP =
            Pattern.compile("^jvm_memory_used_bytes\\{[^}]*area=\"heap\"[^}]*} (\\S+)", Pattern.MULTILINE);
    private static final Pattern COUNT = Pattern.compile("\"count\" *: *([0-9]+)");
    private static final Pattern ID = Pattern.compile("\"id\" *:");

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .proxy(ProxySelector.of(null))
            .build();
    private final String service;
    private final URI metrics;

    private volatile boolean done;
    private volatile double peak;
    private volatile int samples;

    private UploadUsers(int port, int managementPort) {
        service = "http://127.0.0.1:" + port;
        metrics = URI.create("http://127.0.0.1:" + managementPort + "/metrics");
    }

    public static void main(String[] arguments) throws Exception {
        if (arguments.length != 3) {
            System.err.print(USAGE);
            System.exit(2);
        }
        UploadUsers upload = new UploadUsers(Integer.parseInt(arguments[0]), Integer.parseInt(arguments[1]));
        System.exit(upload.run(Path.of(arguments[2])) ? 0 : 1);
    }

    private boolean run(Path file) throws IOException, InterruptedException {
        long rows;
        try (Stream<String> lines = Files.lines(file)) {
            rows = lines.count() - 1;
        }
        double before = heap();
        Thread sampler = new Thread(this::watch);
        sampler.setDaemon(true);
        sampler.start();
        long start = System.nanoTime();
        HttpResponse<String> answer = send(file);
        double seconds = (System.nanoTime() - start) / 1e9;
        done = true;
        sampler.join();
        Matcher count = COUNT.matcher(answer.body());
        boolean good = answer.statusCode() == 201 && count.find() && Long.parseLong(count.group(1)) == rows;
        if (!good) {
            System.err.println(
                    "POST /users/bulk of " + rows + " rows answered " + answer.statusCode() + ": " + answer.body());
        }
        System.out.printf(
                Locale.ROOT,
                "%s %.3f %.0f %.0f %d %d%n",
                good ? count.group(1) : "-",
                seconds,
                peak,
                before,
                samples,
                users());
        return good;
    }

    private HttpResponse<String> send(Path file) throws IOException, InterruptedException {
        String boundary = "bench-" + System.nanoTime();
        String head = "--" + boundary + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"users.csv\"\r\n"
                + "Content-Type: text/csv\r\n\r\n";
        String tail = "\r\n--" + boundary + "--\r\n";
        HttpRequest request = HttpRequest.newBuilder(URI.create(service + "/users/bulk"))
                .header("Content-Type", "multipart/form-data; boundary=" + boundary)
                .timeout(Duration.ofMinutes(5))
                .POST(HttpRequest.BodyPublishers.ofInputStream(() -> {
                    try {
                        return new SequenceInputStream(Collections.enumeration(
                                List.of(bytes(head), Files.newInputStream(file), bytes(tail))));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }))
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private static InputStream bytes(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    private void watch() {
        try {
            while (!done) {
                peak = Math.max(peak, heap());
                samples = samples + 1;
                Thread.sleep(PAUSE_MILLISECONDS);
            }
        } catch (IOException | InterruptedException e) {
            System.err.println("could not read " + metrics + ": " + e);
        }
    }

    /** Used heap of the service, in MiB. */
    private double heap() throws IOException, InterruptedException {
        Matcher pools = HEAP.matcher(get(metrics).body());
        double bytes = 0;
        while (pools.find()) {
            bytes += Double.parseDouble(pools.group(1));
        }
        if (bytes == 0) {
            throw new IOException("no used heap among the metrics");
        }
        return bytes / 1024 / 1024;
    }

    private long users() throws IOException, InterruptedException {
        long users = 0;
        String path = "/users?after=0&limit=" + PAGE;
        while (path != null) {
            HttpResponse<String> answer = get(URI.create(service + path));
            users += ID.matcher(answer.body()).results().count();
            path = answer.headers()
                    .firstValue("link")
                    .map(link -> link.substring(1, link.indexOf('>')))
                    .orElse(null);
        }
        return users;
    }

    private HttpResponse<String> get(URI uri) throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(30)).build();
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IOException(uri + " answered " + answer.statusCode());
        }
        return answer;
    }
}
