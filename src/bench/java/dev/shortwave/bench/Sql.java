package dev.shortwave.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Asks the embedded PostgreSQL of a running service, which takes a password that only its folder knows. */
public final class Sql {

    private static final String USAGE = """
            Usage: Sql FOLDER [--url]

            Runs the statements of standard input, one a line, on one connection to the embedded PostgreSQL that runs on
            this data folder, and prints the rows of each, columns separated by tabs. With --url it only prints the
            database's address for a further service: postgresql://…
            """;

    /** The lines of the file in which a running server says where it is. */
    private static final int PORT_LINE = 3;

    private Sql() {}

    public static void main(String[] arguments) throws IOException, SQLException {
        boolean url = arguments.length == 2 && arguments[1].equals("--url");
        if (arguments.length != 1 && !url) {
            System.err.print(USAGE);
            System.exit(2);
        }
        Path folder = Path.of(arguments[0]);
        String port = Files.readAllLines(folder.resolve("postmaster.pid"))
                .get(PORT_LINE)
                .strip();
        String password = Files.readString(folder.resolve("shortwave-password")).strip();
        if (url) {
            System.out.println("postgresql://postgres:" + password + "@127.0.0.1:" + port + "/postgres");
            return;
        }
        String address = "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (Connection connection = DriverManager.getConnection(address, "postgres", password);
                Statement statement = connection.createStatement()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.isBlank() && statement.execute(line)) {
                    print(statement.getResultSet());
                }
            }
        }
    }

    private static void print(ResultSet rows) throws SQLException {
        int columns = rows.getMetaData().getColumnCount();
        while (rows.next()) {
            StringBuilder row = new StringBuilder();
            for (int column = 1; column <= columns; column++) {
                row.append(column == 1 ? "" : "\t").append(rows.getString(column));
            }
            System.out.println(row);
        }
    }
}
