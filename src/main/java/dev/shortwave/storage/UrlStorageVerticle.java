package dev.shortwave.storage;

import dev.shortwave.bus.Addresses;
import dev.shortwave.bus.Bus;
import dev.shortwave.bus.CheckStorage;
import dev.shortwave.bus.PingStorage;
import dev.shortwave.bus.Request;
import dev.shortwave.cache.LinkCache;
import dev.shortwave.config.Config;
import dev.shortwave.link.Destinations;
import dev.shortwave.link.LinkInvalidations;
import dev.shortwave.postgres.Database;
import dev.shortwave.postgres.PgFailures;
import dev.shortwave.postgres.ReconnectingPool;
import dev.shortwave.runtime.InFlight;
import dev.shortwave.runtime.Load;
import dev.shortwave.runtime.Scalable;
import dev.shortwave.storage.imports.Imports;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlClient;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Handles all requests for users, links and events with PostgreSQL. Owns the pool of the API, on its own event loop. Without
 * PostgreSQL each reply is a 503 problem, and the pool reconnects. Vert.x closes it with the verticle.
 */
public final class UrlStorageVerticle extends VerticleBase implements Scalable {

    /** Redirects look up many codes at once, and must not wait behind the writes of the API. */
    private static final int LOOKUP_CONNECTIONS = 2;

    /** An import of links may have many invalidations to publish. */
    private static final Duration CLUSTER_TIMEOUT = Duration.ofMinutes(5);

    private static final int MAX_IN_FLIGHT = 10_000;

    private final Database database;
    private final LinkCache caches;
    private final Config config;
    private final List<MessageConsumer<?>> consumers = new ArrayList<>();
    private final InFlight inFlight = new InFlight();

    public UrlStorageVerticle(Database database, LinkCache caches, Config config) {
        this.database = database;
        this.caches = caches;
        this.config = config;
    }

    @Override
    public Future<?> start() {
        Pool api = database.pool(vertx, "api");
        SqlClient redirects = database.pipelined(vertx, "look-ups", LOOKUP_CONNECTIONS);
        ReplicaReads lists = new ReplicaReads(
                vertx,
                api,
                config.database().replica() == null
                        ? null
                        : new ReconnectingPool(() -> database.replicaPool(vertx, "lists"), database.responseTimeout()),
                config.database().statementTimeout(),
                config.database().transactionPooling());
        return serveAll(
                api, redirects, lists, caches.changes(new Bus(vertx.eventBus(), CLUSTER_TIMEOUT, MAX_IN_FLIGHT)));
    }

    private Future<Void> serveAll(Pool pool, SqlClient lookups, ReplicaReads lists, LinkInvalidations changes) {
        UserRepository users = new UserRepository(pool, lists, changes);
        LinkRepository links = new LinkRepository(pool, lookups, lists, changes, config.links());
        StatsRepository stats = new StatsRepository(pool);
        EventRepository events = new EventRepository(pool, lists);
        Imports imports = new Imports(
                vertx,
                pool,
                changes,
                new Destinations(config.http().serviceHosts(), config.links().maxUrlLength()),
                config.http().uploadTimeout(),
                inFlight);
        EventPartitions partitions = new EventPartitions(vertx, pool, config.events(), Clock.systemUTC());

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
        serve(Addresses.LINKS_STATS, stats::find);
        serve(Addresses.EVENTS_LIST, events::list);
        serve(Addresses.EVENTS_FIND, events::find);
        serve(Addresses.EVENTS_CREATE, events::create);
        serve(Addresses.IMPORTS_BEGIN, imports::begin);
        StorageCheck check = new StorageCheck(database, pool, lookups, lists);
        // Its failure is not mapped to a problem: the start fails with it.
        consumers.add(Bus.serve(vertx.eventBus(), Addresses.STORAGE_CHECK, (CheckStorage request) -> check.run()));
        serve(Addresses.STORAGE_PING, (PingStorage request) -> ping(pool));
        return partitions.start().compose(maintained -> new RetiredCodes(vertx, pool, config.links()).start());
    }

    private static Future<Instant> ping(Pool pool) {
        return pool.query("SELECT clock_timestamp()")
                .execute()
                .timeout(1, TimeUnit.SECONDS)
                .map(rows -> rows.iterator().next().getOffsetDateTime(0).toInstant());
    }

    private <Q extends Request<R>, R> void serve(String address, Function<Q, Future<R>> handler) {
        consumers.add(Bus.serve(vertx.eventBus(), address, (Q request) -> {
            Future<R> answer = handler.apply(request);
            inFlight.begin();
            return answer.recover(UrlStorageVerticle::failed).onComplete(any -> inFlight.end());
        }));
    }

    private static <R> Future<R> failed(Throwable failure) {
        return Future.failedFuture(PgFailures.asProblem(failure));
    }

    @Override
    public Load load() {
        return new Load(0, inFlight.count());
    }

    /** The bus sends new requests to the other instances; running imports complete. */
    @Override
    public Future<Void> drain() {
        return Future.join(consumers.stream().map(MessageConsumer::unregister).toList())
                .compose(unregistered -> inFlight.whenIdle());
    }
}
