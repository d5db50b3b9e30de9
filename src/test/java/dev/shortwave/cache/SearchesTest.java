package dev.shortwave.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shortwave.bus.Addresses;
import dev.shortwave.bus.Bus;
import dev.shortwave.bus.Codecs;
import dev.shortwave.bus.ResolveCodes;
import dev.shortwave.config.Config;
import dev.shortwave.link.Target;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SearchesTest {

    private static final Duration LONG = Duration.ofMinutes(1);

    private final Vertx vertx = Vertx.vertx();
    private final LinkCaches caches = new LinkCaches(
            new Config.Redis(null, List.of(), null, LONG, LONG, "test:"),
            new Config.Cache(1 << 20, LONG, LONG, false, 1, LONG),
            "test");
    private final Searches searches = caches.searches();
    private final Queue<Long> seen = new ConcurrentLinkedQueue<>();

    @AfterEach
    void close() {
        vertx.close().await();
    }

    private void serve(Future<List<Target>> answer) {
        Codecs.registerAll(vertx.eventBus());
        Bus.serve(vertx.eventBus(), Addresses.LINKS_RESOLVE, (ResolveCodes asked) -> {
            seen.add(searches.inDatabase());
            return answer;
        });
    }

    /** In one turn of an event loop; completes when both are found, or are not. */
    private void findTwice(String first, String second) {
        vertx.deployVerticle(own -> caches.openFinder(own.owner(), new Bus(vertx.eventBus(), LONG, 10))
                        .compose(finder -> Future.join(finder.find(first), finder.find(second))))
                .transform(any -> Future.succeededFuture())
                .await();
    }

    @Test
    void eachCodeCountsWhileItIsLookedFor() {
        serve(Future.succeededFuture(List.of(Target.unknown("abc", 1), Target.unknown("def", 1))));
        findTwice("abc", "def");
        assertThat(seen).containsExactly(2L);
        assertThat(searches.inDatabase()).isZero();
        assertThat(searches.inRedis()).isZero();
        assertThat(searches.shared()).isZero();
    }

    @Test
    void whoWaitsForASearchOfAnotherOneIsNoSearch() {
        serve(Future.succeededFuture(List.of(Target.unknown("abc", 1))));
        findTwice("abc", "abc");
        assertThat(seen).containsExactly(1L);
        assertThat(searches.shared()).isEqualTo(1);
    }

    @Test
    void aSearchThatFailsIsOver() {
        serve(Future.failedFuture("away"));
        findTwice("abc", "def");
        assertThat(seen).containsExactly(2L);
        assertThat(searches.inDatabase()).isZero();
    }
}
