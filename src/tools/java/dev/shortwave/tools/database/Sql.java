package dev.shortwave.tools.database;

import dev.shortwave.tools.CommandLine;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;

/** Runs statements in the database of a service. */
public final class Sql {

    private static final String USAGE = """
            Usage: Sql DATABASE [--url | STATEMENT]

            Runs STATEMENT, or the statements of standard input, one a line, on one connection to DATABASE, and prints the
            rows of each, columns separated by tabs. DATABASE is a URL (postgresql://user:password@host:port/name), or the
            data folder of an embedded PostgreSQL that runs. --url prints the URL of the database instead.
            """;

    private Sql() {}

    public static void main(String[] arguments) throws IOException, SQLException {
        CommandLine.require(arguments.length == 1 || arguments.length == 2, USAGE);
        if (arguments.length == 2 && arguments[1].equals("--url")) {
            System.out.println(Database.url(arguments[0]));
            return;
        }
        try (Database database = Database.open(arguments[0])) {
            if (arguments.length == 2) {
                database.print(arguments[1], System.out);
                return;
            }
            BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.isBlank()) {
                    database.print(line, System.out);
                    System.out.flush();
                }
            }
        }
    }
}
