package dev.shortwave.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shortwave.link.Target;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** However fills and writes race, the newest version stays. */
class LocalLinkCachePropertiesTest {

    private static final Duration HOUR = Duration.ofHours(1);

    @Property
    void inAnyOrderTheNewestStaysAndVersionsOnlyGrow(@ForAll("targets") List<Target> targets, @ForAll Random random) {
        LocalLinkCache cache = new LocalLinkCache(LocalLinkCacheTest.config(1000, HOUR, HOUR));
        Map<String, Long> codeToVersion = new HashMap<>();
        List<Target> shuffled = new ArrayList<>(targets);
        Collections.shuffle(shuffled, random);
        int from = 0;
        while (from < shuffled.size()) {
            int to = from + 1 + random.nextInt(shuffled.size() - from);
            List<Target> batch = shuffled.subList(from, to);
            cache.put(batch);
            batch.forEach(target -> codeToVersion.merge(target.code(), target.version(), Math::max));
            codeToVersion.forEach((code, version) ->
                    assertThat(cache.get(code).result().version()).isEqualTo(version));
            from = to;
        }
    }

    @Property(tries = 100)
    void alsoWhenManyThreadsPutAtOnce(@ForAll("targets") List<Target> targets, @ForAll Random random) throws Exception {
        LocalLinkCache cache = new LocalLinkCache(LocalLinkCacheTest.config(1000, HOUR, HOUR));
        Map<String, Target> codeToNewest = new HashMap<>();
        targets.forEach(target -> codeToNewest.merge(
                target.code(), target, (one, other) -> one.version() >= other.version() ? one : other));
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            CountDownLatch go = new CountDownLatch(1);
            List<Future<?>> running = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                List<Target> own = new ArrayList<>(targets);
                Collections.shuffle(own, random);
                running.add(threads.submit(() -> {
                    go.await();
                    long before = -1;
                    for (Target target : own) {
                        cache.put(List.of(target));
                        long seen = cache.get(target.code()).result().version();
                        assertThat(seen).isGreaterThanOrEqualTo(target.version());
                        before = Math.max(before, seen);
                    }
                    return before;
                }));
            }
            go.countDown();
            for (Future<?> each : running) {
                each.get();
            }
        } finally {
            threads.shutdown();
        }
        codeToNewest.forEach(
                (code, newest) -> assertThat(cache.get(code).result().version()).isEqualTo(newest.version()));
    }

    @Provide
    Arbitrary<List<Target>> targets() {
        Arbitrary<String> codes = Arbitraries.of("a", "b", "c");
        Arbitrary<Long> versions = Arbitraries.longs().between(0, 30);
        return Combinators.combine(codes, versions, Arbitraries.of(Target.State.values()))
                .as((code, version, state) -> state == Target.State.UNKNOWN
                        ? Target.unknown(code, version)
                        : new Target(code, version, state, 1, null, "https://example.com/" + version))
                .list()
                .ofMinSize(1)
                .ofMaxSize(40);
    }
}
