package dev.shortwave.cache;

import dev.shortwave.config.Config;
import dev.shortwave.link.LinkTarget;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** Writes links to Redis, each only if it is newer than what is there, in one atomic script. */
public final class CompareAndSetScript {

    /** Longer than the slowest reader takes, so that none brings a deleted link back. */
    private static final Duration TOMBSTONE_TTL = Duration.ofMinutes(5);

    /**
     * Lua: a function that sets a key to a value if that is newer; the order is that of {@link LinkTarget#isNewerThan}.
     * Times to live in milliseconds: for links, for codes that never were, and for deleted ones.
     */
    private static final String FUNCTION = """
            local function set_if_newer(key, value, ttl, unknown_ttl, tombstone_ttl)
              local version, state = string.match(value, '^(%d+) (%u)')
              version = tonumber(version)
              local there = redis.call('GET', key)
              if there then
                local held, held_state = string.match(there, '^(%d+) (%u)')
                held = tonumber(held) or -1
                if version < held or version == held and not (state == 'U' and held_state ~= 'U') then
                  return
                end
              end
              if state == 'U' then
                ttl = version == 0 and unknown_ttl or tombstone_ttl
              end
              -- A full Redis takes nothing new, but must not keep what is old.
              local set = redis.pcall('SET', key, value, 'PX', ttl)
              if type(set) == 'table' and set.err then
                redis.call('DEL', key)
              end
            end
            for i = 1, #KEYS do
              set_if_newer(KEYS[i], ARGV[i + 3], ARGV[1], ARGV[2], ARGV[3])
            end
            """;

    private final RedisKeys keys;
    private final Config.Cache config;

    public CompareAndSetScript(RedisKeys keys, Config.Cache config) {
        this.keys = keys;
        this.config = config;
    }

    /** Sets them and answers how many were looked at. */
    Request request(String life, List<LinkTarget> targets) {
        return request(life, targets, "return #KEYS", List.of());
    }

    /**
     * Sets them, and goes on in the same script.
     *
     * @param life of the Redis
     * @param then more Lua; its arguments are the last of {@code ARGV}
     */
    public Request request(String life, List<LinkTarget> targets, String then, List<String> arguments) {
        Request request = Request.cmd(Command.EVAL).arg(FUNCTION + then).arg(targets.size());
        targets.forEach(target -> request.arg(keys.link(life, target.code())));
        Stream.of(config.ttl(), config.negativeTtl(), TOMBSTONE_TTL).forEach(time -> request.arg(time.toMillis()));
        targets.forEach(target -> request.arg(LinkTargetCodec.encode(target)));
        arguments.forEach(request::arg);
        return request;
    }
}
