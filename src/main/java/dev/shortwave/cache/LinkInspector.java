package dev.shortwave.cache;

import dev.shortwave.bus.Bus;
import dev.shortwave.bus.ResolveCodes;
import dev.shortwave.link.Target;
import io.vertx.core.Future;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a link wherever it may be, and changes nothing there: for people who ask why it is answered as it is. On the
 * event loop of its verticle.
 */
public final class LinkInspector {

    private static final long PATIENCE_SECONDS = 2;

    private final LocalLinks local;
    private final @Nullable RedisLinks redis;
    private final Trust trust;
    private final Bus bus;

    LinkInspector(LocalLinks local, @Nullable RedisLinks redis, Trust trust, Bus bus) {
        this.local = local;
        this.redis = redis;
        this.trust = trust;
        this.bus = bus;
    }

    /**
     * What one place says of a code.
     *
     * @param target what it leads to, or null if the place says nothing
     * @param counts whether that may be answered without asking further
     * @param why in words
     */
    public record Sight(@Nullable Target target, boolean counts, String why) {}

    /**
     * What all places say, and what a redirect makes of it.
     *
     * @param trusted whether this JVM hears of every change now
     * @param source where the answer comes from, or null if nobody knows one: that is a 503
     * @param target the answer, or null
     */
    public record Findings(
            Sight memory,
            Sight redis,
            Sight database,
            boolean trusted,
            LinkFinder.@Nullable Source source,
            @Nullable Target target) {}

    /** Never fails: who can't be asked says so. */
    public Future<Findings> inspect(String code) {
        // Before the others are asked: what they say is not kept, but somebody else may ask the same meanwhile.
        Sight memory = memory(code);
        boolean trusted = trust.holds(System.nanoTime());
        return redis(code, trusted)
                .compose(inRedis -> database(code).map(row -> findings(memory, inRedis, row, trusted)));
    }

    /** As {@link LinkFinder} does it: who counts first, or else what is known at all. */
    private static Findings findings(Sight memory, Sight redis, Sight database, boolean trusted) {
        LinkFinder.Source source = null;
        Target target = null;
        if (memory.counts()) {
            source = LinkFinder.Source.MEMORY;
            target = memory.target();
        } else if (redis.counts()) {
            source = LinkFinder.Source.REDIS;
            target = redis.target();
        } else if (database.counts()) {
            source = LinkFinder.Source.DATABASE;
            target = database.target();
        } else {
            target = newest(memory.target(), redis.target());
            source = target == null ? null : LinkFinder.Source.LAST_KNOWN;
        }
        return new Findings(memory, redis, database, trusted, source, target);
    }

    /** That there was no such code is no last knowledge. */
    private static @Nullable Target newest(@Nullable Target one, @Nullable Target other) {
        Target first = one == null || one.state() == Target.State.UNKNOWN ? null : one;
        Target second = other == null || other.state() == Target.State.UNKNOWN ? null : other;
        if (first == null || second == null) {
            return first == null ? second : first;
        }
        return second.isNewerThan(first) ? second : first;
    }

    private Sight memory(String code) {
        CachedLink link = local.get(code);
        if (link == null) {
            return new Sight(null, false, "nothing is there");
        }
        long now = System.nanoTime();
        long fresh = TimeUnit.NANOSECONDS.toSeconds(link.freshUntil() - now);
        String why;
        if (!trust.holds(now)) {
            why = "does not count: this JVM holds no lease, so changes may be missed";
        } else if (link.epoch() != trust.epoch()) {
            why = "does not count: it was read before changes may have been missed";
        } else if (link.freshUntil() - now <= 0) {
            why = "does not count: it has been too old for " + -fresh + " s";
        } else {
            return new Sight(link.target(), true, "counts for another " + fresh + " s");
        }
        return new Sight(link.target(), false, why);
    }

    private Future<Sight> redis(String code, boolean trusted) {
        if (redis == null) {
            return Future.succeededFuture(new Sight(null, false, "there is no Redis"));
        }
        if (!redis.isReady()) {
            return Future.succeededFuture(new Sight(null, false, "Redis is away"));
        }
        return redis.get(List.of(code))
                .map(found -> {
                    boolean counts = trusted && redis.isThatOf(trust);
                    Target target = found.get(code);
                    if (target == null) {
                        return new Sight(null, false, "nothing is there");
                    }
                    return new Sight(
                            target,
                            counts,
                            counts
                                    ? "counts"
                                    : "does not count: this JVM holds no lease over it, so changes may be missed");
                })
                .otherwise(failure -> new Sight(null, false, "Redis did not answer: " + failure.getMessage()));
    }

    private Future<Sight> database(String code) {
        return bus.ask(new ResolveCodes(List.of(code)))
                .timeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .map(targets -> targets.stream()
                        .findFirst()
                        .map(target -> new Sight(
                                target,
                                true,
                                target.state() == Target.State.UNKNOWN ? "there is no row" : "is the truth"))
                        .orElseGet(() -> new Sight(null, false, "said nothing")))
                .otherwise(failure -> new Sight(null, false, "PostgreSQL did not answer: " + failure.getMessage()));
    }

    /** Gives up the connection to Redis, if there is one. */
    public Future<Void> close() {
        return redis == null ? Future.succeededFuture() : redis.close();
    }
}
