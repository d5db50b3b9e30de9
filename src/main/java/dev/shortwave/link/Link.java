package dev.shortwave.link;

import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * A link as the API shows it.
 *
 * @param version grows with each change of the row, across all links: it comes from one sequence
 */
public record Link(
        long id,
        @Nullable Long userId,
        String code,
        String destination,
        @Nullable String title,
        boolean active,
        OffsetDateTime createdAt,
        OffsetDateTime updatedAt,
        long version) {

    /** All that a redirect needs of it. */
    public LinkTarget target() {
        return new LinkTarget(
                code, version, active ? LinkTarget.State.ACTIVE : LinkTarget.State.INACTIVE, id, userId, destination);
    }
}
