package dev.shortwave.tools.load;

import dev.shortwave.tools.CommandLine;
import dev.shortwave.tools.http.RawHttpClient;
import dev.shortwave.tools.http.RawHttpClient.Response;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
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

/** Creates links over HTTP from a fixed number of connections, times each request, and checks that all links exist. */
public final class CreateLinks {

    private static final String USAGE = """
            Usage: CreateLinks PORT LINKS CONNECTIONS

            Sends LINKS requests POST /urls to 127.0.0.1:PORT over CONNECTIONS keep-alive connections, each of which
            sends its next request as soon as it has the answer to the last (a closed loop: when the service slows
            down, so does this program, and the times are those of requests that were sent). The links belong to
            users 1 to 400 and have destinations of their own.

            Then reads all of GET /urls and compares: as many links more than before as were asked for, each with the
            id, code and destination of its answer. And asks for every 50th code: it must redirect there.

            Prints one line: ERRORS FOUND SECONDS P50 P99 MAX, times of requests in milliseconds.
            Exit code: 1 if anything failed or is missing; standard error has the first few.
            """;

    private static final int USERS = 400;
    private static final int PAGE = 500;
    private static final int CHECK_EVERY = 50;
    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    private final int port;
    private final int links;
    private final int connections;
    private final long run = System.currentTimeMillis();
    private final AtomicInteger next = new AtomicInteger();
    private final Errors errors = new Errors();
    private final Map<Long, Link> made = new ConcurrentHashMap<>();
    private final long[] nanoseconds;

    private record Link(long id, String code, String destination) {

        static Link of(JsonObject json) {
            return new Link(json.getLong("id"), json.getString("short_code"), json.getString("original_url"));
        }
    }

    private CreateLinks(int port, int links, int connections) {
        this.port = port;
        this.links = links;
        this.connections = connections;
        nanoseconds = new long[links];
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        CommandLine.require(arguments.length == 3, USAGE);
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
                errors.count(),
                after.size(),
                seconds,
                percentile(50),
                percentile(99),
                percentile(100));
        return errors.count() == 0;
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
                try (RawHttpClient client = new RawHttpClient(port, TIMEOUT)) {
                    // Also loads this program's classes before the clock starts.
                    client.get("/health/live");
                    connected.countDown();
                    go.await();
                    createOneByOne(client);
                } catch (IOException | InterruptedException e) {
                    connected.countDown();
                    errors.add("a connection failed: " + e);
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

    private void createOneByOne(RawHttpClient client) throws IOException {
        for (int number = next.getAndIncrement(); number < links; number = next.getAndIncrement()) {
            String destination = "https://fernhill.example/bench/" + run + "/" + number;
            String body = new JsonObject()
                    .put("user_id", 1 + number % USERS)
                    .put("original_url", destination)
                    .put("title", "Bench link " + number)
                    .encode();
            long start = System.nanoTime();
            Response answer = client.post("/urls", body);
            nanoseconds[number] = System.nanoTime() - start;
            if (answer.status() != 201) {
                errors.add("POST /urls answered " + answer.status() + ": " + answer.body());
                continue;
            }
            Link link = Link.of(new JsonObject(answer.body()));
            if (!link.destination().equals(destination)) {
                errors.add("POST /urls answered for " + link.destination() + ", not " + destination);
            }
            if (made.put(link.id(), link) != null) {
                errors.add("the id " + link.id() + " was given twice");
            }
        }
    }

    /** All links that the service has, page by page. */
    private Map<Long, Link> readAll() throws IOException {
        Map<Long, Link> all = new HashMap<>();
        try (RawHttpClient client = new RawHttpClient(port, TIMEOUT)) {
            String path = "/urls?after=0&limit=" + PAGE;
            while (path != null) {
                Response answer = client.get(path);
                if (answer.status() != 200) {
                    throw new IOException("GET " + path + " answered " + answer.status());
                }
                for (Object item : new JsonArray(answer.body())) {
                    Link link = Link.of((JsonObject) item);
                    all.put(link.id(), link);
                }
                String following = answer.headers().get("link");
                path = following == null ? null : following.substring(1, following.indexOf('>'));
            }
        }
        return all;
    }

    private void check(Map<Long, Link> found) throws IOException {
        if (found.size() != links) {
            errors.add("there are " + found.size() + " new links, not " + links);
        }
        if (!found.equals(made)) {
            errors.add("the links that are there are not those of the answers");
        }
        Set<String> codes = new HashSet<>();
        try (RawHttpClient client = new RawHttpClient(port, TIMEOUT)) {
            for (Link link : found.values()) {
                codes.add(link.code());
                if (codes.size() % CHECK_EVERY != 0) {
                    continue;
                }
                Response answer = client.get("/" + link.code());
                if (answer.status() != 302
                        || !link.destination().equals(answer.headers().get("location"))) {
                    errors.add("/" + link.code() + " answered " + answer.status());
                }
            }
        }
        if (codes.size() != found.size()) {
            errors.add("there are " + codes.size() + " codes for " + found.size() + " links");
        }
    }
}
