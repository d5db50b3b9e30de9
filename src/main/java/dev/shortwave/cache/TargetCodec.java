package dev.shortwave.cache;

import dev.shortwave.link.Target;
import dev.shortwave.problem.Text;
import org.jspecify.annotations.Nullable;

/**
 * A target as a Redis value: {@code version state link owner destination}, with spaces between, the owner {@code -} if
 * there is none. The version comes first because the script compares it.
 */
public final class TargetCodec {

    private static final int PARTS = 5;
    private static final String NOBODY = "-";

    private TargetCodec() {}

    public static String encode(Target target) {
        return target.version() + " " + target.state().name().charAt(0) + " " + target.linkId() + " "
                + (target.ownerId() == null ? NOBODY : target.ownerId()) + " " + target.destination();
    }

    /** The target, or null for a value that is not ours: whoever wrote it, it must not become a response header. */
    public static @Nullable Target decode(String code, String value) {
        String[] parts = value.split(" ", PARTS);
        boolean whole =
                parts.length == PARTS && Text.isStorable(parts[4]) && !(parts[1].equals("A") && parts[4].isEmpty());
        if (!whole) {
            return null;
        }
        try {
            return new Target(
                    code,
                    Long.parseLong(parts[0]),
                    switch (parts[1]) {
                        case "A" -> Target.State.ACTIVE;
                        case "I" -> Target.State.INACTIVE;
                        case "U" -> Target.State.UNKNOWN;
                        default -> throw new NumberFormatException();
                    },
                    Long.parseLong(parts[2]),
                    parts[3].equals(NOBODY) ? null : Long.valueOf(parts[3]),
                    parts[4]);
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
