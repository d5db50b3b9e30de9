package dev.shortwave.cache;

import dev.shortwave.bus.Bus;
import dev.shortwave.bus.ResolveCodes;
import dev.shortwave.error.Problem;
import dev.shortwave.error.ProblemException;
import dev.shortwave.link.LinkTarget;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Finds what a code leads to: in memory, in Redis, in PostgreSQL. What one turn of the event loop misses goes out
 * together, and a code that is being looked for is not asked for twice. One for each HTTP verticle instance, on its event
 * loop.
 *
 * <p>Only PostgreSQL says that something is not there. Where it can't be asked, what was known last is answered.
 */
public final class LinkResolver {

    /** Where an answer came from. */
    public enum Source {
        MEMORY,
        REDIS,
        DATABASE,
        /** From memory or Redis, unconfirmed: PostgreSQL could not be asked. */
        LAST_KNOWN
    }

    /** What a code leads to, as far as anybody knows. */
    public record Resolution(CacheEntry link, Source source) {}

    /** A look-up waits so long for PostgreSQL; a frozen one closes nothing. */
    private static final Duration LOOKUP_TIMEOUT = Duration.ofSeconds(2);

    /** After a look-up that PostgreSQL left unanswered, the next ones fail at once for so long. */
    private static final long PAUSE_NANOSECONDS = TimeUnit.SECONDS.toNanos(1);

    private final Context context;
    private final LocalLinkCache local;
    private final @Nullable RedisLinkCache redis;
    private final CacheLease lease;
    private final Bus bus;
    private final Lookups meter;
    private final Map<String, PendingLookup> codeToPending = new HashMap<>();
    private Map<String, PendingLookup> next = new LinkedHashMap<>();
    private boolean failedInARow;
    private long pauseUntil;

    /** One code that is being looked for, and all who wait for it. */
    private static final class PendingLookup {

        private final String code;
        private final Promise<Resolution> promise = Promise.promise();
        private @Nullable CacheEntry lastKnown;
        private int epoch;

        PendingLookup(String code) {
            this.code = code;
        }

        /** Of two unconfirmed states the newer one. */
        void known(CacheEntry link) {
            if (link.target().state() != LinkTarget.State.UNKNOWN
                    && (lastKnown == null || link.target().isNewerThan(lastKnown.target()))) {
                lastKnown = link;
            }
        }
    }

    LinkResolver(
            Vertx vertx,
            LocalLinkCache local,
            @Nullable RedisLinkCache redis,
            CacheLease trust,
            Bus bus,
            Lookups meter) {
        this.context = vertx.getOrCreateContext();
        this.local = local;
        this.redis = redis;
        this.lease = trust;
        this.bus = bus;
        this.meter = meter;
    }

    /**
     * What can be answered at once, or null: then {@link #find} finds it.
     *
     * @param now of {@link System#nanoTime}
     */
    public @Nullable CacheEntry getIfCached(String code, long now) {
        return local.current(code, now);
    }

    /** Looks for a code that is not {@link #warm}. Fails with a 503 problem if nobody knows. */
    public Future<Resolution> resolve(String code) {
        // Who comes after a search went out may have seen a change since, which the search tells only while all changes
        // are heard of.
        PendingLookup underWay = next.get(code);
        if (underWay == null && lease.isValid(System.nanoTime())) {
            PendingLookup sent = codeToPending.get(code);
            underWay = sent != null && sent.epoch == lease.epoch() ? sent : null;
        }
        if (underWay != null) {
            meter.countCoalesced();
            return underWay.promise.future();
        }
        PendingLookup search = new PendingLookup(code);
        CacheEntry old = local.get(code);
        if (old != null) {
            search.known(old);
        }
        if (next.isEmpty()) {
            context.runOnContext(turn -> send());
        }
        next.put(code, search);
        return search.promise.future();
    }

    /** Gives up the connection to Redis, if there is one. */
    public Future<Void> close() {
        return redis == null ? Future.succeededFuture() : redis.close();
    }

    private void send() {
        List<PendingLookup> searches = new ArrayList<>(next.values());
        next = new LinkedHashMap<>();
        for (int from = 0; from < searches.size(); from += RedisLinkCache.MAX_BATCH) {
            lookUp(searches.subList(from, Math.min(searches.size(), from + RedisLinkCache.MAX_BATCH)));
        }
    }

    private void lookUp(List<PendingLookup> searches) {
        Map<String, PendingLookup> codes = new LinkedHashMap<>();
        for (PendingLookup search : searches) {
            codes.put(search.code, search);
            codeToPending.put(search.code, search);
        }
        InvalidationWatch watch = local.watch(Set.copyOf(codes.keySet()));
        searches.forEach(search -> search.epoch = watch.epoch());
        int generation = redis == null ? 0 : redis.generation();
        queryRedis(codes, watch)
                .compose(asked -> queryDatabase(codes, watch, generation))
                .onComplete(done -> {
                    local.endWatch(watch);
                    if (done.failed()) {
                        codes.values().forEach(search -> complete(search, done.cause()));
                    }
                });
    }

    /** Completes those that Redis has. Never fails: a Redis that is away has nothing. */
    private Future<Void> queryRedis(Map<String, PendingLookup> codes, InvalidationWatch watch) {
        RedisLinkCache asked = redis;
        if (asked == null || !asked.isReady()) {
            return Future.succeededFuture();
        }
        return meter.inRedis(codes.size(), () -> asked.get(List.copyOf(codes.keySet())))
                .<Void>map(found -> {
                    boolean counts = watch.epoch() == lease.epoch()
                            && lease.isValid(System.nanoTime())
                            && asked.isSameServer(lease);
                    found.forEach((code, target) -> {
                        PendingLookup search = codes.get(code);
                        if (search != null && counts) {
                            codes.remove(code);
                            complete(search, local.fill(target, watch), Source.REDIS);
                        } else if (search != null) {
                            search.known(local.getUnconfirmed(target));
                        }
                    });
                    return null;
                })
                .otherwiseEmpty();
    }

    private Future<Void> queryDatabase(Map<String, PendingLookup> codes, InvalidationWatch watch, int generation) {
        if (codes.isEmpty()) {
            return Future.succeededFuture();
        }
        if (failedInARow && pauseUntil - System.nanoTime() > 0) {
            return Future.failedFuture(recordFailure());
        }
        ResolveCodes question = new ResolveCodes(List.copyOf(codes.keySet()));
        return meter.inDatabase(
                        codes.size(),
                        () -> bus.request(question).timeout(LOOKUP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS))
                .onComplete(answer -> {
                    failedInARow = answer.cause() instanceof TimeoutException;
                    pauseUntil = System.nanoTime() + PAUSE_NANOSECONDS;
                })
                .recover(
                        failure -> Future.failedFuture(failure instanceof TimeoutException ? recordFailure() : failure))
                .map(targets -> {
                    for (LinkTarget target : targets) {
                        PendingLookup search = codes.remove(target.code());
                        if (search != null) {
                            complete(search, local.fill(target, watch), Source.DATABASE);
                        }
                    }
                    if (redis != null) {
                        redis.fill(targets, generation);
                    }
                    return null;
                });
    }

    private static ProblemException recordFailure() {
        return Problem.unavailable("the database does not answer, try again in a moment")
                .asException();
    }

    private void complete(PendingLookup search, CacheEntry link, Source source) {
        codeToPending.remove(search.code, search);
        search.promise.complete(new Resolution(link, source));
    }

    private void complete(PendingLookup search, Throwable failure) {
        codeToPending.remove(search.code, search);
        if (search.lastKnown == null) {
            search.promise.fail(failure);
        } else {
            search.promise.complete(new Resolution(search.lastKnown, Source.LAST_KNOWN));
        }
    }
}
