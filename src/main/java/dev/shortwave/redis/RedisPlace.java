package dev.shortwave.redis;

import dev.shortwave.config.Config;
import io.vertx.redis.client.RedisClientType;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.RedisRole;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

/** Where Redis is to be looked for: at the URL, or wherever Sentinels say that the master is. */
final class RedisPlace {

    private final URI url;
    private final List<String> sentinels;

    RedisPlace(Config.Redis config) {
        this.url = Objects.requireNonNull(config.url());
        this.sentinels = config.sentinels();
    }

    boolean isNamedBySentinels() {
        return !sentinels.isEmpty();
    }

    /**
     * For one attempt to connect. Each begins with another Sentinel: one that is cut off may leave no time for the next.
     *
     * @param attempt grows with each of them
     */
    RedisOptions options(int attempt) {
        if (!isNamedBySentinels()) {
            return new RedisOptions().setConnectionString(url.toString());
        }
        RedisOptions options = new RedisOptions()
                .setType(RedisClientType.SENTINEL)
                .setMasterName(url.getHost())
                .setRole(RedisRole.MASTER);
        List<String> order = new ArrayList<>(sentinels);
        Collections.rotate(order, -Math.floorMod(attempt, order.size()));
        order.forEach(sentinel -> options.addConnectionString(at(sentinel)));
        return options;
    }

    private String at(String sentinel) {
        String login = url.getRawUserInfo() == null ? "" : url.getRawUserInfo() + "@";
        String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
        return url.getScheme() + "://" + login + sentinel + url.getRawPath() + query;
    }
}
