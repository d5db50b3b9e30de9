package dev.shortwave.bench;

import static dev.shortwave.bench.BenchDatabase.join;

import dev.shortwave.bus.Codecs;
import dev.shortwave.click.Click;
import dev.shortwave.click.ClickAppenders;
import dev.shortwave.click.journal.ClickJournal;
import dev.shortwave.click.recorder.EventRecorderVerticle;
import dev.shortwave.config.Config;
import dev.shortwave.link.LinkTarget;
import dev.shortwave.postgres.Database;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/** How many clicks a second the recorder books, beside plain inserts of the same rows by the same client. */
public final class BookingRate {

    private static final String USAGE = """
            Usage: BookingRate [--clicks 100000] [--links 2000] [--referrers 0.5] [--batches 2000,5000] [--rounds 5]

            Books CLICKS clicks on LINKS links, whose popularity is Zipf's (exponent 1), with eight different user
            agents; a share of them came from one of 20 sites. On an embedded PostgreSQL with the service's settings,
            every commit flushed to disk. In each round, by turns and for each size of batches:

              plain     INSERT INTO events SELECT … FROM unnest(…) in a loop over one connection, nothing else
              recorder  the verticle of the service, from a journal on disk that holds the clicks to the last one
                        booked: events, counters, roll-ups, checkpoint

            The first round is for warming up. Afterwards every click must be booked once. Prints a row of Markdown
            for each: median, least and most clicks a second, and the ratio of the medians.
            """;

    private static final String PLAIN = """
            INSERT INTO events (url_id, user_id, event_type, "timestamp", details)
            SELECT url_id, user_id, 'click', at, details::jsonb
            FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[], $4::text[]) AS click (url_id, user_id, at, details)""";

    private static final String[] USER_AGENTS = {
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
        "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 Mobile Safari/537.36",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1",
        "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "curl/8.5.0"
    };
    private static final int SITES = 20;

    private final Vertx vertx = Vertx.vertx();
    private final BenchDatabase database;
    private final List<Click> clicks;

    private BookingRate(List<Click> clicks) throws IOException {
        this.clicks = clicks;
        Codecs.registerAll(vertx.eventBus());
        database = new BenchDatabase(vertx);
    }

    public static void main(String[] arguments) throws IOException {
        Flags flags = Flags.of(
                arguments,
                USAGE,
                Map.of(
                        "--clicks",
                        "100000",
                        "--links",
                        "2000",
                        "--referrers",
                        "0.5",
                        "--batches",
                        "2000,5000",
                        "--rounds",
                        "5"));
        List<Click> clicks = clicks(flags.number("--clicks"), flags.number("--links"), flags.fraction("--referrers"));
        BookingRate bench = new BookingRate(clicks);
        try {
            int[] batches = Arrays.stream(flags.text("--batches").split(","))
                    .mapToInt(Integer::parseInt)
                    .toArray();
            bench.run(batches, flags.number("--rounds"));
        } finally {
            bench.database.close();
            join(bench.vertx.close());
        }
    }

    private static List<Click> clicks(int count, int links, double referrers) {
        double[] upTo = new double[links];
        double sum = 0;
        for (int link = 0; link < links; link++) {
            sum += 1.0 / (link + 1);
            upTo[link] = sum;
        }
        Random random = new Random(1);
        long now = System.currentTimeMillis();
        List<Click> clicks = new ArrayList<>(count);
        for (int number = 0; number < count; number++) {
            int found = Arrays.binarySearch(upTo, random.nextDouble() * sum);
            long link = 1 + Math.min(links - 1, found < 0 ? -found - 1 : found);
            int site = (int) (SITES * Math.pow(random.nextDouble(), 3));
            String referrer =
                    random.nextDouble() < referrers ? "https://site" + site + ".example/page/" + number : null;
            clicks.add(new Click(
                    now + number / 20,
                    link,
                    link % 400,
                    "c" + link,
                    "https://fernhill.example/some/where/" + link + "/page?x=y",
                    referrer,
                    USER_AGENTS[(int) (USER_AGENTS.length * Math.pow(random.nextDouble(), 1.5))]));
        }
        return clicks;
    }

    private void run(int[] batches, int rounds) throws IOException {
        double[][] plain = new double[batches.length][rounds];
        double[][] recorder = new double[batches.length][rounds];
        for (int round = -1; round < rounds; round++) {
            for (int at = 0; at < batches.length; at++) {
                double inserted = clicks.size() / plain(batches[at]);
                double booked = clicks.size() / recorder(batches[at]);
                System.err.printf(
                        Locale.ROOT,
                        "round %d of %d, batches of %d: plain %.0f/s, recorder %.0f/s%n",
                        round + 1,
                        rounds,
                        batches[at],
                        inserted,
                        booked);
                if (round >= 0) {
                    plain[at][round] = inserted;
                    recorder[at][round] = booked;
                }
            }
        }
        check((long) (rounds + 1) * batches.length * clicks.size());
        System.out.println("| variant | clicks in a batch | clicks/s | least | most | ÷ plain |");
        System.out.println("|---|--:|--:|--:|--:|--:|");
        for (int at = 0; at < batches.length; at++) {
            print("plain", batches[at], plain[at], 1);
            print("recorder", batches[at], recorder[at], median(recorder[at]) / median(plain[at]));
        }
    }

    private static void print(String variant, int batch, double[] rates, double ratio) {
        System.out.printf(
                Locale.ROOT,
                "| %s | %d | %.0f | %.0f | %.0f | %.2f |%n",
                variant,
                batch,
                median(rates),
                Arrays.stream(rates).min().orElse(0),
                Arrays.stream(rates).max().orElse(0),
                ratio);
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    /** Seconds that plain inserts take. */
    private double plain(int batch) throws IOException {
        long start = System.nanoTime();
        join(plainFrom(0, batch));
        return (System.nanoTime() - start) / 1e9;
    }

    private Future<Void> plainFrom(int from, int batch) {
        if (from >= clicks.size()) {
            return Future.succeededFuture();
        }
        List<Click> part = clicks.subList(from, Math.min(clicks.size(), from + batch));
        Long[] links = part.stream().map(Click::linkId).toArray(Long[]::new);
        Long[] owners = part.stream().map(Click::ownerId).toArray(Long[]::new);
        OffsetDateTime[] times = part.stream().map(Click::timestamp).toArray(OffsetDateTime[]::new);
        String[] details = part.stream().map(Click::details).toArray(String[]::new);
        return database.pool()
                .preparedQuery(PLAIN)
                .execute(Tuple.of(links, owners, times, details))
                .compose(done -> plainFrom(from + batch, batch));
    }

    /** Seconds from the start of the verticle to the last click of a full journal. */
    private double recorder(int batch) throws IOException {
        Config config = database.config(Map.of("clicks.batch-size", Integer.toString(batch)));
        ClickJournal journal = new ClickJournal(vertx, config.clicks(), database.installation());
        join(journal.start());
        ClickAppenders.ClickAppender appender = join(journal.open());
        fill(journal, appender);
        EventRecorderVerticle verticle =
                new EventRecorderVerticle(new Database(config.database()), journal, config.clicks(), size -> {});
        long start = System.nanoTime();
        String deployed = join(vertx.deployVerticle(verticle));
        join(journal.flush());
        double seconds = (System.nanoTime() - start) / 1e9;
        appender.close();
        join(journal.flush());
        join(vertx.undeploy(deployed));
        join(journal.stop());
        return seconds;
    }

    /** Faster than any traffic; a file that is not there yet refuses, then it waits a little. */
    private void fill(ClickJournal journal, ClickAppenders.ClickAppender appender) {
        for (Click click : clicks) {
            long before = journal.appended();
            append(appender, click);
            while (journal.appended() == before) {
                pause();
                append(appender, click);
            }
        }
    }

    private static void append(ClickAppenders.ClickAppender appender, Click click) {
        LinkTarget target = new LinkTarget(
                click.code(), 1, LinkTarget.State.ACTIVE, click.linkId(), click.ownerId(), click.destination());
        appender.append(target, click.atMilliseconds(), click.referrer(), click.userAgent());
    }

    private static void pause() {
        try {
            Thread.sleep(5);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void check(long expected) throws IOException {
        long counted = database.number("SELECT sum(clicks)::bigint FROM link_clicks");
        long inHours = database.number("SELECT sum(clicks)::bigint FROM link_hours");
        long events = database.number("SELECT count(*) FROM events");
        if (counted != expected || inHours != expected || events != 2 * expected) {
            throw new IllegalStateException("booked " + counted + ", by the hour " + inHours + ", events " + events
                    + "; expected " + expected + " and twice as many events");
        }
    }
}
