package dev.shortwave.storage;

import dev.shortwave.bus.Addresses;
import dev.shortwave.bus.Bus;
import dev.shortwave.bus.PingStorage;
import dev.shortwave.bus.Request;
import dev.shortwave.cache.LinkCaches;
import dev.shortwave.config.Config;
import dev.shortwave.link.LinkCache;
import dev.shortwave.postgres.Database;
import dev.shortwave.postgres.PgFailures;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.sqlclient.Pool;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Answers every request about users, links and events from PostgreSQL. Owns the pool of the API; all of it on its own
 * event loop. Without PostgreSQL each answer is a 503 problem, and the pool finds back by itself.
 */
public final class UrlStorageVerticle extends VerticleBase {

    private final Database database;
    private final LinkCaches caches;
    private final Config config;
    private @Nullable Pool pool;
    private @Nullable LinkCache cache;

    public UrlStorageVerticle(Database database, LinkCaches caches, Config config) {
        this.database = database;
        this.caches = caches;
        this.config = config;
    }

    @Override
    public Future<?> start() {
        return caches.open().compose(opened -> {
            cache = opened;
            Pool made = database.pool(vertx, "api");
            pool = made;
            return serveAll(made, opened);
        });
    }

    private Future<Void> serveAll(Pool pool, LinkCache cache) {
        PgUsers users = new PgUsers(pool, cache);
        PgLinks links = new PgLinks(pool, cache, config.links());
        PgEvents events = new PgEvents(pool);
        Imports imports = new Imports(vertx, pool, cache, config.http().uploadStallTimeout());
        EventPartitions partitions = new EventPartitions(vertx, pool, config.events());

        serve(Addresses.USERS_LIST, users::list);
        serve(Addresses.USERS_FIND, users::find);
        serve(Addresses.USERS_CREATE, users::create);
        serve(Addresses.USERS_UPDATE, users::update);
        serve(Addresses.USERS_DELETE, users::delete);
        serve(Addresses.LINKS_LIST, links::list);
        serve(Addresses.LINKS_FIND, links::find);
        serve(Addresses.LINKS_CREATE, links::create);
        serve(Addresses.LINKS_UPDATE, links::update);
        serve(Addresses.LINKS_DELETE, links::delete);
        serve(Addresses.LINKS_RESOLVE, links::resolve);
        serve(Addresses.LINKS_STATS, links::stats);
        serve(Addresses.EVENTS_LIST, events::list);
        serve(Addresses.EVENTS_FIND, events::find);
        serve(Addresses.EVENTS_CREATE, events::create);
        serve(Addresses.IMPORTS_BEGIN, imports::begin);
        serve(Addresses.STORAGE_PING, (PingStorage request) -> ping(pool));
        return partitions.keep();
    }

    private static Future<Boolean> ping(Pool pool) {
        return pool.query("SELECT 1").execute().timeout(1, TimeUnit.SECONDS).map(true);
    }

    private <Q extends Request<R>, R> void serve(String address, Function<Q, Future<R>> handler) {
        Bus.serve(
                vertx.eventBus(), address, (Q request) -> handler.apply(request).recover(UrlStorageVerticle::failed));
    }

    private static <R> Future<R> failed(Throwable failure) {
        return Future.failedFuture(PgFailures.asProblem(failure));
    }

    @Override
    public Future<?> stop() {
        Future<Void> closed = pool == null ? Future.succeededFuture() : pool.close();
        return closed.eventually(() -> cache == null ? Future.succeededFuture() : cache.close());
    }
}
