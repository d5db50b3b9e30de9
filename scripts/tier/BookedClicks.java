import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;

/** Counts the clicks in a database. */
public final class BookedClicks {

    private static final String USAGE =
            """
            Usage: java -cp JDBC_DRIVER BookedClicks URL AT_LEAST SECONDS

            Waits until the database at URL (postgresql://user:password@host:port/name) holds AT_LEAST clicks, for
            SECONDS at most, then prints how many events of that kind it holds and what its counters add up to.
            """;

    private static final long PAUSE_MILLISECONDS = 250;

    private BookedClicks() {}

    public static void main(String[] arguments) throws InterruptedException {
        if (arguments.length != 3) {
            System.err.print(USAGE);
            System.exit(2);
        }
        URI url = URI.create(arguments[0]);
        String[] login = url.getUserInfo().split(":", 2);
        String jdbc = "jdbc:postgresql://" + url.getHost() + ":" + url.getPort() + url.getPath();
        long atLeast = Long.parseLong(arguments[1]);
        long end = System.nanoTime() + Long.parseLong(arguments[2]) * 1_000_000_000;
        try (Connection connection = DriverManager.getConnection(jdbc, login[0], login[1])) {
            long events = number(connection, "SELECT count(*) FROM events WHERE event_type = 'click'");
            while (events < atLeast && System.nanoTime() < end) {
                Thread.sleep(PAUSE_MILLISECONDS);
                events = number(connection, "SELECT count(*) FROM events WHERE event_type = 'click'");
            }
            long counters = number(connection, "SELECT coalesce(sum(clicks), 0) FROM link_clicks");
            System.out.println(events + " " + counters);
        } catch (SQLException e) {
            System.err.println("the booked clicks can't be counted: " + e.getMessage());
            System.exit(1);
        }
    }

    private static long number(Connection connection, String sql) throws SQLException {
        try (ResultSet row = connection.createStatement().executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }
}
