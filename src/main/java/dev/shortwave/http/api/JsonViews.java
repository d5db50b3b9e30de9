package dev.shortwave.http.api;

import dev.shortwave.event.Event;
import dev.shortwave.link.Link;
import dev.shortwave.user.User;
import io.vertx.core.json.JsonObject;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The resources as the contract writes them. */
final class JsonViews {

    private static final DateTimeFormatter TIMESTAMP =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss", Locale.ROOT);

    private JsonViews() {}

    static JsonObject user(User user) {
        return new JsonObject()
                .put("id", user.id())
                .put("username", user.username())
                .put("email", user.email())
                .put("created_at", timestamp(user.createdAt()));
    }

    static JsonObject link(Link link) {
        return new JsonObject()
                .put("id", link.id())
                .put("user_id", link.userId())
                .put("short_code", link.code())
                .put("original_url", link.destination())
                .put("title", link.title())
                .put("is_active", link.active())
                .put("created_at", timestamp(link.createdAt()))
                .put("updated_at", timestamp(link.updatedAt()));
    }

    static JsonObject event(Event event) {
        return new JsonObject()
                .put("id", event.id())
                .put("url_id", event.urlId())
                .put("user_id", event.userId())
                .put("event_type", event.type())
                .put("timestamp", timestamp(event.at()))
                .put("details", event.details());
    }

    static @Nullable String timestamp(@Nullable OffsetDateTime at) {
        return at == null ? null : TIMESTAMP.format(at.withOffsetSameInstant(ZoneOffset.UTC));
    }
}
