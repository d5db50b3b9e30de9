package dev.shortwave.cache;

import dev.shortwave.error.TextRules;
import dev.shortwave.link.LinkTarget;
import org.jspecify.annotations.Nullable;

/**
 * A target as a Redis value: {@code version state link owner destination}, with spaces between, the owner {@code -} if
 * there is none. The version comes first because the script compares it.
 */
public final class LinkTargetCodec {

    private static final int PARTS = 5;
    private static final String NO_OWNER = "-";

    private LinkTargetCodec() {}

    public static String encode(LinkTarget target) {
        return target.version() + " " + target.state().name().charAt(0) + " " + target.linkId() + " "
                + (target.ownerId() == null ? NO_OWNER : target.ownerId()) + " " + target.destination();
    }

    /** The target, or null for a value that is not ours: whoever wrote it, it must not become a response header. */
    public static @Nullable LinkTarget decode(String code, String value) {
        String[] parts = value.split(" ", PARTS);
        boolean whole = parts.length == PARTS
                && TextRules.isStorable(parts[4])
                && !(parts[1].equals("A") && parts[4].isEmpty());
        if (!whole) {
            return null;
        }
        try {
            return new LinkTarget(
                    code,
                    Long.parseLong(parts[0]),
                    switch (parts[1]) {
                        case "A" -> LinkTarget.State.ACTIVE;
                        case "I" -> LinkTarget.State.INACTIVE;
                        case "U" -> LinkTarget.State.UNKNOWN;
                        default -> throw new NumberFormatException();
                    },
                    Long.parseLong(parts[2]),
                    parts[3].equals(NO_OWNER) ? null : Long.valueOf(parts[3]),
                    parts[4]);
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
