package dev.shortwave.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shortwave.config.Config;
import dev.shortwave.link.Target;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class LocalLinkCacheTest {

    private static final Duration LONG = Duration.ofHours(1);
    private static final Duration SHORT = Duration.ofMillis(150);

    private final LocalLinkCache cache = new LocalLinkCache(config(1000, LONG, LONG));

    @Test
    void whatIsKeptIsFound() {
        Target target = active("abc", 1);
        cache.put(List.of(target, active("def", 2)));
        assertThat(cache.get("abc").result()).isEqualTo(target);
        assertThat(cache.get("ABC").result()).isNull();
        assertThat(cache.get("nothing").result()).isNull();
        assertThat(cache.state()).isEqualTo("disabled");
    }

    @Test
    void onlyANewerVersionReplaces() {
        cache.put(List.of(active("abc", 5)));
        cache.put(List.of(active("abc", 4)));
        assertThat(version("abc")).isEqualTo(5);
        cache.put(List.of(active("abc", 6)));
        assertThat(version("abc")).isEqualTo(6);
    }

    @Test
    void oneBatchMayHoldACodeTwice() {
        cache.put(List.of(active("abc", 5), active("abc", 7), active("abc", 6)));
        assertThat(version("abc")).isEqualTo(7);
    }

    @Test
    void aSlowReaderDoesNotBringADeletedLinkBack() {
        cache.put(List.of(active("abc", 5)));
        cache.put(List.of(Target.unknown("abc", 6)));
        cache.put(List.of(active("abc", 5)));
        assertThat(cache.get("abc").result().state()).isEqualTo(Target.State.UNKNOWN);
    }

    @Test
    void aNewLinkReplacesThatThereIsNone() {
        cache.put(List.of(Target.unknown("abc", Target.NEVER_SEEN)));
        cache.put(List.of(active("abc", 1)));
        assertThat(cache.get("abc").result().state()).isEqualTo(Target.State.ACTIVE);
        cache.put(List.of(Target.unknown("abc", Target.NEVER_SEEN)));
        assertThat(cache.get("abc").result().state()).isEqualTo(Target.State.ACTIVE);
    }

    @Test
    void linksEndAfterTheirTime() {
        LocalLinkCache brief = new LocalLinkCache(config(1000, SHORT, LONG));
        brief.put(List.of(active("abc", 1), Target.unknown("def", 0)));
        await().atMost(Duration.ofSeconds(5)).until(() -> brief.get("abc").result() == null);
        assertThat(brief.get("def").result()).isNotNull();
    }

    @Test
    void readingDoesNotKeepALinkLonger() {
        LocalLinkCache brief = new LocalLinkCache(config(1000, SHORT, LONG));
        brief.put(List.of(active("abc", 1)));
        // Reads every few milliseconds until it is gone.
        await().atMost(Duration.ofSeconds(5))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> brief.get("abc").result() == null);
    }

    @Test
    void unknownCodesAndTombstonesEndAfterTheirs() {
        LocalLinkCache brief = new LocalLinkCache(config(1000, LONG, SHORT));
        brief.put(List.of(active("abc", 1), Target.unknown("def", 0), active("ghi", 1)));
        brief.put(List.of(Target.unknown("ghi", 2)));
        await().atMost(Duration.ofSeconds(5))
                .until(() ->
                        brief.get("def").result() == null && brief.get("ghi").result() == null);
        assertThat(brief.get("abc").result()).isNotNull();
    }

    @Test
    void isBounded() {
        LocalLinkCache small = new LocalLinkCache(config(100, LONG, LONG));
        for (int number = 0; number < 10_000; number++) {
            small.put(List.of(active("code" + number, 1)));
        }
        long kept = 0;
        for (int number = 0; number < 10_000; number++) {
            kept += small.get("code" + number).result() == null ? 0 : 1;
        }
        assertThat(kept).isLessThanOrEqualTo(100);
    }

    private long version(String code) {
        return cache.get(code).result().version();
    }

    static Target active(String code, long version) {
        return new Target(code, version, Target.State.ACTIVE, 1, null, "https://example.com/" + version);
    }

    static Config.Cache config(int entries, Duration ttl, Duration negativeTtl) {
        return new Config.Cache(entries, ttl, negativeTtl, false, 1, Duration.ZERO);
    }
}
