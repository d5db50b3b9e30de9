package dev.shortwave.redis;

import dev.shortwave.config.Config;
import dev.shortwave.config.UrlAuthority;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.HostAndPort;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisClientType;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.RedisRole;
import io.vertx.redis.client.RedisSentinelConnectOptions;
import io.vertx.redis.client.RedisStandaloneConnectOptions;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Where Redis is to be looked for: at the URL, or wherever Sentinels say that the master is. */
final class RedisEndpoints {

    /** One for all: the name is a label of metrics, and Vert.x's own would be a new one for each attempt to connect. */
    private static final String POOL_NAME = "redis";

    private static final int DEFAULT_PORT = 6379;

    private final URI url;
    private final List<String> sentinels;
    private final @Nullable ClientSSLOptions tls;

    RedisEndpoints(Config.Redis config) {
        this.url = Objects.requireNonNull(config.url());
        this.sentinels = config.sentinels();
        this.tls = config.tls();
    }

    boolean isSecure() {
        return tls != null;
    }

    boolean usesSentinels() {
        return !sentinels.isEmpty();
    }

    /**
     * A client for one attempt to connect. Each begins with another Sentinel: one that is cut off may leave no time for the
     * next.
     *
     * @param attempt grows with each of them
     */
    Redis createClient(Vertx vertx, int attempt) {
        RedisOptions options = options(attempt).setPoolName(POOL_NAME);
        List<URI> endpoints = options.getEndpoints().stream().map(URI::create).toList();
        if (endpoints.stream().allMatch(endpoint -> endpoint.getHost() != null)) {
            return Redis.createClient(vertx, options);
        }
        // The client refuses names with an underscore, but takes the addresses of their hosts.
        return usesSentinels()
                ? Redis.createSentinelClient(
                        vertx,
                        options,
                        () -> resolve(vertx, endpoints)
                                .map(resolved -> new RedisSentinelConnectOptions(copy(options, resolved))))
                : Redis.createStandaloneClient(
                        vertx,
                        options,
                        () -> resolve(vertx, endpoints)
                                .map(resolved -> new RedisStandaloneConnectOptions(copy(options, resolved))));
    }

    private static RedisOptions copy(RedisOptions options, List<String> endpoints) {
        return new RedisOptions(options).setEndpoints(endpoints);
    }

    /** Those of the URLs whose hosts have an address, with that in their place. Fails if none has. */
    private Future<List<String>> resolve(Vertx vertx, List<URI> endpoints) {
        List<Future<String>> addresses =
                endpoints.stream().map(endpoint -> resolve(vertx, endpoint)).toList();
        return Future.join(addresses).transform(all -> {
            List<String> resolved = new ArrayList<>();
            addresses.stream().filter(Future::succeeded).map(Future::result).forEach(resolved::add);
            return resolved.isEmpty() ? Future.failedFuture(all.cause()) : Future.succeededFuture(resolved);
        });
    }

    private RedisOptions options(int attempt) {
        if (!usesSentinels()) {
            return options().setConnectionString(url.toString());
        }
        RedisOptions options = options()
                .setType(RedisClientType.SENTINEL)
                .setMasterName(UrlAuthority.host(url))
                .setRole(RedisRole.MASTER);
        List<String> order = new ArrayList<>(sentinels);
        Collections.rotate(order, -Math.floorMod(attempt, order.size()));
        order.forEach(sentinel -> options.addConnectionString(at(sentinel)));
        return options;
    }

    /** The client upgrades a connection to TLS only if it was made for it, with a way to look at the server's name. */
    private RedisOptions options() {
        RedisOptions options = new RedisOptions();
        if (tls != null) {
            options.getNetClientOptions()
                    .setSsl(true)
                    .setTrustOptions(tls.getTrustOptions())
                    .setHostnameVerificationAlgorithm(tls.getHostnameVerificationAlgorithm())
                    .setKeyCertOptions(tls.getKeyCertOptions());
        }
        return options;
    }

    /** The URL with the address of its host. */
    private Future<String> resolve(Vertx vertx, URI endpoint) {
        HostAndPort place = Objects.requireNonNull(UrlAuthority.of(endpoint));
        return ((VertxInternal) vertx).nameResolver().resolve(place.host()).map(address -> {
            int port = place.port() < 0 ? DEFAULT_PORT : place.port();
            return at(literal(address) + ":" + port);
        });
    }

    private static String literal(InetAddress address) {
        return address instanceof Inet6Address ? "[" + address.getHostAddress() + "]" : address.getHostAddress();
    }

    private String at(String place) {
        String authority = url.getRawAuthority();
        String login = authority.substring(0, authority.lastIndexOf('@') + 1);
        String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
        return url.getScheme() + "://" + login + place + url.getRawPath() + query;
    }
}
