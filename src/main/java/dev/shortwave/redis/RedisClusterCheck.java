package dev.shortwave.redis;

import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.util.regex.Pattern;

/** A node of Redis Cluster, which the service can use if it has all keys: scripts and reads take several at once. */
final class RedisClusterCheck {

    /** What a cluster takes instead of the whole name of a key, to choose the slot. */
    private static final Pattern HASH_TAG = Pattern.compile("[^{]*\\{[^}]+}.*");

    private RedisClusterCheck() {}

    /**
     * What such a node refuses if the slot of all keys is elsewhere, or on its way there, or nowhere: whether there is a
     * key that never is.
     *
     * @throws IllegalStateException if keys with this prefix are in many slots
     */
    static Request hasAllKeys(String keyPrefix) {
        if (!HASH_TAG.matcher(keyPrefix).matches()) {
            throw new IllegalStateException(
                    "it is a node of a cluster: redis.key-prefix must have a hash tag, such as {shortwave}:1:");
        }
        return Request.cmd(Command.EXISTS).arg(keyPrefix);
    }
}
