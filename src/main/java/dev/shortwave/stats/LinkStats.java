package dev.shortwave.stats;

import dev.shortwave.link.Link;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A link with its click counts. The breakdowns may lack clicks that an older release booked, the total never does.
 *
 * @param direct clicks without a referrer
 * @param agents clicks by family; families without any are left out
 * @param referrers hosts that clicks came from, the most frequent first
 * @param points the intervals of the range that have clicks, in order of time
 */
public record LinkStats(
        Link link,
        long clicks,
        @Nullable OffsetDateTime lastClickedAt,
        long direct,
        Map<UserAgentFamily, Long> agents,
        List<Referrer> referrers,
        StatsRange range,
        List<Point> points) {

    /** A referrer host and its clicks. */
    public record Referrer(String host, long clicks) {}

    /** The clicks of one interval. */
    public record Point(OffsetDateTime at, long clicks, long bots) {}

    /** Clicks that no person made. */
    public long bots() {
        return agents.entrySet().stream()
                .filter(entry -> entry.getKey().isBot())
                .mapToLong(Map.Entry::getValue)
                .sum();
    }
}
