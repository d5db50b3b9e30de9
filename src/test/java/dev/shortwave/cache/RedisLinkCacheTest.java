package dev.shortwave.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shortwave.config.Config;
import dev.shortwave.fixture.Client;
import dev.shortwave.fixture.Servers;
import dev.shortwave.fixture.ServiceTest;
import dev.shortwave.link.LinkTarget;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Links in a real Redis only go forward, whoever writes them and in whatever order. */
@ServiceTest
class RedisLinkCacheTest {

    private static final String CODE = "code";

    private final Vertx vertx = Vertx.vertx();
    private final Context context = vertx.getOrCreateContext();
    private final RedisLinkCache first;
    private final RedisLinkCache second;

    RedisLinkCacheTest(Servers servers) {
        Config.Redis redis = new Config.Redis(
                URI.create(servers.redis().url()),
                List.of(),
                null,
                Duration.ofSeconds(5),
                Duration.ofMillis(500),
                "test:" + Client.word() + ":");
        Config.Cache cache =
                new Config.Cache(1 << 20, Duration.ofHours(1), Duration.ofMinutes(1), false, 1, Duration.ZERO);
        RedisKeys keys = new RedisKeys(redis, "installation");
        first = new RedisLinkCache(vertx, redis, cache, keys, "a test");
        second = new RedisLinkCache(vertx, redis, cache, keys, "another one");
    }

    @BeforeEach
    void open() {
        on(first::open);
        on(second::open);
    }

    @AfterEach
    void close() {
        on(first::close);
        on(second::close);
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    /** Sessions belong to one event loop. */
    private <T> T on(Supplier<Future<T>> work) {
        Promise<T> done = Promise.promise();
        context.runOnContext(go -> work.get().onComplete(done));
        return done.future().toCompletionStage().toCompletableFuture().join();
    }

    private static LinkTarget link(long version, LinkTarget.State state) {
        return new LinkTarget(CODE, version, state, 7, 1L, "https://example.com/" + version);
    }

    private LinkTarget there() {
        return on(() -> first.get(List.of(CODE))).get(CODE);
    }

    private void fill(LinkTarget... targets) {
        for (LinkTarget target : targets) {
            on(() -> first.fill(List.of(target), first.generation()));
        }
    }

    @Test
    void aSlowReaderBringsNoOlderStateBack() {
        fill(
                link(2, LinkTarget.State.ACTIVE),
                link(1, LinkTarget.State.ACTIVE),
                LinkTarget.unknown(CODE, LinkTarget.NEVER_SEEN));
        assertThat(there()).isEqualTo(link(2, LinkTarget.State.ACTIVE));
    }

    @Test
    void aDeletedLinkComesBackOnlyAsANewOne() {
        fill(link(2, LinkTarget.State.ACTIVE), LinkTarget.unknown(CODE, 2), link(2, LinkTarget.State.ACTIVE));
        assertThat(there()).isEqualTo(LinkTarget.unknown(CODE, 2));

        fill(link(3, LinkTarget.State.INACTIVE));
        assertThat(there()).isEqualTo(link(3, LinkTarget.State.INACTIVE));
    }

    @Test
    void aNewLinkReplacesThatThereIsNone() {
        fill(LinkTarget.unknown(CODE, LinkTarget.NEVER_SEEN));
        assertThat(there()).isEqualTo(LinkTarget.unknown(CODE, LinkTarget.NEVER_SEEN));

        fill(link(1, LinkTarget.State.ACTIVE));
        assertThat(there()).isEqualTo(link(1, LinkTarget.State.ACTIVE));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void theNewestStateStaysInWhateverOrderTheyCome(long seed) {
        Random random = new Random(seed);
        List<LinkTarget> states = new ArrayList<>(List.of(LinkTarget.unknown(CODE, LinkTarget.NEVER_SEEN)));
        // Ten is before nine for whoever compares texts.
        for (int version = 1; version < 12; version++) {
            states.add(link(version, version % 3 == 0 ? LinkTarget.State.INACTIVE : LinkTarget.State.ACTIVE));
            if (random.nextBoolean()) {
                states.add(LinkTarget.unknown(CODE, version));
            }
        }
        LinkTarget newest = states.get(states.size() - 1);
        states.addAll(List.copyOf(states));
        Collections.shuffle(states, random);

        on(() -> Future.join(states.stream()
                .map(state -> {
                    RedisLinkCache links = random.nextBoolean() ? first : second;
                    return links.fill(List.of(state), links.generation());
                })
                .toList()));
        assertThat(there()).isEqualTo(newest);
    }

    @Test
    void whatWasReadOnAnEarlierConnectionIsNotWritten() {
        Future<Void> late = on(() ->
                Future.succeededFuture(first.fill(List.of(link(1, LinkTarget.State.ACTIVE)), first.generation() - 1)));
        assertThat(late.failed()).isTrue();
        assertThat(there()).isNull();
    }
}
