package dev.shortwave.config;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The three sources of a configuration, filled by a test. */
final class ConfigSources {

    private static final Vertx VERTX = Vertx.vertx();

    private final Path folder;
    private final Map<String, String> environment = new HashMap<>();
    private final Map<String, String> properties = new HashMap<>();
    private String yaml = "http:\n  host: 127.0.0.1\n";

    ConfigSources(Path folder) {
        this.folder = folder;
    }

    ConfigSources file(String text) {
        yaml = text;
        return this;
    }

    ConfigSources environment(String name, String value) {
        environment.put(name, value);
        return this;
    }

    ConfigSources property(String name, String value) {
        properties.put(name, value);
        return this;
    }

    Path path() {
        return folder.resolve("shortwave.yaml");
    }

    Config read() {
        try {
            Files.writeString(path(), yaml);
            return new ConfigLoader(VERTX)
                    .load(path(), folder, environment, properties)
                    .await(30, TimeUnit.SECONDS);
        } catch (IOException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The problems of a configuration that must not be accepted. */
    List<ConfigProblem> problems() {
        try {
            Config config = read();
            throw new AssertionError("accepted as " + config);
        } catch (ConfigException e) {
            return e.problems();
        }
    }

    /** The one problem of a configuration that must have just one, as it is printed. */
    String problem() {
        List<ConfigProblem> problems = problems();
        if (problems.size() != 1) {
            throw new AssertionError("not one problem but " + problems);
        }
        return problems.get(0).toString();
    }
}
