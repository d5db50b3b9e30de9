package dev.shortwave.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.shortwave.config.Config;
import dev.shortwave.link.Destinations;
import dev.shortwave.link.Target;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The links in this JVM's memory, shared by all its event loops and bounded in bytes. What is too old, or was read before
 * changes may have been missed, stays: it is not answered any more, unless nobody else can be asked. Thread-safe, never
 * blocks.
 */
public final class LocalLinks {

    /** What an entry takes beside its texts: the cache's node and table, three objects of ours, two text headers. */
    private static final int BYTES_OF_AN_ENTRY = 280;

    private final Trust trust;
    private final long maxBytes;
    private final long activeNanoseconds;
    private final long unknownNanoseconds;
    private final Cache<String, CachedLink> codeToLink;
    private final Set<ChangeWatch> watches = ConcurrentHashMap.newKeySet();

    public LocalLinks(Config.Cache config, Trust trust) {
        this.trust = trust;
        this.maxBytes = config.maxBytes();
        this.activeNanoseconds = config.ttl().toNanos();
        this.unknownNanoseconds = config.negativeTtl().toNanos();
        this.codeToLink = Caffeine.newBuilder()
                .maximumWeight(maxBytes)
                .<String, CachedLink>weigher(LocalLinks::bytes)
                // Maintenance on the calling event loop is short, and needs no thread of its own.
                .executor(Runnable::run)
                .build();
    }

    private static int bytes(String code, CachedLink link) {
        int destination = link.target().destination().length();
        boolean isShared = link.location().equals(link.target().destination());
        return BYTES_OF_AN_ENTRY
                + code.length()
                + destination
                + (isShared ? 0 : link.location().length());
    }

    /** What is there, however old, or null. */
    @Nullable
    CachedLink get(String code) {
        return codeToLink.getIfPresent(code);
    }

    /**
     * What may be answered without asking anybody, or null.
     *
     * @param now of {@link System#nanoTime}
     */
    public @Nullable CachedLink current(String code, long now) {
        CachedLink link = codeToLink.getIfPresent(code);
        return link != null && link.freshUntil() - now > 0 && link.epoch() == trust.epoch() && trust.holds(now)
                ? link
                : null;
    }

    /**
     * Before something is read that shall be kept.
     *
     * @param codes all that may be read
     */
    ChangeWatch watch(Set<String> codes) {
        return begin(codes::contains);
    }

    /** As {@link #watch}, for readers who learn the codes by reading. */
    ChangeWatch watchAll() {
        return begin(code -> true);
    }

    private ChangeWatch begin(Predicate<String> codes) {
        ChangeWatch watch = new ChangeWatch(codes, trust.epoch());
        watches.add(watch);
        return watch;
    }

    /** Nothing more will be kept of what was read. */
    void end(ChangeWatch watch) {
        watches.remove(watch);
    }

    /** Keeps what was read while the watch was on, unless something newer is known; answers what is known then. */
    CachedLink keep(Target read, ChangeWatch watch) {
        // Under the lock of the entry: a change that comes before is in the watch, and one that comes later finds it.
        return codeToLink.asMap().compute(read.code(), (code, there) -> {
            Target change = watch.changeOf(code);
            return newer(there, change != null && change.isNewerThan(read) ? change : read, watch.epoch());
        });
    }

    /** These links have changed here: they replace what is older, and are kept. */
    public void put(Collection<Target> changed) {
        for (Target target : changed) {
            watches.forEach(watch -> watch.changed(target));
            codeToLink.asMap().compute(target.code(), (code, there) -> newer(there, target, trust.epoch()));
        }
    }

    /** These links have changed somewhere: they replace what is older, and what is not here is not kept. */
    public void replace(Collection<Target> changed) {
        int epoch = trust.epoch();
        for (Target target : changed) {
            watches.forEach(watch -> watch.changed(target));
            // Not computeIfPresent, which does not wait for an entry that is being made.
            codeToLink
                    .asMap()
                    .compute(
                            target.code(),
                            (code, there) -> there == null || !target.isNewerThan(there.target())
                                    ? there
                                    : cached(target, epoch));
        }
    }

    /** A link that is not kept: nobody knows whether it is still so. */
    CachedLink unconfirmed(Target target) {
        return cached(target, trust.epoch());
    }

    private CachedLink newer(@Nullable CachedLink there, Target offered, int epoch) {
        return there != null && outlasts(there, offered, epoch) ? there : cached(offered, epoch);
    }

    private boolean outlasts(CachedLink there, Target offered, int epoch) {
        if (there.epoch() != epoch) {
            return there.epoch() > epoch;
        }
        // Versions order what is heard of in one epoch. That a row is gone has none, and without a lease it may be
        // unheard of.
        long now = System.nanoTime();
        return there.freshUntil() - now > 0
                && (offered.version() != Target.NEVER_SEEN || trust.holds(now))
                && there.target().isNewerThan(offered);
    }

    private CachedLink cached(Target target, int epoch) {
        long time = target.state() == Target.State.UNKNOWN ? unknownNanoseconds : activeNanoseconds;
        String destination = target.destination();
        return new CachedLink(
                target,
                destination.isEmpty() ? destination : Destinations.location(destination),
                System.nanoTime() + time,
                epoch);
    }

    /** Whether more would only push out what is there. */
    boolean isFull() {
        return bytes() > maxBytes - maxBytes / 16;
    }

    /** Estimated bytes of all entries. */
    public long bytes() {
        return codeToLink.policy().eviction().orElseThrow().weightedSize().orElse(0);
    }

    /** Estimated number of entries. */
    public long size() {
        return codeToLink.estimatedSize();
    }
}
