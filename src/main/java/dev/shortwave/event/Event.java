package dev.shortwave.event;

import io.vertx.core.json.JsonObject;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/** Something that happened to a link. It outlives the link and its owner. */
public record Event(long id, long urlId, @Nullable Long userId, String type, OffsetDateTime at, JsonObject details) {

    public static final int MAX_TYPE_LENGTH = 64;

    /** The type of an answered redirect, and of whatever else shall count as one. */
    public static final String CLICK = "click";
}
