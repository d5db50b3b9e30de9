package dev.shortwave.peer;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Has all other JVMs book the clicks they have taken. One round at a time: who asks while one is under way shares the next
 * one, so that a thousand readers cost what one does. On one event loop.
 */
final class FlushBarrier {

    private final Vertx vertx;
    private final PeerChannel channel;
    private final Acknowledgements acknowledgements;
    private final long leaseMilliseconds;
    private @Nullable Future<Void> underWay;
    private @Nullable Future<Void> after;

    FlushBarrier(Vertx vertx, PeerChannel channel, Acknowledgements acknowledgements, Duration lease) {
        this.vertx = vertx;
        this.channel = channel;
        this.acknowledgements = acknowledgements;
        this.leaseMilliseconds = lease.plus(PeerChannel.MARGIN).toMillis();
    }

    /** Completes when all who hold a lease have booked, or fails when Redis is away. */
    Future<Void> pass() {
        Future<Void> current = underWay;
        if (current == null) {
            Future<Void> round = round();
            if (!round.isComplete()) {
                underWay = round.onComplete(done -> underWay = null);
            }
            return round;
        }
        if (after == null) {
            after = current.transform(done -> {
                after = null;
                return pass();
            });
        }
        return after;
    }

    private Future<Void> round() {
        Acknowledgements.Awaited awaited = acknowledgements.expect();
        return tell(awaited)
                .compose(holders -> {
                    holders.remove(channel.id());
                    Future<Void> all = awaited.of(holders);
                    watch(awaited, all);
                    return all;
                })
                .onFailure(failure -> awaited.end());
    }

    private Future<Set<String>> tell(Acknowledgements.Awaited awaited) {
        return channel.tell(new PeerMessage.Flush(channel.id(), awaited.number()));
    }

    /** A JVM that is gone books nothing: it counts as long as it holds a lease. One that is there may have missed the word. */
    private void watch(Acknowledgements.Awaited awaited, Future<Void> all) {
        if (!all.isComplete()) {
            long timer = vertx.setTimer(
                    leaseMilliseconds,
                    late -> tell(awaited).onComplete(holders -> {
                        if (holders.succeeded()) {
                            awaited.only(holders.result());
                        } else {
                            awaited.end();
                        }
                        watch(awaited, all);
                    }));
            all.onComplete(done -> vertx.cancelTimer(timer));
        }
    }
}
