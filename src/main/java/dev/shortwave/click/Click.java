package dev.shortwave.click;

import dev.shortwave.error.TextRules;
import dev.shortwave.stats.ClickCounts;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/**
 * One answered redirect.
 *
 * @param atMilliseconds when, since 1970
 * @param ownerId the link's owner, if it has one
 * @param referrer the header, decoded, or null; cleaned only when it is booked, off the redirect's path
 * @param userAgent likewise
 */
public record Click(
        long atMilliseconds,
        long linkId,
        @Nullable Long ownerId,
        String code,
        String destination,
        @Nullable String referrer,
        @Nullable String userAgent) {

    public OffsetDateTime timestamp() {
        // Not by way of Instant, which makes the rules of the time zone anew each time.
        return OffsetDateTime.of(
                LocalDateTime.ofEpochSecond(
                        Math.floorDiv(atMilliseconds, 1000L),
                        Math.floorMod(atMilliseconds, 1000) * 1_000_000,
                        ZoneOffset.UTC),
                ZoneOffset.UTC);
    }

    /** The details of its event; headers without what PostgreSQL can't store, so that none can spoil a batch. */
    public String details() {
        StringBuilder json = new StringBuilder(64 + code.length() + destination.length() + length(userAgent));
        JsonText.appendField(json.append('{'), "short_code", code);
        JsonText.appendField(json.append(','), "original_url", destination);
        appendHeader(json, "referrer", sanitized(referrer));
        appendHeader(json, "user_agent", sanitized(userAgent));
        return json.append('}').toString();
    }

    private static int length(@Nullable String header) {
        return header == null ? 0 : header.length();
    }

    private static void appendHeader(StringBuilder json, String name, @Nullable String header) {
        if (header != null) {
            JsonText.appendField(json.append(','), name, header);
        }
    }

    /** Counts it, with the same headers that its event has. */
    public void addTo(ClickCounts tally) {
        tally.add(linkId, atMilliseconds, sanitized(referrer), sanitized(userAgent));
    }

    private static @Nullable String sanitized(@Nullable String header) {
        String kept = header == null ? "" : TextRules.sanitize(header, ClickCodec.MAX_HEADER_LENGTH);
        return kept.isEmpty() ? null : kept;
    }
}
