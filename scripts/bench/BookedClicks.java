import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Waits until a service has booked all its clicks, and counts them in its embedded database, past the service. */
public final class BookedClicks {

    private static final String USAGE =
            """
            Usage: java -cp CLASS_PATH scripts/bench/BookedClicks.java MANAGEMENT_PORT FOLDER SECONDS

            Asks 127.0.0.1:MANAGEMENT_PORT/metrics until no click waits to be booked, SECONDS at most, then reads the
            embedded PostgreSQL with its data in FOLDER. The class path must hold PostgreSQL's driver.

            Prints one line: EVENTS COUNTED, the click events, and the sum of all links' counters.
            Exit code: 1 if clicks still wait after SECONDS.
            """;

    private static final Pattern WAITING = Pattern.compile("(?m)^shortwave_clicks_waiting_bytes(?:\\{.*})? (\\S+)$");

    private BookedClicks() {}

    public static void main(String[] arguments) throws Exception {
        if (arguments.length != 3) {
            System.err.print(USAGE);
            System.exit(2);
        }
        long end = System.nanoTime() + Integer.parseInt(arguments[2]) * 1_000_000_000L;
        while (waitingBytes(arguments[0]) > 0) {
            if (System.nanoTime() > end) {
                System.err.println("clicks still wait to be booked");
                System.exit(1);
            }
            Thread.sleep(100);
        }
        Path folder = Path.of(arguments[1]);
        String port = Files.readAllLines(folder.resolve("postmaster.pid")).get(3).strip();
        String password = Files.readString(folder.resolve("shortwave-password")).strip();
        String url = "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
        try (Connection connection = DriverManager.getConnection(url, "postgres", password);
                Statement statement = connection.createStatement()) {
            System.out.println(number(statement, "SELECT count(*) FROM events WHERE event_type = 'click'") + " "
                    + number(statement, "SELECT coalesce(sum(clicks), 0) FROM link_clicks"));
        }
    }

    private static long number(Statement statement, String sql) throws SQLException {
        try (ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private static double waitingBytes(String port) throws IOException {
        try (InputStream in = URI.create("http://127.0.0.1:" + port + "/metrics").toURL().openStream()) {
            Matcher waiting = WAITING.matcher(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            if (!waiting.find()) {
                throw new IOException("no shortwave_clicks_waiting_bytes in the metrics");
            }
            return Double.parseDouble(waiting.group(1));
        }
    }
}
