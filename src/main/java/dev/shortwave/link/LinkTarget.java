package dev.shortwave.link;

import org.jspecify.annotations.Nullable;

/**
 * What a code leads to: the unit of the cache.
 *
 * @param code the code
 * @param version of the row; a higher one is newer. {@link #NEVER_SEEN} for a code that never had a row
 * @param state whether it redirects
 * @param linkId the row's id, 0 when unknown
 * @param ownerId the owner, if there is one
 * @param destination as it is stored, empty when unknown; {@link Destinations#location} makes it ready to be sent
 */
public record LinkTarget(
        String code,
        long version,
        State state,
        long linkId,
        @Nullable Long ownerId,
        String destination) {

    /** Version of "there is no such code": any real row is newer. */
    public static final long NEVER_SEEN = 0;

    /** Whether a code redirects. */
    public enum State {
        ACTIVE,
        INACTIVE,
        /** There is no such code, or no longer: a tombstone, so that a slow reader can't bring the old row back. */
        UNKNOWN
    }

    /**
     * Whether this is a later state of the code than the other. A deletion has the version of the row that it deletes, and
     * follows it.
     */
    public boolean isNewerThan(LinkTarget other) {
        return version != other.version
                ? version > other.version
                : state == State.UNKNOWN && other.state != State.UNKNOWN;
    }

    public static LinkTarget unknown(String code, long version) {
        return new LinkTarget(code, version, State.UNKNOWN, 0, null, "");
    }
}
