package dev.shortwave.stats;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Counts of clicks as arguments of the database's function {@code count_clicks}: a batch has few different links, hours,
 * families of user agents and referrers, and adding here costs less than there. Not thread-safe.
 */
public final class ClickCounts {

    /** Maximum of referrer hosts of one link; the function has the same bound for those it keeps. */
    public static final int MAX_REFERRERS = 100;

    private static final String CALL = "count_clicks($%d::bigint[], $%d::timestamptz[], $%d::text[], $%d::integer[],"
            + " $%d::integer[], $%d::integer[], $%d::timestamptz[], $%d::bigint[], $%d::text[], $%d::integer[])";
    private static final int PARAMETERS = 10;
    private static final long HOUR_MILLISECONDS = TimeUnit.HOURS.toMillis(1);

    private record Cell(long linkId, long hour, UserAgentFamily family) {}

    private record Referrer(long linkId, String host) {}

    /** The counts of a cell. */
    private static final class Count {
        int clicks;
        int direct;
        long lastMilliseconds = Long.MIN_VALUE;
    }

    private final Map<Cell, Count> cells = new HashMap<>();
    private final Map<Referrer, Integer> referrers = new HashMap<>();
    private final Map<Long, Integer> linkToReferrers = new HashMap<>();
    private final Map<String, UserAgentFamily> userAgentToFamily = new HashMap<>();

    /** The call of the function as SQL, its parameters numbered from this one on. */
    public static String call(int firstParameter) {
        Object[] numbers = new Object[PARAMETERS];
        for (int at = 0; at < PARAMETERS; at++) {
            numbers[at] = firstParameter + at;
        }
        return String.format(Locale.ROOT, CALL, numbers);
    }

    /** Adds a click; headers as received, blank ones are absent. */
    public void add(long linkId, long atMilliseconds, @Nullable String referrer, @Nullable String userAgent) {
        UserAgentFamily family = userAgent == null
                ? UserAgentFamily.of(null)
                : userAgentToFamily.computeIfAbsent(userAgent, UserAgentFamily::of);
        Cell cell = new Cell(linkId, Math.floorDiv(atMilliseconds, HOUR_MILLISECONDS), family);
        Count count = cells.computeIfAbsent(cell, first -> new Count());
        count.clicks++;
        count.lastMilliseconds = Math.max(count.lastMilliseconds, atMilliseconds);
        if (referrer == null || referrer.isBlank()) {
            count.direct++;
        } else {
            addReferrer(linkId, ReferrerHosts.host(referrer));
        }
    }

    private void addReferrer(long linkId, @Nullable String host) {
        if (host == null) {
            return;
        }
        Referrer referrer = new Referrer(linkId, host);
        Integer known = referrers.get(referrer);
        if (known != null) {
            referrers.put(referrer, known + 1);
        } else if (linkToReferrers.merge(linkId, 1, Integer::sum) <= MAX_REFERRERS) {
            referrers.put(referrer, 1);
        }
    }

    public boolean isEmpty() {
        return cells.isEmpty();
    }

    /** The values of the parameters of {@link #call}. */
    public List<Object> arguments() {
        int size = cells.size();
        Long[] links = new Long[size];
        OffsetDateTime[] hours = new OffsetDateTime[size];
        String[] families = new String[size];
        Integer[] clicks = new Integer[size];
        Integer[] bots = new Integer[size];
        Integer[] direct = new Integer[size];
        OffsetDateTime[] lasts = new OffsetDateTime[size];
        int at = 0;
        for (Map.Entry<Cell, Count> entry : cells.entrySet()) {
            Cell cell = entry.getKey();
            Count count = entry.getValue();
            links[at] = cell.linkId();
            hours[at] = time(cell.hour() * HOUR_MILLISECONDS);
            families[at] = cell.family().columnSuffix();
            clicks[at] = count.clicks;
            bots[at] = cell.family().isBot() ? count.clicks : 0;
            direct[at] = count.direct;
            lasts[at] = time(count.lastMilliseconds);
            at++;
        }
        List<Object> arguments = new ArrayList<>(List.of(links, hours, families, clicks, bots, direct, lasts));
        addReferrers(arguments);
        return arguments;
    }

    private void addReferrers(List<Object> arguments) {
        List<Map.Entry<Referrer, Integer>> sorted = referrers.entrySet().stream()
                .sorted(Map.Entry.comparingByKey(
                        Comparator.comparingLong(Referrer::linkId).thenComparing(Referrer::host)))
                .toList();
        arguments.add(sorted.stream().map(entry -> entry.getKey().linkId()).toArray(Long[]::new));
        arguments.add(sorted.stream().map(entry -> entry.getKey().host()).toArray(String[]::new));
        arguments.add(sorted.stream().map(Map.Entry::getValue).toArray(Integer[]::new));
    }

    private static OffsetDateTime time(long milliseconds) {
        return Instant.ofEpochMilli(milliseconds).atOffset(ZoneOffset.UTC);
    }
}
