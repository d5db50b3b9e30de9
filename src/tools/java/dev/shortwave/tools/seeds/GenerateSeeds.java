package dev.shortwave.tools.seeds;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes users.csv, urls.csv and events.csv in the shape of the hackathon's seed data, from our own words.
 *
 * <p>The same options give the same bytes on every JDK and every machine: the numbers come from a generator that is
 * part of this file. The quirks of the real sets are here on purpose; scripts/generate-seeds.sh --help
 * names them.
 */
public final class GenerateSeeds {

    private static final String[] ADJECTIVES = {
        "azure", "bold", "crisp", "dusky", "eager", "fabled", "gentle", "humble", "inky", "jolly", "kind", "lunar",
        "misty", "nimble", "olive", "plucky", "quick", "rustic", "sunny", "tawny", "upbeat", "velvet", "windy", "zesty"
    };
    private static final String[] NOUNS = {
        "acorn",
        "bridge",
        "comet",
        "dune",
        "estuary",
        "falcon",
        "glacier",
        "heron",
        "inlet",
        "juniper",
        "kettle",
        "lantern",
        "marble",
        "nectar",
        "otter",
        "prairie",
        "quarry",
        "ridge",
        "summit",
        "thicket",
        "umbrella",
        "violet",
        "willow",
        "yarrow"
    };
    private static final String[] DOMAINS = {
        "fernhill.example",
        "northmoor.example",
        "papertide.example",
        "quaylight.example",
        "slowtrain.example",
        "tinworks.example"
    };
    private static final String[] TITLES = {
        "Design sketch",
        "Field guide",
        "Price sheet",
        "Reading list",
        "Release checklist",
        "Support thread",
        "Survey form",
        "Travel notes",
        "Winter menu",
        "Workshop plan"
    };
    private static final String[] CHANGES = {
        "extended", "merged", "paused", "polished", "relabelled", "renamed", "restored", "trimmed"
    };
    private static final String[] REASONS = {"duplicate", "expired", "policy_cleanup", "user_requested"};

    private static final String CODE_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final int CODE_LENGTH = 6;
    /** Six characters long and names of routes, so never codes. */
    private static final Set<String> RESERVED = Set.of("assets", "events", "health", "static");

    private static final long USERS_FROM = epoch(2024, 1, 1);
    private static final long USERS_TO = epoch(2026, 1, 31);
    private static final long LINKS_FROM = epoch(2025, 1, 1);
    private static final long LINKS_TO = epoch(2026, 2, 21);
    private static final long HISTORY_TO = epoch(2026, 3, 1);

    private static final int INACTIVE_PERCENT = 18;
    /** One link in this many has a code of digits only. */
    private static final int DIGIT_CODE_EVERY = 650;
    /** Of the events after `created`, the share of `updated`; the rest is `deleted`: 1,206 of 1,422. */
    private static final double UPDATED_SHARE = 1206.0 / 1422.0;

    private final int users;
    private final int urls;
    private final int events;
    private final Random random;

    private final String[] usernames;
    private final int[] owners;
    private final int[] repeatedUsers;
    private final int[] repeatedFrom;
    private final long[] createdAt;
    private final String[] codes;
    private final String[] destinations;

    private GenerateSeeds(int users, int urls, int events, long seed) {
        this.users = users;
        this.urls = urls;
        this.events = events;
        this.random = new Random(seed);
        this.usernames = new String[users];
        this.repeatedUsers = new int[users / 100];
        this.repeatedFrom = new int[users / 100];
        this.owners = new int[urls];
        this.createdAt = new long[urls];
        this.codes = new String[urls];
        this.destinations = new String[urls];
    }

    public static void main(String[] args) throws IOException {
        @Nullable Integer users = null;
        @Nullable Integer urls = null;
        @Nullable Integer events = null;
        long seed = 2026;
        @Nullable Path directory = null;
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--users" -> users = count(args, ++i);
                case "--urls" -> urls = count(args, ++i);
                case "--events" -> events = count(args, ++i);
                case "--seed" -> seed = number(args, ++i, Long.MIN_VALUE, Long.MAX_VALUE);
                default -> {
                    if (args[i].startsWith("-") || directory != null) {
                        fail("unknown argument '" + args[i] + "' (try --help)");
                    }
                    directory = Path.of(args[i]);
                }
            }
        }
        int userCount = users != null ? users : 400;
        int urlCount = urls != null ? urls : (int) Math.min(Integer.MAX_VALUE / 8, 5L * userCount);
        int eventCount = events != null ? events : (int) Math.round(urlCount * (3422 / 2000.0));
        if (eventCount < urlCount) {
            fail("--events " + eventCount + " is less than one event for each of " + urlCount + " links");
        }
        Path target = directory != null ? directory : Path.of("seeds");
        try {
            new GenerateSeeds(userCount, urlCount, eventCount, seed).write(target);
        } catch (IOException | UncheckedIOException e) {
            fail("cannot write to " + target + ": " + e.getMessage());
        }
        System.out.printf(
                Locale.ROOT,
                "%s: %,d users, %,d urls, %,d events (seed %d)%n",
                target,
                userCount,
                urlCount,
                eventCount,
                seed);
    }

    private void write(Path directory) throws IOException {
        Files.createDirectories(directory);
        writeFile(directory.resolve("users.csv"), "id,username,email,created_at", this::writeUsers);
        writeFile(
                directory.resolve("urls.csv"),
                "id,user_id,short_code,original_url,title,is_active,created_at,updated_at",
                this::writeUrls);
        writeFile(directory.resolve("events.csv"), "id,url_id,user_id,event_type,timestamp,details", this::writeEvents);
    }

    private void writeUsers(BufferedWriter out) throws IOException {
        chooseUsernames();
        int[] domains = new int[users];
        int repeated = 0;
        for (int i = 0; i < users; i++) {
            domains[i] = random.below(DOMAINS.length);
            if (repeated < repeatedUsers.length && i == repeatedUsers[repeated]) {
                // The first to repeat a name has the e-mail too; the others must not share it by chance.
                int other = domains[repeatedFrom[repeated]];
                if (repeated == 0) {
                    domains[i] = other;
                } else if (domains[i] == other) {
                    domains[i] = (other + 1) % DOMAINS.length;
                }
                repeated++;
            }
            String email = usernames[i] + '@' + DOMAINS[domains[i]];
            row(out, Integer.toString(i + 1), usernames[i], email, timestamp(USERS_FROM, USERS_TO));
        }
    }

    /** Unique, but for {@link #repeatedUsers}, each of which takes the name of a user before it. */
    private void chooseUsernames() {
        // As many digits as leave most names unused; two for up to 2,880 users.
        int digits = 2;
        long names = 100L * ADJECTIVES.length * NOUNS.length;
        while (names < 20L * users) {
            digits++;
            names *= 10;
        }
        int bound = (int) Math.pow(10, digits);
        String format = "%0" + digits + "d";
        Set<String> taken = new HashSet<>(users * 2);
        for (int i = 0; i < users; i++) {
            do {
                usernames[i] = random.pick(ADJECTIVES)
                        + random.pick(NOUNS)
                        + String.format(Locale.ROOT, format, random.below(bound));
            } while (!taken.add(usernames[i]));
        }
        // Each repeater lies in its own hundred and copies from the same hundred, so that no name comes three times.
        for (int r = 0; r < repeatedUsers.length; r++) {
            repeatedUsers[r] = 100 * r + 50 + random.below(50);
            repeatedFrom[r] = 100 * r + random.below(50);
            usernames[repeatedUsers[r]] = usernames[repeatedFrom[r]];
        }
    }

    private void writeUrls(BufferedWriter out) throws IOException {
        chooseOwners();
        Set<String> taken = new HashSet<>(urls * 2);
        for (int i = 0; i < urls; i++) {
            int id = i + 1;
            boolean digitsOnly = id % DIGIT_CODE_EVERY == DIGIT_CODE_EVERY / 2;
            do {
                codes[i] = code(digitsOnly);
            } while (RESERVED.contains(codes[i]) || !taken.add(codes[i]));
            destinations[i] = "https://" + random.pick(DOMAINS) + '/' + random.pick(ADJECTIVES) + '/'
                    + random.pick(NOUNS) + '/' + id;
            createdAt[i] = LINKS_FROM + random.below(LINKS_TO - LINKS_FROM - 1);
            row(
                    out,
                    Integer.toString(id),
                    Integer.toString(owners[i]),
                    codes[i],
                    destinations[i],
                    random.pick(TITLES) + ' ' + random.pick(NOUNS),
                    random.below(100) < INACTIVE_PERCENT ? "False" : "True",
                    format(createdAt[i]),
                    timestamp(createdAt[i] + 1, LINKS_TO));
        }
    }

    private void chooseOwners() {
        for (int i = 0; i < urls; i++) {
            owners[i] = 1 + random.below(users);
        }
        // The first link belongs to the first user, and each user who repeats a name owns at least one link.
        for (int i = 0; i < Math.min(urls, repeatedUsers.length + 1); i++) {
            owners[i] = i == 0 ? 1 : repeatedUsers[i - 1] + 1;
        }
    }

    private String code(boolean digitsOnly) {
        char[] code = new char[CODE_LENGTH];
        for (int i = 0; i < CODE_LENGTH; i++) {
            code[i] = CODE_ALPHABET.charAt(random.below(digitsOnly ? 10 : CODE_ALPHABET.length()));
        }
        return new String(code);
    }

    private void writeEvents(BufferedWriter out) throws IOException {
        for (int i = 0; i < urls; i++) {
            event(
                    out,
                    i + 1,
                    i,
                    "created",
                    format(createdAt[i]),
                    "\"short_code\":\"" + codes[i] + "\",\"original_url\":\"" + destinations[i] + '"');
        }
        int updated = (int) Math.round((events - urls) * UPDATED_SHARE);
        int[] changed = sample(updated);
        for (int i = 0; i < updated; i++) {
            event(out, urls + i + 1, changed[i], "updated", timestamp(LINKS_FROM, HISTORY_TO), change());
        }
        int deleted = events - urls - updated;
        int[] gone = sample(deleted);
        for (int i = 0; i < deleted; i++) {
            event(
                    out,
                    urls + updated + i + 1,
                    gone[i],
                    "deleted",
                    timestamp(LINKS_FROM, HISTORY_TO),
                    "\"reason\":\"" + random.pick(REASONS) + '"');
        }
    }

    /** What a change says. As in the real sets, the new value of `is_active` is a word, and no link shows any. */
    private String change() {
        String field = switch (random.below(3)) {
            case 0 -> "title";
            case 1 -> "is_active";
            default -> "original_url";
        };
        String value = field.equals("original_url")
                ? "https://" + random.pick(DOMAINS) + '/' + random.pick(NOUNS) + '/' + (100 + random.below(9900))
                : random.pick(CHANGES);
        return "\"field\":\"" + field + "\",\"new_value\":\"" + value + '"';
    }

    /** Indices of `size` links in random order; each at most once, unless there are more events than links. */
    private int[] sample(int size) {
        int[] result = new int[size];
        int[] deck = new int[urls];
        for (int i = 0, left = 0; i < size; i++, left--) {
            if (left == 0) {
                Arrays.setAll(deck, index -> index);
                left = urls;
            }
            int chosen = random.below(left);
            result[i] = deck[chosen];
            deck[chosen] = deck[left - 1];
        }
        return result;
    }

    /** `json` is what stands between the braces; as all of `details` has quotes in it, it is always quoted. */
    private void event(BufferedWriter out, int id, int url, String type, String at, String json) throws IOException {
        row(
                out,
                Integer.toString(id),
                Integer.toString(url + 1),
                Integer.toString(owners[url]),
                type,
                at,
                "\"{" + json.replace("\"", "\"\"") + "}\"");
    }

    private String timestamp(long from, long before) {
        return format(from + random.below(before - from));
    }

    private static String format(long epochSecond) {
        LocalDateTime time = LocalDateTime.ofEpochSecond(epochSecond, 0, ZoneOffset.UTC);
        // By hand: twice as fast as a DateTimeFormatter, which is most of the run for a large set.
        StringBuilder text = new StringBuilder(19).append(time.getYear());
        two(text.append('-'), time.getMonthValue());
        two(text.append('-'), time.getDayOfMonth());
        two(text.append(' '), time.getHour());
        two(text.append(':'), time.getMinute());
        two(text.append(':'), time.getSecond());
        return text.toString();
    }

    private static void two(StringBuilder text, int value) {
        text.append((char) ('0' + value / 10)).append((char) ('0' + value % 10));
    }

    private static long epoch(int year, int month, int day) {
        return LocalDateTime.of(year, month, day, 0, 0).toEpochSecond(ZoneOffset.UTC);
    }

    private static void row(BufferedWriter out, String... fields) throws IOException {
        for (int i = 0; i < fields.length; i++) {
            if (i > 0) {
                out.write(',');
            }
            out.write(fields[i]);
        }
        out.write('\n');
    }

    /** Written beside the old file and moved over it, so that a stopped run leaves no half of a set's file. */
    private static void writeFile(Path file, String header, Rows rows) throws IOException {
        Path partial = file.resolveSibling(file.getFileName() + ".part");
        try {
            try (BufferedWriter out = Files.newBufferedWriter(partial, StandardCharsets.UTF_8)) {
                out.write(header);
                out.write('\n');
                rows.write(out);
            }
            Files.move(partial, file, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(partial);
        }
    }

    private static int count(String[] args, int index) {
        return (int) number(args, index, 1, 100_000_000);
    }

    private static long number(String[] args, int index, long min, long max) {
        String option = args[index - 1];
        try {
            long value = Long.parseLong(args[index]);
            if (value >= min && value <= max) {
                return value;
            }
        } catch (ArrayIndexOutOfBoundsException | NumberFormatException e) {
            // Said below, for all three.
        }
        String given = args.length > index ? ", not '" + args[index] + "'" : "";
        fail(option + " takes a whole number from " + min + " to " + max + given);
        return 0;
    }

    private static void fail(String message) {
        System.err.println("generate-seeds: " + message);
        System.exit(2);
    }

    private interface Rows {
        void write(BufferedWriter out) throws IOException;
    }

    /** SplitMix64, here in full: what most of the JDK's generators give is not promised from release to release. */
    private static final class Random {
        private long state;

        Random(long seed) {
            state = seed;
        }

        private long next() {
            state += 0x9E3779B97F4A7C15L;
            long z = state;
            z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
            z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
            return z ^ (z >>> 31);
        }

        int below(int bound) {
            return (int) below((long) bound);
        }

        /** From 0 to bound - 1; the bias is below 1 in 10^10 for what is asked here. */
        long below(long bound) {
            return (next() >>> 1) % bound;
        }

        String pick(String[] words) {
            return words[below(words.length)];
        }
    }
}
