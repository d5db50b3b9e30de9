package dev.shortwave;

import dev.shortwave.config.BuildInfo;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What the command line asks for.
 *
 * @param message what to print instead of starting, or null
 * @param exitCode the exit code after the message
 */
record CommandLine(
        Path configFile,
        Path home,
        boolean checksConfig,
        @Nullable String message,
        int exitCode) {

    private static final String USAGE = """
            Shortwave, a URL shortener built to be loaded.

            Usage: shortwave [--config FILE] [--check-config]

              --config FILE    settings (default: conf/shortwave.yaml); every one can also be given in the
                               environment (http.port is SHORTWAVE_HTTP_PORT) or as a system property
                               (-Dshortwave.http.port=…), which win in this order
              --check-config   print every setting with its value and origin, or all problems, and end
              --version        print the version and end
              --help           print this and end""";

    static CommandLine parse(String[] arguments) {
        Path home = Path.of(System.getProperty("shortwave.home", "")).toAbsolutePath();
        Path file = home.resolve("conf").resolve("shortwave.yaml");
        boolean checksConfig = false;
        for (int at = 0; at < arguments.length; at++) {
            switch (arguments[at]) {
                case "--help", "-h" -> {
                    return new CommandLine(file, home, false, USAGE, 0);
                }
                case "--version" -> {
                    return new CommandLine(
                            file,
                            home,
                            false,
                            "Shortwave " + BuildInfo.current().version(),
                            0);
                }
                case "--check-config" -> checksConfig = true;
                case "--config" -> {
                    if (++at == arguments.length) {
                        return new CommandLine(file, home, false, "--config needs a file; see --help", 2);
                    }
                    file = Path.of(arguments[at]).toAbsolutePath();
                }
                default -> {
                    return new CommandLine(file, home, false, "Unknown argument " + arguments[at] + "; see --help", 2);
                }
            }
        }
        return new CommandLine(file, home, checksConfig, null, 0);
    }
}
