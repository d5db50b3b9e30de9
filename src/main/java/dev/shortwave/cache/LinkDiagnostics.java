package dev.shortwave.cache;

import dev.shortwave.bus.Bus;
import dev.shortwave.bus.ResolveCodes;
import dev.shortwave.link.LinkTarget;
import io.vertx.core.Future;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a link wherever it may be, and changes nothing there: for people who ask why it is answered as it is. On the
 * event loop of its verticle.
 */
public final class LinkDiagnostics {

    private static final long TIMEOUT_SECONDS = 2;

    private final LocalLinkCache local;
    private final @Nullable RedisLinkCache redis;
    private final CacheLease lease;
    private final Bus bus;

    LinkDiagnostics(LocalLinkCache local, @Nullable RedisLinkCache redis, CacheLease trust, Bus bus) {
        this.local = local;
        this.redis = redis;
        this.lease = trust;
        this.bus = bus;
    }

    /**
     * What one place says of a code.
     *
     * @param target what it leads to, or null if the place says nothing
     * @param isCurrent whether that may be answered without asking further
     * @param reason in words
     */
    public record CacheLookup(@Nullable LinkTarget target, boolean isCurrent, String reason) {}

    /**
     * What all places say, and what a redirect makes of it.
     *
     * @param leaseValid whether this JVM hears of every change now
     * @param source where the answer comes from, or null if nobody knows one: that is a 503
     * @param target the answer, or null
     */
    public record Diagnosis(
            CacheLookup memory,
            CacheLookup redis,
            CacheLookup database,
            boolean leaseValid,
            LinkResolver.@Nullable Source source,
            @Nullable LinkTarget target) {}

    /** Never fails: who can't be asked says so. */
    public Future<Diagnosis> inspect(String code) {
        // Before the others are asked: what they say is not kept, but somebody else may ask the same meanwhile.
        CacheLookup memory = memory(code);
        boolean trusted = lease.isValid(System.nanoTime());
        return redis(code, trusted)
                .compose(inRedis -> database(code).map(row -> diagnose(memory, inRedis, row, trusted)));
    }

    /** As {@link LinkResolver} does it: who counts first, or else what is known at all. */
    private static Diagnosis diagnose(CacheLookup memory, CacheLookup redis, CacheLookup database, boolean trusted) {
        LinkResolver.Source source = null;
        LinkTarget target = null;
        if (memory.isCurrent()) {
            source = LinkResolver.Source.MEMORY;
            target = memory.target();
        } else if (redis.isCurrent()) {
            source = LinkResolver.Source.REDIS;
            target = redis.target();
        } else if (database.isCurrent()) {
            source = LinkResolver.Source.DATABASE;
            target = database.target();
        } else {
            target = newest(memory.target(), redis.target());
            source = target == null ? null : LinkResolver.Source.LAST_KNOWN;
        }
        return new Diagnosis(memory, redis, database, trusted, source, target);
    }

    /** That there was no such code is no last knowledge. */
    private static @Nullable LinkTarget newest(@Nullable LinkTarget one, @Nullable LinkTarget other) {
        LinkTarget first = one == null || one.state() == LinkTarget.State.UNKNOWN ? null : one;
        LinkTarget second = other == null || other.state() == LinkTarget.State.UNKNOWN ? null : other;
        if (first == null || second == null) {
            return first == null ? second : first;
        }
        return second.isNewerThan(first) ? second : first;
    }

    private CacheLookup memory(String code) {
        CacheEntry link = local.get(code);
        if (link == null) {
            return new CacheLookup(null, false, "nothing is there");
        }
        long now = System.nanoTime();
        long fresh = TimeUnit.NANOSECONDS.toSeconds(link.freshUntil() - now);
        String why;
        if (!lease.isValid(now)) {
            why = "does not count: this JVM holds no lease, so changes may be missed";
        } else if (link.epoch() != lease.epoch()) {
            why = "does not count: it was read before changes may have been missed";
        } else if (link.freshUntil() - now <= 0) {
            why = "does not count: it has been too old for " + -fresh + " s";
        } else {
            return new CacheLookup(link.target(), true, "counts for another " + fresh + " s");
        }
        return new CacheLookup(link.target(), false, why);
    }

    private Future<CacheLookup> redis(String code, boolean trusted) {
        if (redis == null) {
            return Future.succeededFuture(new CacheLookup(null, false, "there is no Redis"));
        }
        if (!redis.isReady()) {
            return Future.succeededFuture(new CacheLookup(null, false, "Redis is away"));
        }
        return redis.get(List.of(code))
                .map(found -> {
                    boolean counts = trusted && redis.isSameServer(lease);
                    LinkTarget target = found.get(code);
                    if (target == null) {
                        return new CacheLookup(null, false, "nothing is there");
                    }
                    return new CacheLookup(
                            target,
                            counts,
                            counts
                                    ? "counts"
                                    : "does not count: this JVM holds no lease over it, so changes may be missed");
                })
                .otherwise(failure -> new CacheLookup(null, false, "Redis did not answer: " + failure.getMessage()));
    }

    private Future<CacheLookup> database(String code) {
        return bus.request(new ResolveCodes(List.of(code)))
                .timeout(TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .map(targets -> targets.stream()
                        .findFirst()
                        .map(target -> new CacheLookup(
                                target,
                                true,
                                target.state() == LinkTarget.State.UNKNOWN ? "there is no row" : "is the truth"))
                        .orElseGet(() -> new CacheLookup(null, false, "said nothing")))
                .otherwise(
                        failure -> new CacheLookup(null, false, "PostgreSQL did not answer: " + failure.getMessage()));
    }

    /** Gives up the connection to Redis, if there is one. */
    public Future<Void> close() {
        return redis == null ? Future.succeededFuture() : redis.close();
    }
}
