package dev.shortwave.click;

import dev.shortwave.link.Target;
import dev.shortwave.problem.Text;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/**
 * One answered redirect. Header values are cleaned where the click is made, so that no header can spoil a batch.
 *
 * @param target the link as it was when it redirected
 */
public record Click(
        Target target,
        Instant at,
        @Nullable String referrer,
        @Nullable String userAgent) {

    private static final int LONGEST_HEADER = 1024;

    public static Click of(Target target, Instant at, @Nullable String referrer, @Nullable String userAgent) {
        return new Click(target, at, clean(referrer), clean(userAgent));
    }

    private static @Nullable String clean(@Nullable String header) {
        String kept = header == null ? "" : Text.storable(header, LONGEST_HEADER);
        return kept.isEmpty() ? null : kept;
    }

    OffsetDateTime timestamp() {
        return at.atOffset(ZoneOffset.UTC);
    }

    /** The details of its event. */
    String details() {
        JsonObject details =
                new JsonObject().put("short_code", target.code()).put("original_url", target.destination());
        if (referrer != null) {
            details.put("referrer", referrer);
        }
        if (userAgent != null) {
            details.put("user_agent", userAgent);
        }
        return details.encode();
    }
}
