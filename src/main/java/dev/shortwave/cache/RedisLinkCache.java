package dev.shortwave.cache;

import dev.shortwave.config.Config;
import dev.shortwave.link.LinkTarget;
import dev.shortwave.redis.ReconnectingRedisConnection;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The links in Redis, shared by all JVMs, as readers use them. One for each verticle instance, on its event loop. */
final class RedisLinkCache {

    /** One command must not hold up the others of the connection, or Redis itself, for long. */
    static final int MAX_BATCH = 500;

    private static final Duration WRITE_TIMEOUT = Duration.ofSeconds(1);

    private final ReconnectingRedisConnection session;
    private final RedisKeys keys;
    private final Config.Cache config;

    /** Connects on the calling event loop, after {@link #open}. */
    RedisLinkCache(Vertx vertx, Config.Redis redis, Config.Cache config, RedisKeys keys, String purpose) {
        this.keys = keys;
        this.config = config;
        this.session = new ReconnectingRedisConnection(vertx, redis, purpose);
    }

    /** Completes after the first attempt to connect, whatever it brought: the service starts without Redis too. */
    Future<Void> open() {
        return session.open();
    }

    boolean isReady() {
        return session.isReady();
    }

    /**
     * Whether this is the Redis over which this JVM holds its lease; if not, it is looked for again. For callers that hold
     * one.
     */
    boolean isSameServer(CacheLease trust) {
        boolean same = session.incarnation().equals(trust.incarnation());
        if (!same) {
            session.drop("it is not the one over which this JVM hears of changes");
        }
        return same;
    }

    /** Of the connection; see {@link ReconnectingRedisConnection#generation}. */
    int generation() {
        return session.generation();
    }

    /** What is there of at most {@link #MOST_AT_ONCE} codes; what isn't, or isn't readable, is left out. */
    Future<Map<String, LinkTarget>> get(List<String> codes) {
        Request request = Request.cmd(Command.MGET);
        codes.forEach(code -> request.arg(keys.link(session.incarnation(), code)));
        return session.send(request).map(answer -> {
            Map<String, LinkTarget> found = new HashMap<>();
            for (int at = 0; answer != null && at < codes.size(); at++) {
                LinkTarget target = decode(codes.get(at), answer.get(at));
                if (target != null) {
                    found.put(target.code(), target);
                }
            }
            return found;
        });
    }

    private static @Nullable LinkTarget decode(String code, @Nullable Response value) {
        return value == null ? null : LinkTargetCodec.decode(code, value.toString(StandardCharsets.UTF_8));
    }

    /**
     * Keeps what was read from PostgreSQL, at most {@link #MOST_AT_ONCE} of them, if it is newer than what is there. Fails
     * if Redis is away: what was read is forgotten then, by the time it is back it may be old.
     *
     * @param generation of the connection when the reading began
     */
    Future<Void> fill(List<LinkTarget> targets, int generation) {
        if (targets.isEmpty()) {
            return Future.succeededFuture();
        }
        if (!session.isReady() || session.generation() != generation) {
            return Future.failedFuture("Redis is away");
        }
        return session.sendNow(
                        new CompareAndSetScript(keys, config).request(session.incarnation(), targets), WRITE_TIMEOUT)
                .mapEmpty();
    }

    Future<Void> close() {
        return session.close();
    }
}
