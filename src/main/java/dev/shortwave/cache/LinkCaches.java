package dev.shortwave.cache;

import dev.shortwave.bus.AnnounceChanges;
import dev.shortwave.bus.Bus;
import dev.shortwave.config.Config;
import dev.shortwave.link.LinkChanges;
import dev.shortwave.link.Target;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What this JVM knows of links, and the ways to it: one for all its verticles. Thread-safe. */
public final class LinkCaches {

    private final Config.Redis redis;
    private final Config.Cache config;
    private final RedisKeys keys;
    private final Trust trust;
    private final LocalLinks local;
    private final Searches searches = new Searches();
    private volatile @Nullable Answered redisAnswered;

    private record Answered(long at, long nanoseconds) {}

    /**
     * @param installation the name of the database whose links these are
     */
    public LinkCaches(Config.Redis redis, Config.Cache config, String installation) {
        this.redis = redis;
        this.config = config;
        this.keys = new RedisKeys(redis, installation);
        this.trust = redis.url() == null ? Trust.alone() : Trust.leased();
        this.local = new LocalLinks(config, trust);
    }

    /** Whether there is a Redis, and with it perhaps other JVMs. */
    public boolean areShared() {
        return redis.url() != null;
    }

    public LocalLinks local() {
        return local;
    }

    public Searches searches() {
        return searches;
    }

    public Trust trust() {
        return trust;
    }

    public RedisKeys keys() {
        return keys;
    }

    /** Redis has taken so long to answer, told several times in a lease; a negative number when the connection is lost. */
    public void redisAnswered(long nanoseconds) {
        redisAnswered = new Answered(System.nanoTime(), nanoseconds);
    }

    /**
     * How long Redis took to answer last; negative while it does not. Of one that says nothing that is known after the
     * length of a lease.
     */
    public long redisNanoseconds() {
        Answered last = redisAnswered;
        return last != null && System.nanoTime() - last.at() <= redis.lease().toNanos() ? last.nanoseconds() : -1;
    }

    /** A connection of its own to Redis for the calling verticle, or null if there is no Redis. */
    @Nullable
    RedisLinks redis(Vertx vertx, String purpose) {
        return areShared() ? new RedisLinks(vertx, redis, config, keys, purpose) : null;
    }

    /** For the calling HTTP verticle instance, on its event loop. Never fails: a Redis that is away may come back. */
    public Future<LinkFinder> openFinder(Vertx vertx, Bus bus) {
        RedisLinks links = redis(vertx, "redirects");
        LinkFinder finder = new LinkFinder(vertx, local, links, trust, bus, searches);
        return links == null ? Future.succeededFuture(finder) : links.open().map(finder);
    }

    /** For the calling verticle, on its event loop. Never fails: a Redis that is away may come back. */
    public Future<LinkInspector> openInspector(Vertx vertx, Bus bus) {
        RedisLinks links = redis(vertx, "looking at links");
        LinkInspector inspector = new LinkInspector(local, links, trust, bus);
        return links == null ? Future.succeededFuture(inspector) : links.open().map(inspector);
    }

    /** For the calling verticle, on its event loop. */
    public LinkChanges changes(Bus bus) {
        return new LinkChanges() {
            @Override
            public boolean areShared() {
                return LinkCaches.this.areShared();
            }

            @Override
            public Future<Void> announce(List<Target> changed) {
                local.put(changed);
                // Unanswered, as in a program without peers, the noted codes tell the others later.
                return changed.isEmpty() || !areShared()
                        ? Future.succeededFuture()
                        : bus.ask(new AnnounceChanges(changed)).<Void>mapEmpty().otherwiseEmpty();
            }
        };
    }
}
