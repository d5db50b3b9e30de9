package dev.shortwave.cluster;

import dev.shortwave.link.LinkTarget;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells Redis and all JVMs of changed links, and waits until none answers the old state any more: each has said so, or its
 * lease has ended. What one turn of the event loop changes goes out together. On one event loop.
 */
final class InvalidationPublisher {

    private static final Logger LOG = LoggerFactory.getLogger(InvalidationPublisher.class);

    private static final int MAX_ATTEMPTS = 3;

    private final Vertx vertx;
    private final ClusterChannel channel;
    private final Acknowledgements acknowledgements;
    private final InvalidationOutbox outbox;
    private final long leaseMilliseconds;
    private List<LinkTarget> next = new ArrayList<>();
    private Promise<Void> nextDone = Promise.promise();
    private List<LinkTarget> published = new ArrayList<>();
    private boolean removal;

    InvalidationPublisher(
            Vertx vertx,
            ClusterChannel channel,
            Acknowledgements acknowledgements,
            InvalidationOutbox changeLog,
            Duration lease) {
        this.vertx = vertx;
        this.channel = channel;
        this.acknowledgements = acknowledgements;
        this.outbox = changeLog;
        this.leaseMilliseconds = lease.plus(ClusterChannel.MARGIN).toMillis();
    }

    /** Completes when no JVM answers an older state any more. Never fails. */
    Future<Void> publish(List<LinkTarget> changed) {
        if (next.isEmpty()) {
            vertx.getOrCreateContext().runOnContext(turn -> sendNext());
        }
        next.addAll(changed);
        return nextDone.future();
    }

    private void sendNext() {
        List<LinkTarget> targets = next;
        Promise<Void> done = nextDone;
        next = new ArrayList<>();
        nextDone = Promise.promise();
        Future<Void> all = Future.succeededFuture();
        for (int from = 0; from < targets.size(); from += InvalidationOutbox.BATCH) {
            List<LinkTarget> part = targets.subList(from, Math.min(targets.size(), from + InvalidationOutbox.BATCH));
            all = all.compose(before -> send(part, 1));
        }
        all.onComplete(done);
    }

    private Future<Void> send(List<LinkTarget> targets, int attempt) {
        Acknowledgements.PendingAcks awaited = acknowledgements.expect();
        int connection = channel.connection();
        return channel.publish(new ClusterMessage.Invalidation(channel.id(), awaited.number(), targets))
                .compose(
                        holders -> {
                            holders.remove(channel.id());
                            return Future.join(waitFor(awaited, awaited.expectFrom(holders)), awaitFencingDelay())
                                    .onSuccess(done -> removeFromOutbox(targets))
                                    .mapEmpty();
                        },
                        failure -> {
                            awaited.cancel();
                            channel.drop(connection);
                            return retry(targets, attempt);
                        });
    }

    private Future<Void> waitFor(Acknowledgements.PendingAcks awaited, Future<Void> all) {
        long timer = vertx.setTimer(leaseMilliseconds, late -> {
            LOG.warn(
                    "{} JVMs did not acknowledge a change; their leases have ended, they do not answer from memory",
                    awaited.missing().size());
            awaited.cancel();
        });
        return all.onSuccess(done -> vertx.cancelTimer(timer));
    }

    /** A Redis that has just started has forgotten who holds a lease. */
    private Future<?> awaitFencingDelay() {
        long rest = leaseMilliseconds - channel.age().toMillis();
        return rest <= 0 ? Future.succeededFuture() : vertx.timer(rest, TimeUnit.MILLISECONDS);
    }

    /** Others may still hold a lease. Redis decides: who can reach it sets it right, and if nobody can, leases end. */
    private Future<Void> retry(List<LinkTarget> targets, int attempt) {
        return channel.reach()
                .compose(reached -> reached && attempt < MAX_ATTEMPTS
                        ? send(targets, attempt + 1)
                        : vertx.timer(leaseMilliseconds, TimeUnit.MILLISECONDS).mapEmpty());
    }

    /** One statement after the other, each for all that came together; what fails is announced once more by the sweep. */
    private void removeFromOutbox(List<LinkTarget> targets) {
        published.addAll(targets);
        if (!removal) {
            removal = true;
            List<LinkTarget> known = published;
            published = new ArrayList<>();
            outbox.remove(known).onComplete(done -> {
                removal = false;
                if (!published.isEmpty()) {
                    removeFromOutbox(List.of());
                }
            });
        }
    }
}
