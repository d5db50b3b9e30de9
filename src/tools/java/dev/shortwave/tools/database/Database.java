package dev.shortwave.tools.database;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** A connection to a PostgreSQL. Blocking. */
public final class Database implements AutoCloseable {

    /** The line of postmaster.pid that has the port. */
    private static final int PORT_LINE = 3;

    private final Connection connection;

    public Database(Connection connection) {
        this.connection = connection;
    }

    /** Connects to a database, by the address that {@link #url} takes. */
    public static Database open(String address) throws IOException, SQLException {
        URI url = URI.create(url(address));
        String userInfo = url.getUserInfo();
        int colon = userInfo.indexOf(':');
        return new Database(DriverManager.getConnection(
                "jdbc:postgresql://" + url.getHost() + ":" + url.getPort() + url.getPath(),
                userInfo.substring(0, colon),
                userInfo.substring(colon + 1)));
    }

    /**
     * The URL of a database.
     *
     * @param address {@code postgresql://user:password@host:port/name}, or the data folder of an embedded PostgreSQL that
     *     runs, which alone has its port and its password
     */
    public static String url(String address) throws IOException {
        if (address.startsWith("postgresql://")) {
            return address;
        }
        Path folder = Path.of(address);
        String port = Files.readAllLines(folder.resolve("postmaster.pid"))
                .get(PORT_LINE)
                .strip();
        String password = Files.readString(folder.resolve("shortwave-password")).strip();
        return "postgresql://postgres:" + password + "@127.0.0.1:" + port + "/postgres";
    }

    /** The one number that a query returns. */
    public long number(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            if (!rows.next()) {
                throw new SQLException("no row: " + sql);
            }
            return rows.getLong(1);
        }
    }

    /** Executes a statement, and prints the rows that it returns, with tabs between the columns. */
    public void print(String sql, Appendable out) throws SQLException, IOException {
        try (Statement statement = connection.createStatement()) {
            if (!statement.execute(sql)) {
                return;
            }
            ResultSet rows = statement.getResultSet();
            int columns = rows.getMetaData().getColumnCount();
            while (rows.next()) {
                for (int column = 1; column <= columns; column++) {
                    out.append(column == 1 ? "" : "\t").append(rows.getString(column));
                }
                out.append('\n');
            }
        }
    }

    public void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
