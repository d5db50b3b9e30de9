package dev.shortwave.redis;

import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What tells a Redis from every other one, and from itself before it restarted or lost its office.
 *
 * @param server changes when it restarts
 * @param incarnation changes when what it holds may have become older
 * @param fencingDelay how long an earlier master may go on taking writes after this one was recognised
 * @param uptime how long it has run at least, zero where that says nothing
 */
record RedisServerId(String server, String incarnation, Duration fencingDelay, Duration uptime) {

    private static final String NONE = "";

    /** A replica is cut off so long after its last sign, and Redis looks once a second at clocks that show seconds. */
    private static final Duration ROUNDING = Duration.ofSeconds(2);

    /** Of a server that has no successor: only a restart changes what it holds. */
    static RedisServerId ofStandalone(String info) {
        String server = field(info, "run_id");
        long seconds = number(info, "uptime_in_seconds");
        return new RedisServerId(server, server, Duration.ZERO, Duration.ofSeconds(Math.max(0, seconds - 1)));
    }

    /**
     * Of a master that Sentinels or a cluster may replace. One that was demoted and promoted again has the run id of
     * before and older data, so the id of its replication belongs to its life: each promotion makes a new one.
     *
     * @param limits answer to {@code CONFIG GET min-replicas-*}
     * @throws IllegalStateException if it is no master, or one beside which another one could take writes
     */
    static RedisServerId ofMaster(String info, @Nullable Response limits) {
        if (!field(info, "role").equals("master")) {
            throw new IllegalStateException("it is no master any more");
        }
        long needed = limit(limits, "min-replicas-to-write");
        long lag = limit(limits, "min-replicas-max-lag");
        long replicas = number(info, "connected_slaves");
        if (needed < 1 || lag < 1 || replicas > 2 * needed) {
            throw new IllegalStateException("it would take writes beside another master: with " + replicas
                    + " replicas, min-replicas-to-write must be at least " + Math.max(1, (replicas + 1) / 2)
                    + " and min-replicas-max-lag at least 1");
        }
        if (number(info, "min_slaves_good_slaves") < needed) {
            throw new IllegalStateException("it has too few replicas to take writes");
        }
        String server = field(info, "run_id");
        return new RedisServerId(
                server,
                server + "." + field(info, "master_replid"),
                Duration.ofSeconds(lag).plus(ROUNDING),
                Duration.ZERO);
    }

    static boolean isClusterNode(String info) {
        return field(info, "redis_mode").equals("cluster");
    }

    private static long limit(@Nullable Response limits, String name) {
        Response value = limits == null ? null : limits.get(name);
        return value == null ? 0 : value.toLong();
    }

    private static long number(String info, String name) {
        String text = field(info, name);
        return text.matches("\\d{1,12}") ? Long.parseLong(text) : 0;
    }

    private static String field(String info, String name) {
        Matcher found = Pattern.compile("(?m)^" + name + ":(\\w{1,64})").matcher(info);
        return found.find() ? found.group(1) : NONE;
    }
}
