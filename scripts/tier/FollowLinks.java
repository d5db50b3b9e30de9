import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/** Follows links steadily, and forgives nothing: no request is sent twice. */
public final class FollowLinks {

    private static final String USAGE =
            """
            Usage: java FollowLinks PORT CODES USERS STOP

            USERS users, with a keep-alive connection each, ask 127.0.0.1:PORT for the codes in the file CODES, 20 ms
            after each answer, until the file STOP is there. An answer other than 302, and a connection that ends
            without one, is a failure; standard error tells the first few.

            Prints one line: ANSWERED FAILED.
            Exit code: 1 if anything failed, or nothing was answered.
            """;

    private static final long PAUSE_MILLISECONDS = 20;
    private static final int ANSWER_MILLISECONDS = 15_000;
    private static final int MOST_TOLD = 5;

    private final int port;
    private final List<String> codes;
    private final Path stop;
    private final AtomicLong answered = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();

    private FollowLinks(int port, List<String> codes, Path stop) {
        this.port = port;
        this.codes = codes;
        this.stop = stop;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        if (arguments.length != 4) {
            System.err.print(USAGE);
            System.exit(2);
        }
        FollowLinks follow = new FollowLinks(
                Integer.parseInt(arguments[0]), Files.readAllLines(Path.of(arguments[1])), Path.of(arguments[3]));
        List<Thread> users = new ArrayList<>();
        for (int user = 0; user < Integer.parseInt(arguments[2]); user++) {
            int first = user * 37;
            users.add(new Thread(() -> follow.follow(first)));
        }
        users.forEach(Thread::start);
        for (Thread user : users) {
            user.join();
        }
        System.out.println(follow.answered.get() + " " + follow.failed.get());
        System.exit(follow.failed.get() == 0 && follow.answered.get() > 0 ? 0 : 1);
    }

    private void follow(int first) {
        int next = first;
        while (!Files.exists(stop)) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.setSoTimeout(ANSWER_MILLISECONDS);
                socket.setTcpNoDelay(true);
                InputStream in = new BufferedInputStream(socket.getInputStream());
                while (!Files.exists(stop)) {
                    String request = "GET /" + codes.get(next++ % codes.size()) + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
                    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
                    int status = status(in);
                    if (status == 302) {
                        answered.incrementAndGet();
                    } else {
                        fail("answered " + status);
                    }
                    Thread.sleep(PAUSE_MILLISECONDS);
                }
            } catch (IOException e) {
                fail("no answer: " + e);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** Reads one answer to its end. */
    private static int status(InputStream in) throws IOException {
        String head = line(in);
        int status = Integer.parseInt(head.split(" ")[1]);
        int length = 0;
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
            if (header.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                length = Integer.parseInt(header.substring("content-length:".length()).strip());
            }
        }
        in.readNBytes(length);
        return status;
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new IOException("the connection ended");
            }
            if (next != '\r') {
                line.append((char) next);
            }
        }
        return line.toString();
    }

    private void fail(String what) {
        if (failed.incrementAndGet() <= MOST_TOLD) {
            System.err.println(what);
        }
    }
}
