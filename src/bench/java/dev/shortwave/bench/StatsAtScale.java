package dev.shortwave.bench;

import dev.shortwave.ServiceLauncher;
import dev.shortwave.bus.Codecs;
import dev.shortwave.config.Config;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;

/** How long the stats of a link with ten million clicks take. */
public final class StatsAtScale {

    private static final String USAGE = """
            Usage: StatsAtScale [--clicks 10000000] [--events 1000000] [--neighbours 100] [--requests 2000]

            Gives one link CLICKS clicks, spread over every hour of a year, as the recorder would have counted them;
            EVENTS of them are there as events too (stats never read those; ten million take minutes and 4 GB). As many
            NEIGHBOURS have clicks in each hour as well, so that the link's rows lie far apart. Then asks the service
            for the link's stats over one connection, REQUESTS times for each kind of question, the kinds by turns.

            Prints a row of Markdown for each kind: p50, p99 and the longest, in milliseconds.
            """;

    private static final String HOURS = """
            INSERT INTO link_hours (url_id, hour, clicks, bots)
            SELECT link, hour, greatest(1, %1$d / 8784), greatest(1, %1$d / 8784) / 5
            FROM generate_series(date_trunc('hour', now()) - interval '8783 hours', now(), interval '1 hour') AS hour
            CROSS JOIN generate_series(1, %2$d) AS link""";

    private static final String COUNTERS = """
            INSERT INTO link_clicks (url_id, clicks, last_clicked_at, direct, agent_chrome, agent_safari, agent_curl)
            SELECT url_id, sum(clicks), now(), sum(clicks) / 2, sum(clicks) / 2, sum(clicks) / 4, sum(clicks) / 5
            FROM link_hours GROUP BY url_id""";

    private static final String REFERRERS = """
            INSERT INTO link_referrers (url_id, host, clicks)
            SELECT link, 'site' || site || '.example', site * 100
            FROM generate_series(1, %d) AS link CROSS JOIN generate_series(1, 100) AS site""";

    private static final String EVENTS = """
            INSERT INTO events (url_id, event_type, "timestamp", details)
            SELECT 1, 'click', now() - n * interval '1 year' / %1$d, '{"short_code": "bench", "user_agent": "curl/8"}'
            FROM generate_series(1, %1$d) AS n""";

    private static final int WARM_UP = 300;

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final int port;

    private StatsAtScale(int port) {
        this.port = port;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Flags flags = Flags.of(
                arguments,
                USAGE,
                Map.of("--clicks", "10000000", "--events", "1000000", "--neighbours", "100", "--requests", "2000"));
        Vertx vertx = Vertx.vertx();
        Codecs.registerAll(vertx.eventBus());
        try (BenchDatabase database = new BenchDatabase(vertx)) {
            fill(database, flags);
            Config config = database.config(Map.of("http.port", "0", "management.port", "0", "log.level", "warn"));
            ServiceLauncher service = ServiceLauncher.start(config).awaitReady();
            try {
                new StatsAtScale(service.port()).run(flags.number("--requests"), flags.number("--clicks"));
            } finally {
                service.stop();
            }
        } finally {
            BenchDatabase.join(vertx.close());
        }
    }

    private static void fill(BenchDatabase database, Flags flags) throws IOException {
        int links = 1 + flags.number("--neighbours");
        step(database, "link", "INSERT INTO urls (short_code, original_url) VALUES ('bench', 'https://example.com/')");
        step(database, "partitions", "SELECT ensure_event_partitions(current_date - 366, current_date)::bigint");
        step(database, "hours", String.format(Locale.ROOT, HOURS, flags.number("--clicks"), links));
        step(database, "counters", COUNTERS);
        step(database, "referrers", String.format(Locale.ROOT, REFERRERS, links));
        step(database, "events", String.format(Locale.ROOT, EVENTS, flags.number("--events")));
        step(database, "vacuum", "VACUUM ANALYZE");
    }

    private static void step(BenchDatabase database, String name, String sql) throws IOException {
        long start = System.nanoTime();
        database.number(sql);
        System.err.printf(Locale.ROOT, "%s: %.1f s%n", name, (System.nanoTime() - start) / 1e9);
    }

    private void run(int requests, int clicks) throws IOException, InterruptedException {
        LocalDate tomorrow = LocalDate.now(ZoneOffset.UTC).plusDays(1);
        String[] questions = {
            "",
            "?interval=hour&from=" + tomorrow.minusDays(31) + "&to=" + tomorrow,
            "?from=" + tomorrow.minusDays(366) + "&to=" + tomorrow
        };
        String[] names = {"no parameters: 30 days", "744 hours", "366 days"};
        long[][] nanoseconds = new long[questions.length][requests];
        for (int request = -WARM_UP; request < requests; request++) {
            for (int kind = 0; kind < questions.length; kind++) {
                long start = System.nanoTime();
                ask(questions[kind], clicks);
                if (request >= 0) {
                    nanoseconds[kind][request] = System.nanoTime() - start;
                }
            }
        }
        System.out.println("| stats of a link with " + clicks + " clicks | p50 | p99 | max |");
        System.out.println("|---|--:|--:|--:|");
        for (int kind = 0; kind < questions.length; kind++) {
            Arrays.sort(nanoseconds[kind]);
            System.out.printf(
                    Locale.ROOT,
                    "| %s | %.2f ms | %.2f ms | %.2f ms |%n",
                    names[kind],
                    percentile(nanoseconds[kind], 50),
                    percentile(nanoseconds[kind], 99),
                    percentile(nanoseconds[kind], 100));
        }
    }

    private static double percentile(long[] sorted, int percent) {
        int rank = (int) Math.ceil(sorted.length * percent / 100.0);
        return sorted[Math.max(0, rank - 1)] / 1e6;
    }

    private void ask(String query, int clicks) throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + port + "/stats/bench" + query);
        HttpResponse<String> answer = http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
        long rounded = clicks / 8784 * 8784L;
        if (answer.statusCode() != 200 || !answer.body().contains("\"click_count\":" + rounded)) {
            throw new IllegalStateException(answer.statusCode() + " " + answer.body());
        }
    }
}
