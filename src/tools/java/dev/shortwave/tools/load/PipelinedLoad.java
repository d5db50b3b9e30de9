package dev.shortwave.tools.load;

import dev.shortwave.tools.CommandLine;
import dev.shortwave.tools.http.RawHttpClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/** Follows warm links as fast as they are answered, and counts to the last request what was answered and what was not. */
public final class PipelinedLoad {

    private static final String USAGE = """
            Usage: PipelinedLoad PORT CODES CONNECTIONS DEPTH SECONDS

            Sends GET /{code} to 127.0.0.1:PORT, for the codes in the file CODES (one a line; HEAD, which counts no click,
            finds those that do not redirect, and they are left out). Each of CONNECTIONS keep-alive connections sends
            DEPTH requests at once, and the next as soon as it has all their answers (a closed loop).

            Prints "loading" on standard error when every link is warm and all connections begin. Ends after SECONDS, when
            all is answered, or when the service closes every connection, as a killed one does.

            Prints one line: ANSWERED UNANSWERED SECONDS. Answered are requests whose 302 was read completely; unanswered
            those that were sent on connections that were closed before their answer.
            Exit code: 1 if anything but a 302 came.
            """;

    private static final Duration TIMEOUT = Duration.ofMinutes(1);
    private static final String USER_AGENT = "User-Agent: click-load";

    private final int port;
    private final int depth;
    private final List<byte[]> requests = new ArrayList<>();
    private final AtomicLong answered = new AtomicLong();
    private final AtomicLong unanswered = new AtomicLong();
    private final Errors errors = new Errors();

    private PipelinedLoad(int port, int depth) {
        this.port = port;
        this.depth = depth;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        CommandLine.require(arguments.length == 5, USAGE);
        PipelinedLoad load = new PipelinedLoad(Integer.parseInt(arguments[0]), Integer.parseInt(arguments[3]));
        load.warm(Files.readAllLines(Path.of(arguments[1])));
        load.run(Integer.parseInt(arguments[2]), Integer.parseInt(arguments[4]));
        System.exit(load.errors.count() == 0 ? 0 : 1);
    }

    private void warm(List<String> codes) throws IOException {
        try (RawHttpClient client = new RawHttpClient(port, TIMEOUT)) {
            for (String code : codes) {
                if (client.head("/" + code) == 302) {
                    requests.add(client.request("GET", "/" + code, USER_AGENT));
                }
            }
        }
        if (requests.isEmpty()) {
            throw new IOException("none of " + codes.size() + " codes redirects");
        }
    }

    private void run(int connections, int seconds) throws InterruptedException {
        System.err.println("loading");
        long start = System.nanoTime();
        long end = start + Duration.ofSeconds(seconds).toNanos();
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
                Locale.ROOT, "%d %d %.3f%n", answered.get(), unanswered.get(), (System.nanoTime() - start) / 1e9);
    }

    private void follow(Random random, long end) {
        byte[][] batch = new byte[depth][];
        int read = 0;
        int sent = 0;
        try (RawHttpClient client = new RawHttpClient(port, TIMEOUT)) {
            while (System.nanoTime() < end) {
                for (int at = 0; at < depth; at++) {
                    batch[at] = requests.get(random.nextInt(requests.size()));
                }
                read = 0;
                sent = depth;
                client.send(batch);
                while (read < sent) {
                    int status = client.readStatus();
                    if (status != 302) {
                        errors.add("answered with " + status);
                    }
                    read++;
                }
                answered.addAndGet(sent);
            }
        } catch (IOException e) {
            // In the middle of a batch, or, with all of it read and counted, before the next.
            answered.addAndGet(read < sent ? read : 0);
            unanswered.addAndGet(sent - read);
        }
    }
}
