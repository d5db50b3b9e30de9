package dev.shortwave.tools.load;

import dev.shortwave.tools.CommandLine;
import dev.shortwave.tools.http.RawHttpClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Users that follow links steadily, and count each failure: no request is sent twice. */
public final class RedirectLoad {

    private static final String USAGE = """
            Usage: RedirectLoad PORT CODES USERS STOP

            USERS users, with a keep-alive connection each, ask 127.0.0.1:PORT for the codes in the file CODES, 20 ms
            after each answer, until the file STOP exists. An answer other than 302, and a connection that ends without
            one, is a failure; standard error has the first few.

            Prints one line: ANSWERED FAILED.
            Exit code: 1 if anything failed, or nothing was answered.
            """;

    private static final long PAUSE_MILLISECONDS = 20;
    private static final Duration TIMEOUT = Duration.ofSeconds(15);

    private final int port;
    private final List<String> codes;
    private final Path stop;
    private final AtomicLong answered = new AtomicLong();
    private final Errors errors = new Errors();

    private RedirectLoad(int port, List<String> codes, Path stop) {
        this.port = port;
        this.codes = codes;
        this.stop = stop;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        CommandLine.require(arguments.length == 4, USAGE);
        RedirectLoad load = new RedirectLoad(
                Integer.parseInt(arguments[0]), Files.readAllLines(Path.of(arguments[1])), Path.of(arguments[3]));
        load.run(Integer.parseInt(arguments[2]));
        System.out.println(load.answered.get() + " " + load.errors.count());
        System.exit(load.errors.count() == 0 && load.answered.get() > 0 ? 0 : 1);
    }

    private void run(int users) throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int user = 0; user < users; user++) {
            int first = user * 37;
            threads.add(new Thread(() -> follow(first)));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private void follow(int first) {
        int next = first;
        while (!Files.exists(stop)) {
            try (RawHttpClient client = new RawHttpClient(port, TIMEOUT)) {
                while (!Files.exists(stop)) {
                    client.send(client.request("GET", "/" + codes.get(next++ % codes.size())));
                    int status = client.readStatus();
                    if (status == 302) {
                        answered.incrementAndGet();
                    } else {
                        errors.add("answered " + status);
                    }
                    Thread.sleep(PAUSE_MILLISECONDS);
                }
            } catch (IOException e) {
                errors.add("no answer: " + e);
            } catch (InterruptedException e) {
                return;
            }
        }
    }
}
