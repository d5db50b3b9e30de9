package dev.shortwave.click;

import dev.shortwave.link.Target;
import java.nio.ByteBuffer;

/** Clicks of tests on their way in: redirects give the parts. */
final class Clicks {

    private Clicks() {}

    static Target target(Click click) {
        return new Target(click.code(), 1, Target.State.ACTIVE, click.linkId(), click.ownerId(), click.destination());
    }

    static int encode(Click click, ByteBuffer buffer, int at) {
        return ClickCodec.encode(
                target(click), click.atMilliseconds(), click.referrer(), click.userAgent(), buffer, at);
    }

    static int bound(Click click) {
        return ClickCodec.bound(target(click), click.referrer(), click.userAgent());
    }

    static void append(ClickLog.Appender appender, Click click) {
        appender.append(target(click), click.atMilliseconds(), click.referrer(), click.userAgent());
    }

    static boolean append(ClickWriter writer, Click click) {
        return writer.append(target(click), click.atMilliseconds(), click.referrer(), click.userAgent());
    }
}
