import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/** Runs one statement, as somebody would who changes a schema by hand. */
public final class RunSql {

    private static final String USAGE =
            """
            Usage: java -cp JDBC_DRIVER RunSql.java URL STATEMENT

            Runs STATEMENT in the database at URL (postgresql://user:password@host:port/name).
            """;

    private RunSql() {}

    public static void main(String[] arguments) throws SQLException {
        if (arguments.length != 2) {
            System.err.print(USAGE);
            System.exit(2);
        }
        URI url = URI.create(arguments[0]);
        String[] login = url.getUserInfo().split(":", 2);
        String jdbc = "jdbc:postgresql://" + url.getHost() + ":" + url.getPort() + url.getPath();
        try (Connection connection = DriverManager.getConnection(jdbc, login[0], login[1]);
                Statement statement = connection.createStatement()) {
            statement.execute(arguments[1]);
        }
    }
}
