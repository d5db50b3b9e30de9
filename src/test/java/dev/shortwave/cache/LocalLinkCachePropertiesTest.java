package dev.shortwave.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shortwave.link.LinkTarget;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** However readers and changes race, nothing is answered that was over before. */
class LocalLinkCachePropertiesTest {

    private static final Duration HOUR = Duration.ofHours(1);
    private static final int CHANGES = 300;
    private static final int READERS = 3;

    /**
     * One thread changes a row and tells of it, as a write does; others read the row at some time and keep it at a later
     * one. After a change was told nobody finds an older state.
     */
    @Property(tries = 60)
    void noSlowReaderBringsBackWhatIsOver(@ForAll Random random) throws Exception {
        LocalLinkCache links =
                new LocalLinkCache(LocalLinkCacheTest.config(1_000_000, HOUR, HOUR), CacheLease.unshared());
        AtomicReference<LinkTarget> row = new AtomicReference<>(LocalLinkCacheTest.active("abc", 1));
        AtomicReference<LinkTarget> told = new AtomicReference<>(row.get());
        CountDownLatch go = new CountDownLatch(1);
        ExecutorService threads = Executors.newFixedThreadPool(READERS + 1);
        try {
            List<Future<?>> running = new ArrayList<>();
            boolean here = random.nextBoolean();
            running.add(threads.submit(() -> {
                go.await();
                for (int version = 2; version < CHANGES; version++) {
                    LinkTarget next = version % 7 == 0
                            ? LinkTarget.unknown("abc", version - 1)
                            : LocalLinkCacheTest.active("abc", version);
                    row.set(next);
                    if (here) {
                        links.put(List.of(next));
                    } else {
                        links.replace(List.of(next));
                    }
                    told.set(next);
                }
                return null;
            }));
            for (int reader = 0; reader < READERS; reader++) {
                Random pauses = new Random(random.nextLong());
                running.add(threads.submit(() -> {
                    go.await();
                    while (told.get().version() < CHANGES - 1) {
                        LinkTarget before = told.get();
                        CacheEntry found = LocalLinkCacheTest.current(links, "abc");
                        if (found == null) {
                            InvalidationWatch watch = links.watch(Set.of("abc"));
                            before = told.get();
                            LinkTarget read = row.get();
                            for (int spin = pauses.nextInt(200); spin > 0; spin--) {
                                Thread.onSpinWait();
                            }
                            found = links.fill(read, watch);
                            links.endWatch(watch);
                        }
                        assertThat(before.isNewerThan(found.target()))
                                .describedAs("%s after %s", found.target(), before)
                                .isFalse();
                    }
                    return null;
                }));
            }
            go.countDown();
            for (Future<?> each : running) {
                each.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
