package dev.shortwave.tools.database;

import dev.shortwave.tools.CommandLine;
import dev.shortwave.tools.http.Metrics;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.SQLException;
import java.time.Duration;

/** Waits for clicks to be booked, and counts them in the database. */
public final class BookedClicks {

    private static final String USAGE = """
            Usage: BookedClicks DATABASE SECONDS --at-least N
                   BookedClicks DATABASE SECONDS --drained MANAGEMENT_PORT

            Waits for SECONDS at most, until DATABASE has N clicks, or until the service with its metrics at
            127.0.0.1:MANAGEMENT_PORT has booked all that its journals hold. DATABASE is a URL
            (postgresql://user:password@host:port/name), or the data folder of an embedded PostgreSQL that runs.

            Prints one line: EVENTS COUNTED, the click events, and the sum of the counters of all links.
            Exit code: 1 if the journals still hold clicks after SECONDS.
            """;

    private static final String EVENTS = "SELECT count(*) FROM events WHERE event_type = 'click'";
    private static final String COUNTERS = "SELECT coalesce(sum(clicks), 0) FROM link_clicks";
    private static final String PENDING = "shortwave_journal_pending_bytes";

    private static final long PAUSE_MILLISECONDS = 100;

    private BookedClicks() {}

    public static void main(String[] arguments) throws InterruptedException, IOException {
        CommandLine.require(
                arguments.length == 4 && (arguments[2].equals("--at-least") || arguments[2].equals("--drained")),
                USAGE);
        long end = System.nanoTime()
                + Duration.ofSeconds(Long.parseLong(arguments[1])).toNanos();
        if (arguments[2].equals("--drained") && !awaitDrained(arguments[3], end)) {
            System.err.println("the journals still hold clicks");
            System.exit(1);
        }
        try (Database database = Database.open(arguments[0])) {
            if (arguments[2].equals("--at-least")) {
                awaitEvents(database, Long.parseLong(arguments[3]), end);
            }
            System.out.println(database.number(EVENTS) + " " + database.number(COUNTERS));
        } catch (SQLException e) {
            System.err.println("cannot count the booked clicks: " + e.getMessage());
            System.exit(1);
        }
    }

    private static void awaitEvents(Database database, long atLeast, long end)
            throws SQLException, InterruptedException {
        while (database.number(EVENTS) < atLeast && System.nanoTime() < end) {
            Thread.sleep(PAUSE_MILLISECONDS);
        }
    }

    private static boolean awaitDrained(String port, long end) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
                .build();
        HttpClient client =
                HttpClient.newBuilder().proxy(HttpClient.Builder.NO_PROXY).build();
        while (true) {
            double pending = Metrics.parse(client.send(request, HttpResponse.BodyHandlers.ofString())
                            .body())
                    .sum(PENDING);
            if (Double.isNaN(pending)) {
                throw new IOException("no " + PENDING + " in the metrics");
            }
            if (pending == 0) {
                return true;
            }
            if (System.nanoTime() > end) {
                return false;
            }
            Thread.sleep(PAUSE_MILLISECONDS);
        }
    }
}
