package dev.shortwave.cache;

import dev.shortwave.config.Config;
import dev.shortwave.link.LinkCache;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import org.jspecify.annotations.Nullable;

/** Gives each verticle instance its cache: a connection of its own to Redis, or the one cache of this process. */
public final class LinkCaches {

    private final Vertx vertx;
    private final Config.Redis redis;
    private final Config.Cache config;
    private final String installation;
    private final @Nullable LocalLinkCache local;

    /**
     * @param installation the name of the database whose links these are: two databases may share one Redis
     */
    public LinkCaches(Vertx vertx, Config.Redis redis, Config.Cache config, String installation) {
        this.installation = installation;
        this.vertx = vertx;
        this.redis = redis;
        this.config = config;
        this.local = redis.url() == null ? new LocalLinkCache(config) : null;
    }

    /** For the calling verticle, on its event loop. Never fails: a Redis that is away is one that may come back. */
    public Future<LinkCache> open() {
        if (local != null) {
            return Future.succeededFuture(local);
        }
        RedisLinkCache cache = new RedisLinkCache(vertx, redis, config, installation);
        return cache.open().map(cache);
    }
}
