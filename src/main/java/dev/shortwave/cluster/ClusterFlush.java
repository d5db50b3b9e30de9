package dev.shortwave.cluster;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Has all other JVMs book the clicks they have taken. One round at a time: who asks while one is under way shares the next
 * one, so that a thousand readers cost what one does. On one event loop.
 */
final class ClusterFlush {

    private final Vertx vertx;
    private final ClusterChannel channel;
    private final Acknowledgements acknowledgements;
    private final long leaseMilliseconds;
    private @Nullable Future<Void> inFlight;
    private @Nullable Future<Void> next;

    ClusterFlush(Vertx vertx, ClusterChannel channel, Acknowledgements acknowledgements, Duration lease) {
        this.vertx = vertx;
        this.channel = channel;
        this.acknowledgements = acknowledgements;
        this.leaseMilliseconds = lease.plus(ClusterChannel.MARGIN).toMillis();
    }

    /** Completes when all who hold a lease have booked, or fails when Redis is away. */
    Future<Void> flush() {
        Future<Void> current = inFlight;
        if (current == null) {
            Future<Void> round = round();
            if (!round.isComplete()) {
                inFlight = round.onComplete(done -> inFlight = null);
            }
            return round;
        }
        if (next == null) {
            next = current.transform(done -> {
                next = null;
                return flush();
            });
        }
        return next;
    }

    private Future<Void> round() {
        Acknowledgements.PendingAcks awaited = acknowledgements.expect();
        return publish(awaited)
                .compose(holders -> {
                    holders.remove(channel.id());
                    Future<Void> all = awaited.expectFrom(holders);
                    watch(awaited, all);
                    return all;
                })
                .onFailure(failure -> awaited.cancel());
    }

    private Future<Set<String>> publish(Acknowledgements.PendingAcks awaited) {
        return channel.send(new ClusterMessage.Flush(channel.id(), awaited.number()));
    }

    /** A JVM that is gone books nothing: it counts as long as it holds a lease. One that is there may have missed the word. */
    private void watch(Acknowledgements.PendingAcks awaited, Future<Void> all) {
        if (!all.isComplete()) {
            long timer = vertx.setTimer(
                    leaseMilliseconds,
                    late -> publish(awaited).onComplete(holders -> {
                        if (holders.succeeded()) {
                            awaited.retainOnly(holders.result());
                        } else {
                            awaited.cancel();
                        }
                        watch(awaited, all);
                    }));
            all.onComplete(done -> vertx.cancelTimer(timer));
        }
    }
}
