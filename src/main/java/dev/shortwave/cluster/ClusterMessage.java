package dev.shortwave.cluster;

import dev.shortwave.cache.LinkTargetCodec;
import dev.shortwave.link.LinkTarget;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What JVMs tell each other, as text: a line of kind, sender and number, and for changes a line for each link, its code
 * and its value. No code, id or value has a line break in it.
 */
sealed interface ClusterMessage {

    char INVALIDATION = 'C';
    char FLUSH = 'F';
    char ACKNOWLEDGEMENT = 'A';
    char HEARTBEAT = 'B';

    /** Links have changed; to be acknowledged to the sender with the number. */
    record Invalidation(String from, long number, List<LinkTarget> targets) implements ClusterMessage {}

    /** All clicks taken so far are to be booked; to be acknowledged likewise. */
    record Flush(String from, long number) implements ClusterMessage {}

    /** The sender has done what the number stands for. */
    record Acknowledgement(String from, long number) implements ClusterMessage {}

    /** Sent to itself: what Redis published before has been heard. The number is the time of sending. */
    record Heartbeat(String from, long number) implements ClusterMessage {}

    String from();

    long number();

    /** What the text begins with. JVMs of two releases exchange messages, so a letter never changes its meaning. */
    private char letter() {
        if (this instanceof Invalidation) {
            return INVALIDATION;
        }
        if (this instanceof Flush) {
            return FLUSH;
        }
        return this instanceof Acknowledgement ? ACKNOWLEDGEMENT : HEARTBEAT;
    }

    default String encode() {
        StringBuilder text = new StringBuilder()
                .append(letter())
                .append(' ')
                .append(from())
                .append(' ')
                .append(number());
        if (this instanceof Invalidation changes) {
            for (LinkTarget target : changes.targets()) {
                text.append('\n').append(target.code()).append(' ').append(LinkTargetCodec.encode(target));
            }
        }
        return text.toString();
    }

    /** The message, or null for a text that is none of ours. */
    static @Nullable ClusterMessage decode(String text) {
        String[] lines = text.split("\n", -1);
        String[] head = lines[0].split(" ", -1);
        if (head.length != 3 || head[0].length() != 1) {
            return null;
        }
        try {
            long number = Long.parseLong(head[2]);
            return switch (head[0].charAt(0)) {
                case INVALIDATION -> new Invalidation(head[1], number, targets(lines));
                case FLUSH -> new Flush(head[1], number);
                case ACKNOWLEDGEMENT -> new Acknowledgement(head[1], number);
                case HEARTBEAT -> new Heartbeat(head[1], number);
                default -> null;
            };
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private static List<LinkTarget> targets(String[] lines) {
        List<LinkTarget> targets = new ArrayList<>(lines.length - 1);
        for (int line = 1; line < lines.length; line++) {
            int end = lines[line].indexOf(' ');
            LinkTarget target = end < 0
                    ? null
                    : LinkTargetCodec.decode(lines[line].substring(0, end), lines[line].substring(end + 1));
            if (target != null) {
                targets.add(target);
            }
        }
        return targets;
    }
}
