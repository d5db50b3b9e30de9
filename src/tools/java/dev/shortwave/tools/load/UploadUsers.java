package dev.shortwave.tools.load;

import dev.shortwave.tools.CommandLine;
import dev.shortwave.tools.http.Metrics;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** Uploads a file of users, and samples the heap of the service during the upload. */
public final class UploadUsers {

    private static final String USAGE = """
            Usage: UploadUsers PORT MANAGEMENT_PORT FILE

            Sends FILE to POST /users/bulk at 127.0.0.1:PORT as a stream, and reads the used heap from /metrics at
            MANAGEMENT_PORT every 50 ms until the answer. Then reads all of GET /users and counts.

            Prints one line: ROWS SECONDS PEAK BEFORE SAMPLES USERS; rows as the answer counts them, used heap in MiB
            (garbage included), users that the service then has.
            Exit code: 1 if the answer is not a 201 with as many rows as FILE has.
            """;

    private static final long PAUSE_MILLISECONDS = 50;
    private static final int PAGE = 500;

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .proxy(HttpClient.Builder.NO_PROXY)
            .build();
    private final String service;
    private final URI metrics;

    private volatile boolean done;
    private volatile double peak;
    private final AtomicInteger samples = new AtomicInteger();

    private UploadUsers(int port, int managementPort) {
        service = "http://127.0.0.1:" + port;
        metrics = URI.create("http://127.0.0.1:" + managementPort + "/metrics");
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        CommandLine.require(arguments.length == 3, USAGE);
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
        long count = answer.statusCode() == 201 ? new JsonObject(answer.body()).getLong("count", -1L) : -1;
        boolean good = count == rows;
        if (!good) {
            System.err.println(
                    "POST /users/bulk of " + rows + " rows answered " + answer.statusCode() + ": " + answer.body());
        }
        System.out.printf(
                Locale.ROOT,
                "%s %.3f %.0f %.0f %d %d%n",
                good ? Long.toString(count) : "-",
                seconds,
                peak,
                before,
                samples.get(),
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
                        return new SequenceInputStream(
                                Collections.enumeration(List.of(bytes(head), Files.newInputStream(file), bytes(tail))));
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
                samples.incrementAndGet();
                Thread.sleep(PAUSE_MILLISECONDS);
            }
        } catch (IOException | InterruptedException e) {
            System.err.println("could not read " + metrics + ": " + e);
        }
    }

    /** Used heap of the service, in MiB. */
    private double heap() throws IOException, InterruptedException {
        double bytes = Metrics.parse(get(metrics).body()).sum("jvm_memory_used_bytes", "area=\"heap\"");
        if (!(bytes > 0)) {
            throw new IOException("no used heap among the metrics");
        }
        return bytes / 1024 / 1024;
    }

    private long users() throws IOException, InterruptedException {
        long users = 0;
        String path = "/users?after=0&limit=" + PAGE;
        while (path != null) {
            HttpResponse<String> answer = get(URI.create(service + path));
            users += new JsonArray(answer.body()).size();
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
