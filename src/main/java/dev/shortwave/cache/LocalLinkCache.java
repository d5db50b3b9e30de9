package dev.shortwave.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.shortwave.config.Config;
import dev.shortwave.link.Destinations;
import dev.shortwave.link.LinkTarget;
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
public final class LocalLinkCache {

    /** What an entry takes beside its texts: the cache's node and table, three objects of ours, two text headers. */
    private static final int ENTRY_OVERHEAD_BYTES = 280;

    private final CacheLease lease;
    private final long maxBytes;
    private final long activeNanoseconds;
    private final long unknownNanoseconds;
    private final Cache<String, CacheEntry> codeToLink;
    private final Set<InvalidationWatch> watches = ConcurrentHashMap.newKeySet();

    public LocalLinkCache(Config.Cache config, CacheLease trust) {
        this.lease = trust;
        this.maxBytes = config.maxBytes();
        this.activeNanoseconds = config.ttl().toNanos();
        this.unknownNanoseconds = config.negativeTtl().toNanos();
        this.codeToLink = Caffeine.newBuilder()
                .maximumWeight(maxBytes)
                .<String, CacheEntry>weigher(LocalLinkCache::bytes)
                // Maintenance on the calling event loop is short, and needs no thread of its own.
                .executor(Runnable::run)
                .build();
    }

    private static int bytes(String code, CacheEntry link) {
        int destination = link.target().destination().length();
        boolean isShared = link.location().equals(link.target().destination());
        return ENTRY_OVERHEAD_BYTES
                + code.length()
                + destination
                + (isShared ? 0 : link.location().length());
    }

    /** What is there, however old, or null. */
    @Nullable
    CacheEntry get(String code) {
        return codeToLink.getIfPresent(code);
    }

    /**
     * What may be answered without asking anybody, or null.
     *
     * @param now of {@link System#nanoTime}
     */
    public @Nullable CacheEntry current(String code, long now) {
        CacheEntry link = codeToLink.getIfPresent(code);
        return link != null && link.freshUntil() - now > 0 && link.epoch() == lease.epoch() && lease.isValid(now)
                ? link
                : null;
    }

    /**
     * Before something is read that shall be kept.
     *
     * @param codes all that may be read
     */
    InvalidationWatch watch(Set<String> codes) {
        return startWatch(codes::contains);
    }

    /** As {@link #watch}, for readers who learn the codes by reading. */
    InvalidationWatch watchAll() {
        return startWatch(code -> true);
    }

    private InvalidationWatch startWatch(Predicate<String> codes) {
        InvalidationWatch watch = new InvalidationWatch(codes, lease.epoch());
        watches.add(watch);
        return watch;
    }

    /** Nothing more will be kept of what was read. */
    void endWatch(InvalidationWatch watch) {
        watches.remove(watch);
    }

    /** Keeps what was read while the watch was on, unless something newer is known; answers what is known then. */
    CacheEntry fill(LinkTarget read, InvalidationWatch watch) {
        // Under the lock of the entry: a change that comes before is in the watch, and one that comes later finds it.
        return codeToLink.asMap().compute(read.code(), (code, there) -> {
            LinkTarget change = watch.invalidationOf(code);
            return newer(there, change != null && change.isNewerThan(read) ? change : read, watch.epoch());
        });
    }

    /** These links have changed here: they replace what is older, and are kept. */
    public void put(Collection<LinkTarget> changed) {
        for (LinkTarget target : changed) {
            watches.forEach(watch -> watch.recordInvalidation(target));
            codeToLink.asMap().compute(target.code(), (code, there) -> newer(there, target, lease.epoch()));
        }
    }

    /** These links have changed somewhere: they replace what is older, and what is not here is not kept. */
    public void replace(Collection<LinkTarget> changed) {
        int epoch = lease.epoch();
        for (LinkTarget target : changed) {
            watches.forEach(watch -> watch.recordInvalidation(target));
            // Not computeIfPresent, which does not wait for an entry that is being made.
            codeToLink
                    .asMap()
                    .compute(
                            target.code(),
                            (code, there) -> there == null || !target.isNewerThan(there.target())
                                    ? there
                                    : entry(target, epoch));
        }
    }

    /** A link that is not kept: nobody knows whether it is still so. */
    CacheEntry getUnconfirmed(LinkTarget target) {
        return entry(target, lease.epoch());
    }

    private CacheEntry newer(@Nullable CacheEntry there, LinkTarget offered, int epoch) {
        return there != null && isNewerThan(there, offered, epoch) ? there : entry(offered, epoch);
    }

    private boolean isNewerThan(CacheEntry there, LinkTarget offered, int epoch) {
        if (there.epoch() != epoch) {
            return there.epoch() > epoch;
        }
        // Versions order what is heard of in one epoch. That a row is gone has none, and without a lease it may be
        // unheard of.
        long now = System.nanoTime();
        return there.freshUntil() - now > 0
                && (offered.version() != LinkTarget.NEVER_SEEN || lease.isValid(now))
                && there.target().isNewerThan(offered);
    }

    private CacheEntry entry(LinkTarget target, int epoch) {
        long time = target.state() == LinkTarget.State.UNKNOWN ? unknownNanoseconds : activeNanoseconds;
        String destination = target.destination();
        return new CacheEntry(
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
