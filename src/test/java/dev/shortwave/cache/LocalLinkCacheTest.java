package dev.shortwave.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shortwave.config.Config;
import dev.shortwave.link.LinkTarget;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LocalLinkCacheTest {

    private static final Duration LONG = Duration.ofHours(1);
    private static final Duration SHORT = Duration.ofMillis(150);

    private final CacheLease trust = CacheLease.unshared();
    private final LocalLinkCache links = new LocalLinkCache(config(1_000_000, LONG, LONG), trust);

    @Test
    void whatIsKeptIsFound() {
        LinkTarget target = active("abc", 1);
        links.put(List.of(target, active("def", 2)));
        assertThat(current(links, "abc").target()).isEqualTo(target);
        assertThat(current(links, "abc").location()).isEqualTo(target.destination());
        assertThat(current(links, "ABC")).isNull();
        assertThat(current(links, "nothing")).isNull();
    }

    @Test
    void onlyANewerVersionReplaces() {
        links.put(List.of(active("abc", 5)));
        links.put(List.of(active("abc", 4)));
        assertThat(version("abc")).isEqualTo(5);
        links.put(List.of(active("abc", 6)));
        assertThat(version("abc")).isEqualTo(6);
    }

    @Test
    void oneBatchMayHoldACodeTwice() {
        links.put(List.of(active("abc", 5), active("abc", 7), active("abc", 6)));
        assertThat(version("abc")).isEqualTo(7);
    }

    @Test
    void aSlowReaderDoesNotBringADeletedLinkBack() {
        links.put(List.of(active("abc", 5)));
        InvalidationWatch watch = links.watch(Set.of("abc"));
        links.put(List.of(LinkTarget.unknown("abc", 5)));
        assertThat(links.fill(active("abc", 5), watch).target().state()).isEqualTo(LinkTarget.State.UNKNOWN);
        assertThat(current(links, "abc").target().state()).isEqualTo(LinkTarget.State.UNKNOWN);
    }

    @Test
    void aSlowReaderHearsOfAChangeToALinkThatIsNotHere() {
        InvalidationWatch watch = links.watch(Set.of("abc"));
        links.replace(List.of(active("abc", 6), active("def", 7)));
        assertThat(current(links, "abc")).isNull();
        assertThat(links.fill(active("abc", 5), watch).target().version()).isEqualTo(6);
        assertThat(version("abc")).isEqualTo(6);
        assertThat(current(links, "def")).isNull();
    }

    @Test
    void afterItsEndAWatchHearsNothing() {
        InvalidationWatch watch = links.watch(Set.of("abc"));
        links.endWatch(watch);
        links.replace(List.of(active("abc", 6)));
        assertThat(watch.invalidationOf("abc")).isNull();
    }

    @Test
    void aNewLinkReplacesThatThereIsNone() {
        keep(LinkTarget.unknown("abc", LinkTarget.NEVER_SEEN));
        links.replace(List.of(active("abc", 1)));
        assertThat(current(links, "abc").target().state()).isEqualTo(LinkTarget.State.ACTIVE);
    }

    @Test
    void aLinkThatIsTooOldIsReplacedByWhateverIsReadThen() {
        LocalLinkCache brief = new LocalLinkCache(config(1_000_000, SHORT, LONG), trust);
        brief.put(List.of(active("abc", 5)));
        await().atMost(Duration.ofSeconds(5)).until(() -> current(brief, "abc") == null);
        assertThat(brief.get("abc").target().version()).isEqualTo(5);
        InvalidationWatch watch = brief.watch(Set.of("abc"));
        CacheEntry kept = brief.fill(LinkTarget.unknown("abc", LinkTarget.NEVER_SEEN), watch);
        assertThat(kept.target().state()).isEqualTo(LinkTarget.State.UNKNOWN);
    }

    @Test
    void whatWasReadBeforeSomethingWasMissedCountsNoMore() {
        links.put(List.of(active("abc", 5)));
        InvalidationWatch before = links.watch(Set.of("def"));
        trust.revoke();
        assertThat(current(links, "abc")).isNull();
        links.fill(active("def", 1), before);
        assertThat(current(links, "def")).isNull();
        // A row that went meanwhile has no version any more.
        keep(LinkTarget.unknown("abc", LinkTarget.NEVER_SEEN));
        assertThat(current(links, "abc").target().state()).isEqualTo(LinkTarget.State.UNKNOWN);
    }

    @Test
    void withoutALeaseNothingIsCurrent() {
        CacheLease leased = CacheLease.leased();
        LocalLinkCache shared = new LocalLinkCache(config(1_000_000, LONG, LONG), leased);
        shared.put(List.of(active("abc", 1)));
        assertThat(current(shared, "abc")).isNull();
        long now = System.nanoTime();
        leased.renew(now + 1_000, "life");
        assertThat(shared.current("abc", now + 999)).isNotNull();
        assertThat(shared.current("abc", now + 1_000)).isNull();
    }

    @Test
    void readingDoesNotKeepALinkLonger() {
        LocalLinkCache brief = new LocalLinkCache(config(1_000_000, SHORT, LONG), trust);
        brief.put(List.of(active("abc", 1)));
        await().atMost(Duration.ofSeconds(5))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> current(brief, "abc") == null);
    }

    @Test
    void unknownCodesHaveATimeOfTheirOwn() {
        LocalLinkCache brief = new LocalLinkCache(config(1_000_000, LONG, SHORT), trust);
        brief.put(List.of(active("abc", 1), LinkTarget.unknown("def", 0), LinkTarget.unknown("ghi", 2)));
        await().atMost(Duration.ofSeconds(5))
                .until(() -> current(brief, "def") == null && current(brief, "ghi") == null);
        assertThat(current(brief, "abc")).isNotNull();
    }

    @Test
    void isBoundedInBytes() {
        LocalLinkCache small = new LocalLinkCache(config(100_000, LONG, LONG), trust);
        for (int number = 0; number < 10_000; number++) {
            small.put(List.of(active("code" + number, 1)));
        }
        long kept = 0;
        for (int number = 0; number < 10_000; number++) {
            kept += small.get("code" + number) == null ? 0 : 1;
        }
        assertThat(small.bytes()).isLessThanOrEqualTo(100_000);
        assertThat(kept).isBetween(100L, 400L);
        assertThat(small.isFull()).isTrue();
        assertThat(links.isFull()).isFalse();
    }

    private void keep(LinkTarget target) {
        InvalidationWatch watch = links.watch(Set.of(target.code()));
        links.fill(target, watch);
        links.endWatch(watch);
    }

    private long version(String code) {
        return current(links, code).target().version();
    }

    static CacheEntry current(LocalLinkCache links, String code) {
        return links.current(code, System.nanoTime());
    }

    static LinkTarget active(String code, long version) {
        return new LinkTarget(code, version, LinkTarget.State.ACTIVE, 1, null, "https://example.com/" + version);
    }

    static Config.Cache config(long bytes, Duration ttl, Duration negativeTtl) {
        return new Config.Cache(bytes, ttl, negativeTtl, false, 1, Duration.ZERO);
    }
}
