package dev.shortwave.cache;

import dev.shortwave.config.Config;

/**
 * The names in Redis. All begin with the configured prefix and the name of the database, so that two services may share a
 * Redis.
 */
public final class RedisKeys {

    private final String prefix;

    /**
     * @param installation the name of the database whose links these are
     */
    public RedisKeys(Config.Redis config, String installation) {
        this.prefix = config.keyPrefix() + installation + ":";
    }

    /**
     * A link. A Redis that comes back with older data has another life, and what it brought is not seen.
     *
     * @param life of {@link dev.shortwave.redis.ReconnectingRedisConnection#life}
     */
    String link(String life, String code) {
        return prefix + life + ":" + code;
    }

    /** The JVMs of the service: a sorted set of their ids by the end of their leases, in Redis's milliseconds. */
    public String members() {
        return prefix + "~peers";
    }

    /** A key that never is. */
    public String placeholder() {
        return prefix + "~nothing";
    }

    /** The channel on which all JVMs listen. */
    public String broadcastChannel() {
        return prefix + "~all";
    }

    /** The channel on which only this JVM listens. */
    public String channel(String id) {
        return prefix + "~peer:" + id;
    }
}
