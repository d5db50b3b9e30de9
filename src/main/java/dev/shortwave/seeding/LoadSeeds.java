package dev.shortwave.seeding;

import dev.shortwave.config.ConfigException;
import dev.shortwave.error.StartupException;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Loads a folder of CSV files into a running service, which invalidates its cache, or directly into a database. Exit
 * codes: 0 when all is loaded, 1 if not, 2 for a wrong call.
 */
public final class LoadSeeds {

    private static final String USAGE = """
            Loads users.csv, urls.csv and events.csv of a folder.

            Usage: load-seeds.sh FOLDER [--service URL | --database URL] [--token TOKEN] [--config FILE]

              --service URL    management address of a running service (default: http://127.0.0.1:8081)
              --token TOKEN    its management token, if it has one (or MANAGEMENT_TOKEN)
              --database URL   load into this PostgreSQL instead, all three files in one transaction. A service
                               that runs on it may serve older links until they expire; prefer --service then
              --config FILE    settings for --database (default: conf/shortwave.yaml)

            A file that can't be loaded changes nothing. Loading the same folder twice changes nothing either.""";

    private LoadSeeds() {}

    public static void main(String[] arguments) {
        Map<String, String> options = new HashMap<>();
        String folder = null;
        for (int at = 0; at < arguments.length; at++) {
            String argument = arguments[at];
            switch (argument) {
                case "--help", "-h" -> exit(0, USAGE);
                case "--service", "--database", "--token", "--config" -> {
                    if (++at == arguments.length) {
                        exit(2, argument + " needs a value; see --help");
                    }
                    options.put(argument, arguments[at]);
                }
                default -> {
                    if (folder != null || argument.startsWith("-")) {
                        exit(2, "Unknown argument " + argument + "; see --help");
                    }
                    folder = argument;
                }
            }
        }
        if (folder == null) {
            exit(2, "The folder is missing; see --help");
        } else if (options.containsKey("--service") && options.containsKey("--database")) {
            exit(2, "Either --service or --database, not both");
        } else {
            load(Path.of(folder).toAbsolutePath(), options);
        }
    }

    private static void load(Path folder, Map<String, String> options) {
        try {
            String database = options.get("--database");
            if (database != null) {
                new DatabaseSeeder(home(), options.get("--config"), database).load(folder);
            } else {
                String service = options.getOrDefault("--service", "http://127.0.0.1:8081");
                String token = options.getOrDefault("--token", environment("MANAGEMENT_TOKEN"));
                new HttpSeeder(URI.create(service), token).load(folder);
            }
            exit(0, "All loaded.");
        } catch (StartupException | ConfigException | IllegalArgumentException e) {
            exit(1, String.valueOf(e.getMessage()));
        }
    }

    private static Path home() {
        return Path.of(System.getProperty("shortwave.home", "")).toAbsolutePath();
    }

    private static String environment(String name) {
        String value = System.getenv(name);
        return value == null ? "" : value;
    }

    private static void exit(int code, @Nullable String message) {
        (code == 0 ? System.out : System.err).println(message);
        System.exit(code);
    }
}
