package dev.shortwave.cache;

import dev.shortwave.bus.Bus;
import dev.shortwave.bus.ResolveCodes;
import dev.shortwave.link.Target;
import dev.shortwave.problem.Problem;
import dev.shortwave.problem.ProblemException;
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
public final class LinkFinder {

    /** Where an answer came from. */
    public enum Source {
        MEMORY,
        REDIS,
        DATABASE,
        /** From memory or Redis, unconfirmed: PostgreSQL could not be asked. */
        LAST_KNOWN
    }

    /** What a code leads to, as far as anybody knows. */
    public record Found(CachedLink link, Source source) {}

    /** A look-up waits so long for PostgreSQL; a frozen one closes nothing. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    /** After a look-up that PostgreSQL left unanswered, the next ones fail at once for so long. */
    private static final long PAUSE_NANOSECONDS = TimeUnit.SECONDS.toNanos(1);

    private final Context context;
    private final LocalLinks local;
    private final @Nullable RedisLinks redis;
    private final Trust trust;
    private final Bus bus;
    private final Searches meter;
    private final Map<String, Search> codeToSearch = new HashMap<>();
    private Map<String, Search> next = new LinkedHashMap<>();
    private boolean unanswered;
    private long pauseUntil;

    /** One code that is being looked for, and all who wait for it. */
    private static final class Search {

        private final String code;
        private final Promise<Found> found = Promise.promise();
        private @Nullable CachedLink lastKnown;
        private int epoch;

        Search(String code) {
            this.code = code;
        }

        /** Of two unconfirmed states the newer one. */
        void known(CachedLink link) {
            if (link.target().state() != Target.State.UNKNOWN
                    && (lastKnown == null || link.target().isNewerThan(lastKnown.target()))) {
                lastKnown = link;
            }
        }
    }

    LinkFinder(Vertx vertx, LocalLinks local, @Nullable RedisLinks redis, Trust trust, Bus bus, Searches meter) {
        this.context = vertx.getOrCreateContext();
        this.local = local;
        this.redis = redis;
        this.trust = trust;
        this.bus = bus;
        this.meter = meter;
    }

    /**
     * What can be answered at once, or null: then {@link #find} finds it.
     *
     * @param now of {@link System#nanoTime}
     */
    public @Nullable CachedLink warm(String code, long now) {
        return local.current(code, now);
    }

    /** Looks for a code that is not {@link #warm}. Fails with a 503 problem if nobody knows. */
    public Future<Found> find(String code) {
        // Who comes after a search went out may have seen a change since, which the search tells only while all changes
        // are heard of.
        Search underWay = next.get(code);
        if (underWay == null && trust.holds(System.nanoTime())) {
            Search sent = codeToSearch.get(code);
            underWay = sent != null && sent.epoch == trust.epoch() ? sent : null;
        }
        if (underWay != null) {
            meter.share();
            return underWay.found.future();
        }
        Search search = new Search(code);
        CachedLink old = local.get(code);
        if (old != null) {
            search.known(old);
        }
        if (next.isEmpty()) {
            context.runOnContext(turn -> send());
        }
        next.put(code, search);
        return search.found.future();
    }

    /** Gives up the connection to Redis, if there is one. */
    public Future<Void> close() {
        return redis == null ? Future.succeededFuture() : redis.close();
    }

    private void send() {
        List<Search> searches = new ArrayList<>(next.values());
        next = new LinkedHashMap<>();
        for (int from = 0; from < searches.size(); from += RedisLinks.MOST_AT_ONCE) {
            search(searches.subList(from, Math.min(searches.size(), from + RedisLinks.MOST_AT_ONCE)));
        }
    }

    private void search(List<Search> searches) {
        Map<String, Search> codes = new LinkedHashMap<>();
        for (Search search : searches) {
            codes.put(search.code, search);
            codeToSearch.put(search.code, search);
        }
        ChangeWatch watch = local.watch(Set.copyOf(codes.keySet()));
        searches.forEach(search -> search.epoch = watch.epoch());
        int generation = redis == null ? 0 : redis.generation();
        askRedis(codes, watch)
                .compose(asked -> askDatabase(codes, watch, generation))
                .onComplete(done -> {
                    local.end(watch);
                    if (done.failed()) {
                        codes.values().forEach(search -> settle(search, done.cause()));
                    }
                });
    }

    /** Completes those that Redis has. Never fails: a Redis that is away has nothing. */
    private Future<Void> askRedis(Map<String, Search> codes, ChangeWatch watch) {
        RedisLinks asked = redis;
        if (asked == null || !asked.isReady()) {
            return Future.succeededFuture();
        }
        return meter.inRedis(codes.size(), () -> asked.get(List.copyOf(codes.keySet())))
                .<Void>map(found -> {
                    boolean counts =
                            watch.epoch() == trust.epoch() && trust.holds(System.nanoTime()) && asked.isThatOf(trust);
                    found.forEach((code, target) -> {
                        Search search = codes.get(code);
                        if (search != null && counts) {
                            codes.remove(code);
                            settle(search, local.keep(target, watch), Source.REDIS);
                        } else if (search != null) {
                            search.known(local.unconfirmed(target));
                        }
                    });
                    return null;
                })
                .otherwiseEmpty();
    }

    private Future<Void> askDatabase(Map<String, Search> codes, ChangeWatch watch, int generation) {
        if (codes.isEmpty()) {
            return Future.succeededFuture();
        }
        if (unanswered && pauseUntil - System.nanoTime() > 0) {
            return Future.failedFuture(noAnswer());
        }
        ResolveCodes question = new ResolveCodes(List.copyOf(codes.keySet()));
        return meter.inDatabase(
                        codes.size(), () -> bus.ask(question).timeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS))
                .onComplete(answer -> {
                    unanswered = answer.cause() instanceof TimeoutException;
                    pauseUntil = System.nanoTime() + PAUSE_NANOSECONDS;
                })
                .recover(failure -> Future.failedFuture(failure instanceof TimeoutException ? noAnswer() : failure))
                .map(targets -> {
                    for (Target target : targets) {
                        Search search = codes.remove(target.code());
                        if (search != null) {
                            settle(search, local.keep(target, watch), Source.DATABASE);
                        }
                    }
                    if (redis != null) {
                        redis.fill(targets, generation);
                    }
                    return null;
                });
    }

    private static ProblemException noAnswer() {
        return Problem.unavailable("the database does not answer, try again in a moment")
                .asException();
    }

    private void settle(Search search, CachedLink link, Source source) {
        codeToSearch.remove(search.code, search);
        search.found.complete(new Found(link, source));
    }

    private void settle(Search search, Throwable failure) {
        codeToSearch.remove(search.code, search);
        if (search.lastKnown == null) {
            search.found.fail(failure);
        } else {
            search.found.complete(new Found(search.lastKnown, Source.LAST_KNOWN));
        }
    }
}
