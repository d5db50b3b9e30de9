package dev.shortwave.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shortwave.bus.Addresses;
import dev.shortwave.bus.Bus;
import dev.shortwave.bus.Codecs;
import dev.shortwave.bus.ResolveCodes;
import dev.shortwave.config.Config;
import dev.shortwave.link.LinkTarget;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LookupsTest {

    private static final Duration LONG = Duration.ofMinutes(1);

    private final Vertx vertx = Vertx.vertx();
    private final LinkCache caches = new LinkCache(
            new Config.Redis(null, List.of(), null, LONG, LONG, "test:"),
            new Config.Cache(1 << 20, LONG, LONG, false, 1, LONG),
            "test");
    private final Lookups searches = caches.lookups();
    private final Queue<Long> seen = new ConcurrentLinkedQueue<>();

    @AfterEach
    void close() {
        vertx.close().await();
    }

    private void serve(Future<List<LinkTarget>> answer) {
        Codecs.registerAll(vertx.eventBus());
        Bus.serve(vertx.eventBus(), Addresses.LINKS_RESOLVE, (ResolveCodes asked) -> {
            seen.add(searches.inDatabase());
            return answer;
        });
    }

    /** In one turn of an event loop; completes when both are found, or are not. */
    private void findTwice(String first, String second) {
        vertx.deployVerticle(own -> caches.openResolver(own.owner(), new Bus(vertx.eventBus(), LONG, 10))
                        .compose(finder -> Future.join(finder.resolve(first), finder.resolve(second))))
                .transform(any -> Future.succeededFuture())
                .await();
    }

    @Test
    void eachCodeCountsWhileItIsLookedFor() {
        serve(Future.succeededFuture(List.of(LinkTarget.unknown("abc", 1), LinkTarget.unknown("def", 1))));
        findTwice("abc", "def");
        assertThat(seen).containsExactly(2L);
        assertThat(searches.inDatabase()).isZero();
        assertThat(searches.inRedis()).isZero();
        assertThat(searches.coalesced()).isZero();
    }

    @Test
    void whoWaitsForASearchOfAnotherOneIsNoSearch() {
        serve(Future.succeededFuture(List.of(LinkTarget.unknown("abc", 1))));
        findTwice("abc", "abc");
        assertThat(seen).containsExactly(1L);
        assertThat(searches.coalesced()).isEqualTo(1);
    }

    @Test
    void aSearchThatFailsIsOver() {
        serve(Future.failedFuture("away"));
        findTwice("abc", "def");
        assertThat(seen).containsExactly(2L);
        assertThat(searches.inDatabase()).isZero();
    }
}
