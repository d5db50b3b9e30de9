package dev.shortwave.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Edits and deletes links while all JVMs redirect, and looks on every JVM for a redirect to where a link led before. The
 * destination of each link ends in the number of its edit, so every answer tells how old it is.
 */
public final class Staleness {

    private static final String USAGE = """
            Usage: Staleness EDITS RATE PORT...

            Makes 100 links through the first of the services at 127.0.0.1:PORT…, edits them EDITS times in turn, through
            one service after the other, and deletes them. After the answer to each change every service is asked for
            the link. Meanwhile all links are asked for RATE times a second on all services together. An answer is
            stale if it was asked for after a change had been answered, and is from before it.

            Prints one line: REDIRECTS STALE_ASKED STALE_SEEN OLD CHANGE_P50 CHANGE_P99 CHANGE_MAX

              REDIRECTS    redirects that were answered
              STALE_ASKED  stale ones of those asked for right after a change
              STALE_SEEN   stale ones of those that were asked for all the time
              OLD          the longest time for which, after a service had answered with the new destination, any was
                           still asked for the link and answered with the old one; milliseconds
              CHANGE_…     how long changes took; milliseconds

            Exit code: 1 if anything was stale or went wrong; standard error tells the first few.
            """;

    private static final int LINKS = 100;
    private static final int READERS_OF_A_SERVICE = 2;
    private static final int MOST_TOLD = 5;

    /** What a deleted link answers with is newer than any edit. */
    private static final int DELETED = Integer.MAX_VALUE;

    private static final Pattern ID = Pattern.compile("\"id\" *: *([0-9]+)");
    private static final Pattern CODE = Pattern.compile("\"short_code\" *: *\"([^\"]+)\"");

    private record Link(String id, String code) {}

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final List<Integer> ports;
    private final List<Link> links = new ArrayList<>();

    /** By link: the last edit that was answered, and the newest that any service has answered with, and when first. */
    private final AtomicIntegerArray changed = new AtomicIntegerArray(LINKS);

    private final AtomicIntegerArray seen = new AtomicIntegerArray(LINKS);
    private final AtomicLongArray seenAt = new AtomicLongArray(LINKS);

    private final AtomicLong redirects = new AtomicLong();
    private final AtomicLong staleAsked = new AtomicLong();
    private final AtomicLong staleSeen = new AtomicLong();
    private final AtomicLong longestOld = new AtomicLong();
    private final AtomicInteger errors = new AtomicInteger();
    private volatile boolean over;

    private Staleness(List<Integer> ports) {
        this.ports = ports;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        if (arguments.length < 3) {
            System.err.print(USAGE);
            System.exit(2);
        }
        List<Integer> ports =
                Arrays.stream(arguments).skip(2).map(Integer::valueOf).toList();
        Staleness staleness = new Staleness(ports);
        System.exit(staleness.run(Integer.parseInt(arguments[0]), Integer.parseInt(arguments[1])) ? 0 : 1);
    }

    private boolean run(int edits, int rate) throws IOException, InterruptedException {
        for (int link = 0; link < LINKS; link++) {
            String body = send("POST", ports.get(0), "/shorten", "{\"url\":\"" + destination(0) + "\"}", 201);
            links.add(new Link(first(ID, body), first(CODE, body)));
        }
        List<Thread> readers = startReaders(rate);
        long[] nanoseconds = new long[edits + LINKS];
        for (int change = 0; change < nanoseconds.length; change++) {
            boolean deletes = change >= edits;
            int link = change % LINKS;
            int port = ports.get(change % ports.size());
            int version = deletes ? DELETED : change / LINKS + 1;
            String path = "/urls/" + links.get(link).id();
            long began = System.nanoTime();
            if (deletes) {
                send("DELETE", port, path, "", 204);
            } else {
                send("PATCH", port, path, "{\"original_url\":\"" + destination(version) + "\"}", 200);
            }
            nanoseconds[change] = System.nanoTime() - began;
            changed.set(link, version);
            askAll(link, version);
        }
        over = true;
        for (Thread reader : readers) {
            reader.join();
        }
        Arrays.sort(nanoseconds);
        System.out.printf(
                Locale.ROOT,
                "%d %d %d %.1f %.1f %.1f %.1f%n",
                redirects.get(),
                staleAsked.get(),
                staleSeen.get(),
                longestOld.get() / 1e6,
                nanoseconds[nanoseconds.length / 2] / 1e6,
                nanoseconds[nanoseconds.length * 99 / 100] / 1e6,
                nanoseconds[nanoseconds.length - 1] / 1e6);
        return staleAsked.get() + staleSeen.get() + errors.get() == 0;
    }

    private List<Thread> startReaders(int rate) {
        List<Thread> readers = new ArrayList<>();
        int all = ports.size() * READERS_OF_A_SERVICE;
        for (int number = 0; number < all; number++) {
            int port = ports.get(number % ports.size());
            int offset = number * LINKS / all;
            Thread reader = new Thread(() -> read(port, offset, 1_000_000_000L * all / rate));
            reader.setDaemon(true);
            reader.start();
            readers.add(reader);
        }
        return readers;
    }

    private void read(int port, int offset, long nanosecondsBetween) {
        long due = System.nanoTime();
        for (int number = offset; !over; number++) {
            int link = number % LINKS;
            int atLeast = changed.get(link);
            long asked = System.nanoTime();
            try {
                int version = ask(port, link).join();
                if (version < atLeast) {
                    stale(staleSeen, port, link, version, atLeast);
                }
                compare(link, version, asked);
            } catch (RuntimeException e) {
                error("a redirect failed: " + e.getCause());
            }
            due = Math.max(due + nanosecondsBetween, System.nanoTime() - nanosecondsBetween);
            LockSupport.parkNanos(due - System.nanoTime());
        }
    }

    /** How long the old one was still to be had after the new one was. */
    private void compare(int link, int version, long asked) {
        int newest = seen.get(link);
        if (version > newest) {
            if (seen.compareAndSet(link, newest, version)) {
                seenAt.set(link, System.nanoTime());
            }
        } else if (version < newest) {
            longestOld.accumulateAndGet(asked - seenAt.get(link), Math::max);
        }
    }

    private void askAll(int link, int version) {
        long asked = System.nanoTime();
        List<CompletableFuture<Integer>> answers =
                ports.stream().map(port -> ask(port, link)).toList();
        for (int number = 0; number < ports.size(); number++) {
            int answer = answers.get(number).join();
            compare(link, answer, asked);
            if (answer < version) {
                stale(staleAsked, ports.get(number), link, answer, version);
            }
        }
    }

    private void stale(AtomicLong count, int port, int link, int version, int atLeast) {
        if (count.incrementAndGet() <= MOST_TOLD) {
            System.err.println("stale: port " + port + " answered for link " + link + " with edit " + version
                    + ", after edit " + (atLeast == DELETED ? "and deletion" : String.valueOf(atLeast)));
        }
    }

    private void error(String what) {
        if (errors.incrementAndGet() <= MOST_TOLD) {
            System.err.println(what);
        }
    }

    /** The number of the edit that the service answers with. */
    private CompletableFuture<Integer> ask(int port, int link) {
        HttpRequest request = request(port, "/" + links.get(link).code()).build();
        return client.sendAsync(request, HttpResponse.BodyHandlers.discarding()).thenApply(answer -> {
            redirects.incrementAndGet();
            if (answer.statusCode() == 404) {
                return DELETED;
            }
            String location = answer.headers().firstValue("location").orElse("");
            if (answer.statusCode() != 302 || location.isEmpty()) {
                throw new IllegalStateException("port " + port + " answered " + answer.statusCode());
            }
            return Integer.parseInt(location.substring(location.lastIndexOf('/') + 1));
        });
    }

    private String send(String method, int port, String path, String body, int expected)
            throws IOException, InterruptedException {
        HttpRequest request = request(port, path)
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
        HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != expected) {
            throw new IOException(method + " " + path + " answered " + answer.statusCode() + ": " + answer.body());
        }
        return answer.body();
    }

    private static HttpRequest.Builder request(int port, String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(20));
    }

    private static String destination(int version) {
        return "https://fernhill.example/edit/" + version;
    }

    private static String first(Pattern pattern, String json) throws IOException {
        Matcher matcher = pattern.matcher(json);
        if (!matcher.find()) {
            throw new IOException("no " + pattern + " in " + json);
        }
        return matcher.group(1);
    }
}
