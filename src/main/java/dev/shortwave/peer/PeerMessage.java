package dev.shortwave.peer;

import dev.shortwave.cache.TargetCodec;
import dev.shortwave.link.Target;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What JVMs tell each other, as text: a line of kind, sender and number, and for changes a line for each link, its code
 * and its value. No code, id or value has a line break in it.
 */
sealed interface PeerMessage {

    /** Links have changed; to be acknowledged to the sender with the number. */
    record Changes(String from, long number, List<Target> targets) implements PeerMessage {}

    /** All clicks taken so far are to be booked; to be acknowledged likewise. */
    record Flush(String from, long number) implements PeerMessage {}

    /** The sender has done what the number stands for. */
    record Acknowledgement(String from, long number) implements PeerMessage {}

    /** Sent to itself: what Redis published before has been heard. The number is the time of sending. */
    record Beat(String from, long number) implements PeerMessage {}

    String from();

    long number();

    default String encode() {
        StringBuilder text = new StringBuilder()
                .append(getClass().getSimpleName().charAt(0))
                .append(' ')
                .append(from())
                .append(' ')
                .append(number());
        if (this instanceof Changes changes) {
            for (Target target : changes.targets()) {
                text.append('\n').append(target.code()).append(' ').append(TargetCodec.encode(target));
            }
        }
        return text.toString();
    }

    /** The message, or null for a text that is none of ours. */
    static @Nullable PeerMessage decode(String text) {
        String[] lines = text.split("\n", -1);
        String[] head = lines[0].split(" ", -1);
        if (head.length != 3) {
            return null;
        }
        try {
            long number = Long.parseLong(head[2]);
            return switch (head[0]) {
                case "C" -> new Changes(head[1], number, targets(lines));
                case "F" -> new Flush(head[1], number);
                case "A" -> new Acknowledgement(head[1], number);
                case "B" -> new Beat(head[1], number);
                default -> null;
            };
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private static List<Target> targets(String[] lines) {
        List<Target> targets = new ArrayList<>(lines.length - 1);
        for (int line = 1; line < lines.length; line++) {
            int end = lines[line].indexOf(' ');
            Target target =
                    end < 0 ? null : TargetCodec.decode(lines[line].substring(0, end), lines[line].substring(end + 1));
            if (target != null) {
                targets.add(target);
            }
        }
        return targets;
    }
}
