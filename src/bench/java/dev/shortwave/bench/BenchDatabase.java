package dev.shortwave.bench;

import dev.shortwave.ServiceLauncher;
import dev.shortwave.config.Config;
import dev.shortwave.postgres.Database;
import dev.shortwave.postgres.embedded.EmbeddedDatabase;
import dev.shortwave.postgres.migration.Migrations;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** An embedded PostgreSQL in a new folder, with the schema, as the service has it; all is gone at the end. Blocking. */
final class BenchDatabase implements AutoCloseable {

    private final Path home = Path.of("").toAbsolutePath();
    private final Vertx vertx;
    private final Path folder;
    private final EmbeddedDatabase embedded;
    private final String url;
    private final String installation;
    private final Pool pool;

    BenchDatabase(Vertx vertx) throws IOException {
        this.vertx = vertx;
        folder = Files.createTempDirectory("shortwave-bench");
        Config config =
                load(Map.of("embedded.directory", folder.resolve("postgres").toString(), "embedded.port", "0"));
        embedded = new EmbeddedDatabase(config.embedded());
        PgConnectOptions server = join(embedded.start(vertx));
        url = "postgresql://" + server.getUser() + ":" + server.getPassword() + "@" + server.getHost() + ":"
                + server.getPort() + "/" + server.getDatabase();
        Config.Database settings = config(Map.of()).database();
        installation = join(new Migrations(settings).run(vertx));
        pool = new Database(settings).pool(vertx, "bench", 1);
    }

    /** The configuration of this project for this database, with some settings changed. */
    Config config(Map<String, String> changes) {
        Map<String, String> settings = new HashMap<>(changes);
        settings.put("database.url", url);
        settings.put("clicks.directory", folder.resolve("clicks").toString());
        // What generates the data of a bench takes its time.
        settings.put("database.statement-timeout", "30m");
        return load(settings);
    }

    private Config load(Map<String, String> settings) {
        Map<String, String> properties = new HashMap<>();
        settings.forEach((key, value) -> properties.put("shortwave." + key, value));
        return ServiceLauncher.readConfig(
                loader -> loader.load(home.resolve("conf/shortwave.yaml"), home, Map.of(), properties));
    }

    /** The name of this database. */
    String installation() {
        return installation;
    }

    /** A connection of its own. */
    Pool pool() {
        return pool;
    }

    /** The one number that a statement gives, or 0. */
    long number(String sql) throws IOException {
        long number = 0;
        for (Row row : join(pool.query(sql).execute())) {
            number = row.getLong(0);
        }
        return number;
    }

    static <T> T join(Future<T> future) throws IOException {
        try {
            return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.MINUTES);
        } catch (Exception e) {
            throw new IOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        join(pool.close());
        join(embedded.stop(vertx));
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, IOException failure) throws IOException {
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
