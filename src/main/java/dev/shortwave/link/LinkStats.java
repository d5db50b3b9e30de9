package dev.shortwave.link;

import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/** A link with its counters. */
public record LinkStats(Link link, long clicks, @Nullable OffsetDateTime lastClickedAt) {}
