package dev.shortwave.config;

import io.vertx.config.ConfigRetriever;
import io.vertx.config.ConfigRetrieverOptions;
import io.vertx.config.ConfigStoreOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Reads the configuration: the file, then the environment, then the system properties; the later wins. All are read raw,
 * because vertx-config would otherwise make the password {@code 0123} a number.
 */
public final class ConfigLoader {

    private static final String TEXT = "text";

    private final Vertx vertx;

    public ConfigLoader(Vertx vertx) {
        this.vertx = vertx;
    }

    /**
     * Reads this process's configuration.
     *
     * @param file the YAML file
     * @param home the folder that relative paths of settings start from
     * @return the configuration; fails with {@link ConfigException} that lists all problems
     */
    public Future<Config> load(Path file, Path home) {
        return load(new ConfigSource(file, home, null, null));
    }

    /** As {@link #load(Path, Path)}, with a given environment and given properties instead of the process's own. */
    public Future<Config> load(Path file, Path home, Map<String, String> environment, Map<String, String> properties) {
        return load(new ConfigSource(file, home, environment, properties));
    }

    /** Reads the sources of another configuration again. */
    public Future<Config> load(ConfigSource source) {
        Map<String, String> environment = source.environment();
        Map<String, String> properties = source.properties();
        return load(
                source,
                environment == null ? own("env", new JsonObject()) : fixed(environment),
                properties == null ? own("sys", new JsonObject().put("cache", false)) : fixed(properties));
    }

    private static ConfigStoreOptions own(String type, JsonObject options) {
        return new ConfigStoreOptions().setType(type).setConfig(options.put("raw-data", true));
    }

    private static ConfigStoreOptions fixed(Map<String, String> values) {
        JsonObject json = new JsonObject();
        values.forEach(json::put);
        return new ConfigStoreOptions().setType("json").setConfig(json);
    }

    private Future<Config> load(ConfigSource source, ConfigStoreOptions environment, ConfigStoreOptions properties) {
        Path file = source.file();
        if (!Files.isReadable(file)) {
            return Future.failedFuture(unreadable(file, "there is no such file, or it can't be read"));
        }
        // Parsing takes some milliseconds, also while the service runs.
        return read(text(file))
                .compose(read -> vertx.executeBlocking(() -> settings(file, read.getString(TEXT))))
                .compose(fromFile -> read(environment)
                        .compose(fromEnvironment -> read(properties)
                                .compose(fromProperties -> vertx.executeBlocking(() ->
                                        new ConfigReader(source, fromFile, fromEnvironment, fromProperties).read()))));
    }

    /** The raw text of the file. */
    static ConfigStoreOptions text(Path file) {
        return new ConfigStoreOptions()
                .setType("file")
                .setFormat("raw")
                .setConfig(new JsonObject()
                        .put("path", file.toAbsolutePath().toString())
                        .put("raw.key", TEXT)
                        .put("raw.type", "string"));
    }

    private static Map<?, ?> settings(Path file, String yaml) {
        try {
            return UntypedYaml.read(yaml);
        } catch (IllegalArgumentException e) {
            throw unreadable(file, String.valueOf(e.getMessage()));
        }
    }

    /** Reads one source, so that a problem can name the source it came from. */
    private Future<JsonObject> read(ConfigStoreOptions store) {
        ConfigRetriever retriever = ConfigRetriever.create(
                vertx, new ConfigRetrieverOptions().setScanPeriod(-1).addStore(store));
        return retriever.getConfig().eventually(retriever::close);
    }

    private static ConfigException unreadable(Path file, String why) {
        List<ConfigProblem> problems = new ArrayList<>();
        problems.add(new ConfigProblem(
                file.toString(), null, null, why + "; correct it, or start with another one: --config FILE"));
        return new ConfigException(problems);
    }
}
