package dev.shortwave.cache;

import dev.shortwave.config.Config;
import dev.shortwave.link.LinkCache;
import dev.shortwave.link.Target;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Links in Redis, shared by all JVMs. One for each verticle instance, on its event loop. What could not be written while
 * Redis was away is written before anything is read from it again.
 */
public final class RedisLinkCache implements LinkCache {

    private static final Logger LOG = LoggerFactory.getLogger(RedisLinkCache.class);

    /** Sets each key to its value only if the version in front of it is higher than the one that is there. */
    private static final String SET_IF_NEWER = """
            for i = 1, #KEYS do
              local value = ARGV[i + 2]
              local there = redis.call('GET', KEYS[i])
              local held = there and tonumber(string.match(there, '^%d+')) or -1
              if tonumber(string.match(value, '^%d+')) > held then
                local unknown = string.match(value, '^%d+ U')
                redis.call('SET', KEYS[i], value, 'PX', unknown and ARGV[2] or ARGV[1])
              end
            end
            return #KEYS""";

    private static final int KEYS_IN_ONE_CALL = 500;

    /** Changes remembered while Redis is away; far more than a service takes during an outage that nobody mends. */
    private static final int MOST_MISSED = 200_000;

    private static final Duration PATIENCE_FOR_WRITES = Duration.ofSeconds(1);

    private final RedisSession session;
    private final String keyPrefix;
    private final Config.Cache cacheConfig;
    private final Map<String, Target> missed = new LinkedHashMap<>();

    /** Connects on the calling event loop. */
    public RedisLinkCache(Vertx vertx, Config.Redis config, Config.Cache cacheConfig, String installation) {
        this.keyPrefix = config.keyPrefix() + installation + ":";
        this.cacheConfig = cacheConfig;
        this.session = new RedisSession(
                vertx,
                new RedisOptions()
                        .setConnectionString(
                                Objects.requireNonNull(config.url()).toString()),
                config.timeout(),
                connected -> writeMissed());
    }

    /** Connects; completes after the first attempt, whatever it brought: the service starts without Redis too. */
    public Future<Void> open() {
        return session.open();
    }

    @Override
    public Future<@Nullable Target> get(String code) {
        return session.send(Request.cmd(Command.GET).arg(key(code)))
                .map(answer ->
                        answer == null ? null : TargetCodec.decode(code, answer.toString(StandardCharsets.UTF_8)))
                .otherwise((Target) null);
    }

    @Override
    public Future<Void> put(List<Target> targets) {
        if (targets.isEmpty()) {
            return Future.succeededFuture();
        }
        if (!session.isReady()) {
            remember(targets);
            return Future.succeededFuture();
        }
        return write(targets).recover(failure -> {
            remember(targets);
            return Future.succeededFuture();
        });
    }

    @Override
    public Future<Void> fill(Target target) {
        return session.isReady() ? write(List.of(target)).otherwiseEmpty() : Future.succeededFuture();
    }

    /** One call after the other: a large import must not fill the connection that redirects read from. */
    private Future<Void> write(List<Target> targets) {
        Future<Void> written = Future.succeededFuture();
        for (int from = 0; from < targets.size(); from += KEYS_IN_ONE_CALL) {
            List<Target> part = targets.subList(from, Math.min(targets.size(), from + KEYS_IN_ONE_CALL));
            written = written.compose(done -> session.sendNow(setIfNewer(part), PATIENCE_FOR_WRITES))
                    .mapEmpty();
        }
        return written;
    }

    private Request setIfNewer(List<Target> targets) {
        Request request = Request.cmd(Command.EVAL).arg(SET_IF_NEWER).arg(targets.size());
        targets.forEach(target -> request.arg(key(target.code())));
        request.arg(cacheConfig.ttl().toMillis()).arg(cacheConfig.negativeTtl().toMillis());
        targets.forEach(target -> request.arg(TargetCodec.encode(target)));
        return request;
    }

    private void remember(List<Target> targets) {
        for (Target target : targets) {
            missed.merge(
                    target.code(), target, (there, offered) -> offered.version() > there.version() ? offered : there);
        }
        if (missed.size() > MOST_MISSED) {
            LOG.error(
                    "More than {} changes could not be written to Redis; the oldest may be served stale for up to {}",
                    MOST_MISSED,
                    cacheConfig.ttl());
            var oldest = missed.keySet().iterator();
            while (missed.size() > MOST_MISSED) {
                oldest.next();
                oldest.remove();
            }
        }
    }

    private Future<?> writeMissed() {
        if (missed.isEmpty()) {
            return session.sendNow(Request.cmd(Command.PING), PATIENCE_FOR_WRITES);
        }
        List<Target> targets = new ArrayList<>(missed.values());
        return write(targets).onSuccess(written -> targets.forEach(target -> missed.remove(target.code(), target)));
    }

    private String key(String code) {
        return keyPrefix + code;
    }

    @Override
    public String state() {
        return session.isReady() ? "ok" : "unavailable";
    }

    @Override
    public Future<Void> close() {
        return session.close();
    }
}
