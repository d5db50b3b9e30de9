package dev.shortwave.click;

import dev.shortwave.link.Target;
import dev.shortwave.problem.Text;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/**
 * One answered redirect.
 *
 * @param atMilliseconds when, since 1970
 * @param ownerId the link's owner, if it has one
 * @param referrer the header as it came, or null; cleaned only when it is booked, off the redirect's path
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

    /** A click on a link as it is now. */
    public static Click of(Target target, long atMilliseconds, @Nullable String referrer, @Nullable String userAgent) {
        return new Click(
                atMilliseconds,
                target.linkId(),
                target.ownerId(),
                target.code(),
                target.destination(),
                referrer,
                userAgent);
    }

    OffsetDateTime timestamp() {
        return Instant.ofEpochMilli(atMilliseconds).atOffset(ZoneOffset.UTC);
    }

    /** The details of its event; headers without what PostgreSQL can't store, so that none can spoil a batch. */
    String details() {
        JsonObject details = new JsonObject().put("short_code", code).put("original_url", destination);
        putHeader(details, "referrer", referrer);
        putHeader(details, "user_agent", userAgent);
        return details.encode();
    }

    private static void putHeader(JsonObject details, String name, @Nullable String header) {
        String kept = header == null ? "" : Text.storable(header, ClickCodec.LONGEST_HEADER);
        if (!kept.isEmpty()) {
            details.put(name, kept);
        }
    }
}
