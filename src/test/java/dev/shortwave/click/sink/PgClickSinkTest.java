package dev.shortwave.click.sink;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shortwave.click.Click;
import dev.shortwave.config.Config;
import dev.shortwave.fixture.Servers;
import dev.shortwave.fixture.ServiceTest;
import dev.shortwave.fixture.TestDatabase;
import dev.shortwave.postgres.Database;
import dev.shortwave.postgres.migration.Migrations;
import dev.shortwave.stats.ReferrerHosts;
import dev.shortwave.stats.UserAgentFamily;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The sink on a real PostgreSQL: what it counts is what its events say. */
@ServiceTest
class PgClickSinkTest {

    private static final long START = Instant.parse("2026-03-01T22:30:00Z").toEpochMilli();
    private static final String[] USER_AGENTS = {
        null,
        "",
        "curl/8.5.0",
        "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
        "Twitterbot/1.0",
        "gar\0bage \ud800"
    };
    private static final String[] REFERRERS = {
        null,
        " ",
        "https://a.example/x?y",
        "https://A.example/",
        "http://b.example:80",
        "not an address",
        "\0https://c.example/\"\\"
    };

    private final TestDatabase database;
    private final Vertx vertx = Vertx.vertx();
    private Pool pool;

    PgClickSinkTest(Servers servers) {
        database = servers.postgres().newDatabase();
        Config.Database config =
                servers.service().set("database.url", database.url()).config().database();
        join(new Migrations(config).run(vertx));
        pool = new Database(config).pool(vertx, "test", 4);
    }

    @BeforeEach
    void forgetAll() {
        execute("TRUNCATE events, link_clicks, link_hours, link_referrers, click_checkpoints");
    }

    @AfterEach
    void close() {
        join(pool.close());
        join(vertx.close());
    }

    private static <T> T join(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private List<Row> execute(String sql) {
        List<Row> rows = new ArrayList<>();
        join(pool.query(sql).execute()).forEach(rows::add);
        return rows;
    }

    private static Click click(Random random) {
        return new Click(
                START + random.nextInt(4 * 3_600_000),
                1 + random.nextInt(6),
                random.nextBoolean() ? null : 7L,
                "abc",
                "https://example.com/\"\\",
                REFERRERS[random.nextInt(REFERRERS.length)],
                USER_AGENTS[random.nextInt(USER_AGENTS.length)]);
    }

    private static List<Click> clicks(Random random) {
        List<Click> clicks = new ArrayList<>();
        for (int count = random.nextInt(60); count >= 0; count--) {
            clicks.add(click(random));
        }
        return clicks;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void itsCountersEqualItsEvents(long seed) {
        Random random = new Random(seed);
        long position = 0;
        long booked = 0;
        for (int batch = 0; batch < 25; batch++) {
            // A process that starts anew, a batch whose answer was lost, and one that two processes hold.
            ClickSink sink = new PgClickSink(pool);
            assertThat(join(sink.checkpoint("stream"))).isEqualTo(position);
            List<Click> clicks = clicks(random);
            long next = position + clicks.size();
            Future<Boolean> first = sink.write("stream", position, next, ClickBatchParameters.of(clicks));
            Future<Boolean> second =
                    new PgClickSink(pool).write("stream", position, next, ClickBatchParameters.of(clicks));
            assertThat(Set.of(join(first), join(second))).containsExactlyInAnyOrder(true, false);
            assertThat(join(sink.write("stream", position, next, ClickBatchParameters.of(clicks))))
                    .isFalse();
            position = next;
            booked += clicks.size();
        }
        assertThat(database.number("SELECT count(*) FROM events")).isEqualTo(booked);
        countersAreARecountOfEvents();
    }

    @Test
    void severalProcessesCountTheSameLinksAtOnce() {
        Random random = new Random(1);
        List<Future<Boolean>> written = new ArrayList<>();
        for (int round = 0; round < 40; round++) {
            for (int stream = 0; stream < 4; stream++) {
                List<Click> clicks = clicks(random);
                written.add(new PgClickSink(pool)
                        .write("stream" + stream + "-" + round, 0, clicks.size(), ClickBatchParameters.of(clicks)));
            }
        }
        assertThat(join(Future.all(written)).<Boolean>list()).containsOnly(true);
        countersAreARecountOfEvents();
    }

    private void countersAreARecountOfEvents() {
        Map<Long, Expected> linkToExpected = new TreeMap<>();
        for (Row row : execute("SELECT url_id, \"timestamp\", details FROM events WHERE event_type = 'click'")) {
            linkToExpected
                    .computeIfAbsent(row.getLong(0), link -> new Expected())
                    .add(row.getOffsetDateTime(1), (JsonObject) row.getValue(2));
        }
        assertThat(linkToExpected).isNotEmpty();
        linkToExpected.forEach(this::linkIsAsExpected);
        assertThat(database.number("SELECT count(*) FROM link_clicks")).isEqualTo(linkToExpected.size());
    }

    private void linkIsAsExpected(long link, Expected expected) {
        Row counters =
                execute("SELECT * FROM link_clicks WHERE url_id = " + link).get(0);
        assertThat(counters.getLong("clicks")).isEqualTo(expected.clicks);
        assertThat(counters.getLong("direct")).isEqualTo(expected.direct);
        assertThat(counters.getOffsetDateTime("last_clicked_at")).isEqualTo(expected.last);
        for (UserAgentFamily family : UserAgentFamily.values()) {
            assertThat(counters.getLong("agent_" + family.columnSuffix()))
                    .as("%s of link %s", family, link)
                    .isEqualTo(expected.families.getOrDefault(family, 0L));
        }
        assertThat(longs("SELECT hour::text, clicks::bigint FROM link_hours WHERE url_id = " + link))
                .isEqualTo(expected.hours);
        assertThat(longs("SELECT hour::text, bots::bigint FROM link_hours WHERE bots > 0 AND url_id = " + link))
                .isEqualTo(expected.botHours);
        assertThat(longs("SELECT host, clicks FROM link_referrers WHERE url_id = " + link))
                .isEqualTo(expected.hosts);
    }

    private Map<String, Long> longs(String sql) {
        return execute(sql).stream().collect(Collectors.toMap(row -> row.getString(0), row -> row.getLong(1)));
    }

    private static final class Expected {
        long clicks;
        long direct;
        OffsetDateTime last = OffsetDateTime.MIN;
        final Map<UserAgentFamily, Long> families = new TreeMap<>();
        final Map<String, Long> hours = new TreeMap<>();
        final Map<String, Long> botHours = new TreeMap<>();
        final Map<String, Long> hosts = new TreeMap<>();

        void add(OffsetDateTime at, JsonObject details) {
            clicks++;
            last = at.isAfter(last) ? at : last;
            UserAgentFamily family = UserAgentFamily.of(details.getString("user_agent"));
            families.merge(family, 1L, Long::sum);
            String hour = String.format(Locale.ROOT, "%tF %<tH:00:00+00", at);
            hours.merge(hour, 1L, Long::sum);
            if (family.isBot()) {
                botHours.merge(hour, 1L, Long::sum);
            }
            String referrer = details.getString("referrer");
            String host = referrer == null || referrer.isBlank() ? null : ReferrerHosts.host(referrer);
            if (referrer == null || referrer.isBlank()) {
                direct++;
            } else if (host != null) {
                hosts.merge(host, 1L, Long::sum);
            }
        }
    }

    @Test
    void aFloodOfReferrersIsBounded() {
        ClickSink sink = new PgClickSink(pool);
        long position = 0;
        for (int batch = 0; batch < 10; batch++) {
            List<Click> clicks = new ArrayList<>();
            for (int number = 0; number < 500; number++) {
                String referrer = "https://" + (number == 0 ? "known" : "x" + batch + "-" + number) + ".example/";
                clicks.add(new Click(START, 1, null, "abc", "https://example.com/", referrer, null));
            }
            assertThat(join(sink.write("stream", position, position + 1, ClickBatchParameters.of(clicks))))
                    .isTrue();
            position++;
        }
        assertThat(database.number("SELECT count(*) FROM link_referrers")).isLessThan(200);
        assertThat(database.number("SELECT clicks FROM link_referrers WHERE host = 'known.example'"))
                .isEqualTo(10);
        assertThat(database.number("SELECT clicks FROM link_clicks")).isEqualTo(5000);
    }

    @Test
    void thePreviousReleaseBooksConcurrently() {
        ClickSink sink = new PgClickSink(pool);
        List<Click> clicks = List.of(new Click(START, 1, null, "abc", "https://example.com/", null, "curl/8"));
        assertThat(join(sink.write("stream", 0, 1, ClickBatchParameters.of(clicks))))
                .isTrue();
        execute("INSERT INTO link_clicks AS c (url_id, clicks, last_clicked_at) VALUES (1, 2, now()), (2, 3, now())"
                + " ON CONFLICT (url_id) DO UPDATE SET clicks = c.clicks + EXCLUDED.clicks");
        assertThat(join(sink.write("stream", 1, 2, ClickBatchParameters.of(clicks))))
                .isTrue();
        assertThat(database.number("SELECT clicks FROM link_clicks WHERE url_id = 1"))
                .isEqualTo(4);
        assertThat(database.number("SELECT agent_curl FROM link_clicks WHERE url_id = 1"))
                .isEqualTo(2);
        assertThat(database.number("SELECT agent_curl FROM link_clicks WHERE url_id = 2"))
                .isZero();
    }

    @Test
    void eachFamilyHasItsColumn() {
        Set<String> columns = new TreeSet<>();
        execute("SELECT column_name::text FROM information_schema.columns"
                        + " WHERE table_name = 'link_clicks' AND column_name LIKE 'agent\\_%'")
                .forEach(row -> columns.add(row.getString(0)));
        assertThat(columns)
                .isEqualTo(Arrays.stream(UserAgentFamily.values())
                        .map(family -> "agent_" + family.columnSuffix())
                        .collect(Collectors.toCollection(TreeSet::new)));
    }
}
