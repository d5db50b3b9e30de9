package dev.shortwave.click;

import dev.shortwave.click.journal.ClickWriter;
import dev.shortwave.link.LinkTarget;
import java.nio.ByteBuffer;

/** Clicks of tests on their way in: redirects give the parts. */
public final class Clicks {

    private Clicks() {}

    static LinkTarget target(Click click) {
        return new LinkTarget(
                click.code(), 1, LinkTarget.State.ACTIVE, click.linkId(), click.ownerId(), click.destination());
    }

    static int encode(Click click, ByteBuffer buffer, int at) {
        return ClickCodec.encode(
                target(click), click.atMilliseconds(), click.referrer(), click.userAgent(), buffer, at);
    }

    static int bound(Click click) {
        return ClickCodec.maxLength(target(click), click.referrer(), click.userAgent());
    }

    public static void append(ClickAppenders.ClickAppender appender, Click click) {
        appender.append(target(click), click.atMilliseconds(), click.referrer(), click.userAgent());
    }

    public static boolean append(ClickWriter writer, Click click) {
        return writer.append(target(click), click.atMilliseconds(), click.referrer(), click.userAgent());
    }
}
