package dev.shortwave.cache;

import dev.shortwave.bus.Bus;
import dev.shortwave.bus.PublishInvalidations;
import dev.shortwave.config.Config;
import dev.shortwave.link.LinkInvalidations;
import dev.shortwave.link.LinkTarget;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What this JVM knows of links, and the ways to it: one for all its verticles. Thread-safe. */
public final class LinkCache {

    private final Config.Redis redis;
    private final Config.Cache config;
    private final RedisKeys keys;
    private final CacheLease lease;
    private final LocalLinkCache local;
    private final Lookups lookups = new Lookups();
    private volatile @Nullable RedisResponse lastRedisResponse;

    private record RedisResponse(long at, long nanoseconds) {}

    /**
     * @param installation the name of the database whose links these are
     */
    public LinkCache(Config.Redis redis, Config.Cache config, String installation) {
        this.redis = redis;
        this.config = config;
        this.keys = new RedisKeys(redis, installation);
        this.lease = redis.url() == null ? CacheLease.unshared() : CacheLease.leased();
        this.local = new LocalLinkCache(config, lease);
    }

    /** Whether there is a Redis, and with it perhaps other JVMs. */
    public boolean areShared() {
        return redis.url() != null;
    }

    public LocalLinkCache local() {
        return local;
    }

    public Lookups lookups() {
        return lookups;
    }

    public CacheLease lease() {
        return lease;
    }

    public RedisKeys keys() {
        return keys;
    }

    /** Redis has taken so long to answer, told several times in a lease; a negative number when the connection is lost. */
    public void recordRedisResponse(long nanoseconds) {
        lastRedisResponse = new RedisResponse(System.nanoTime(), nanoseconds);
    }

    /**
     * How long Redis took to answer last; negative while it does not. Of one that says nothing that is known after the
     * length of a lease.
     */
    public long redisNanoseconds() {
        RedisResponse last = lastRedisResponse;
        return last != null
                        && System.nanoTime() - last.at()
                                <= redis.leaseDuration().toNanos()
                ? last.nanoseconds()
                : -1;
    }

    /** A connection of its own to Redis for the calling verticle, or null if there is no Redis. */
    @Nullable
    RedisLinkCache redis(Vertx vertx, String purpose) {
        return areShared() ? new RedisLinkCache(vertx, redis, config, keys, purpose) : null;
    }

    /** For the calling HTTP verticle instance, on its event loop. Never fails: a Redis that is away may come back. */
    public Future<LinkResolver> openResolver(Vertx vertx, Bus bus) {
        RedisLinkCache links = redis(vertx, "redirects");
        LinkResolver finder = new LinkResolver(vertx, local, links, lease, bus, lookups);
        return links == null ? Future.succeededFuture(finder) : links.open().map(finder);
    }

    /** For the calling verticle, on its event loop. Never fails: a Redis that is away may come back. */
    public Future<LinkDiagnostics> openDiagnostics(Vertx vertx, Bus bus) {
        RedisLinkCache links = redis(vertx, "looking at links");
        LinkDiagnostics inspector = new LinkDiagnostics(local, links, lease, bus);
        return links == null ? Future.succeededFuture(inspector) : links.open().map(inspector);
    }

    /** For the calling verticle, on its event loop. */
    public LinkInvalidations changes(Bus bus) {
        return new LinkInvalidations() {
            @Override
            public boolean areShared() {
                return LinkCache.this.areShared();
            }

            @Override
            public Future<Void> publish(List<LinkTarget> changed) {
                local.put(changed);
                // Unanswered, as in a program without peers, the noted codes tell the others later.
                return changed.isEmpty() || !areShared()
                        ? Future.succeededFuture()
                        : bus.request(new PublishInvalidations(changed))
                                .<Void>mapEmpty()
                                .otherwiseEmpty();
            }
        };
    }
}
