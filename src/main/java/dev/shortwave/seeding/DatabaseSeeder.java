package dev.shortwave.seeding;

import dev.shortwave.bus.Bus;
import dev.shortwave.bus.Codecs;
import dev.shortwave.bus.FinishImport;
import dev.shortwave.cache.LinkCache;
import dev.shortwave.config.Config;
import dev.shortwave.config.ConfigLoader;
import dev.shortwave.postgres.Database;
import dev.shortwave.postgres.migration.Migrations;
import dev.shortwave.storage.UrlStorageVerticle;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** Loads into a database without a service: its schema, the storage verticle, and nothing else. Blocking. */
final class DatabaseSeeder {

    private static final Duration TIMEOUT = Duration.ofMinutes(30);

    private final Path home;
    private final Path configFile;
    private final String databaseUrl;

    DatabaseSeeder(Path home, @Nullable String configFile, String databaseUrl) {
        this.home = home;
        this.configFile = configFile == null ? home.resolve("conf/shortwave.yaml") : Path.of(configFile);
        this.databaseUrl = databaseUrl;
    }

    /** Fails as {@link SeedFolder#load} does. */
    void load(Path folder) {
        Vertx vertx = Vertx.vertx();
        Map<String, Progress> fileToProgress = new HashMap<>();
        try {
            FinishImport.Imported imported = await(config(vertx).compose(config -> {
                Codecs.registerAll(vertx.eventBus());
                Bus bus = new Bus(vertx.eventBus(), TIMEOUT, Integer.MAX_VALUE);
                return new Migrations(config.database())
                        .run(vertx)
                        .compose(installation -> vertx.deployVerticle(new UrlStorageVerticle(
                                new Database(config.database()),
                                new LinkCache(config.redis(), config.cache(), installation),
                                config)))
                        .compose(deployed -> new SeedFolder(
                                        vertx,
                                        bus,
                                        folder,
                                        (file, bytes) -> fileToProgress
                                                .computeIfAbsent(file, name -> new Progress(folder.resolve(name)))
                                                .at(bytes))
                                .load());
            }));
            System.out.println(imported.rows() + " rows, " + imported.changed() + " of them new or changed");
        } finally {
            await(vertx.close());
        }
    }

    private Future<Config> config(Vertx vertx) {
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.put("DATABASE_URL", databaseUrl);
        environment.put("SHORTWAVE_DATABASE_URL", databaseUrl);
        return new ConfigLoader(vertx).load(configFile, home, environment, Map.of());
    }

    private static <T> T await(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException failure ? failure : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
