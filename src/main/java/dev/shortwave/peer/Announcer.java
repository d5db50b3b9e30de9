package dev.shortwave.peer;

import dev.shortwave.link.Target;
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
final class Announcer {

    private static final Logger LOG = LoggerFactory.getLogger(Announcer.class);

    private static final int ATTEMPTS = 3;

    private final Vertx vertx;
    private final PeerChannel channel;
    private final Acknowledgements acknowledgements;
    private final ChangeLog changeLog;
    private final long leaseMilliseconds;
    private List<Target> next = new ArrayList<>();
    private Promise<Void> nextDone = Promise.promise();
    private List<Target> announced = new ArrayList<>();
    private boolean forgetting;

    Announcer(
            Vertx vertx, PeerChannel channel, Acknowledgements acknowledgements, ChangeLog changeLog, Duration lease) {
        this.vertx = vertx;
        this.channel = channel;
        this.acknowledgements = acknowledgements;
        this.changeLog = changeLog;
        this.leaseMilliseconds = lease.plus(PeerChannel.MARGIN).toMillis();
    }

    /** Completes when no JVM answers an older state any more. Never fails. */
    Future<Void> announce(List<Target> changed) {
        if (next.isEmpty()) {
            vertx.getOrCreateContext().runOnContext(turn -> sendNext());
        }
        next.addAll(changed);
        return nextDone.future();
    }

    private void sendNext() {
        List<Target> targets = next;
        Promise<Void> done = nextDone;
        next = new ArrayList<>();
        nextDone = Promise.promise();
        Future<Void> all = Future.succeededFuture();
        for (int from = 0; from < targets.size(); from += ChangeLog.BATCH) {
            List<Target> part = targets.subList(from, Math.min(targets.size(), from + ChangeLog.BATCH));
            all = all.compose(before -> send(part, 1));
        }
        all.onComplete(done);
    }

    private Future<Void> send(List<Target> targets, int attempt) {
        Acknowledgements.Awaited awaited = acknowledgements.expect();
        int connection = channel.connection();
        return channel.announce(new PeerMessage.Changes(channel.id(), awaited.number(), targets))
                .compose(
                        holders -> {
                            holders.remove(channel.id());
                            return Future.join(waitFor(awaited, awaited.of(holders)), untilRedisIsOld())
                                    .onSuccess(done -> forget(targets))
                                    .mapEmpty();
                        },
                        failure -> {
                            awaited.end();
                            channel.drop(connection);
                            return reachAgain(targets, attempt);
                        });
    }

    private Future<Void> waitFor(Acknowledgements.Awaited awaited, Future<Void> all) {
        long timer = vertx.setTimer(leaseMilliseconds, late -> {
            LOG.warn(
                    "{} JVMs did not acknowledge a change; their leases have ended, they do not answer from memory",
                    awaited.missing().size());
            awaited.end();
        });
        return all.onSuccess(done -> vertx.cancelTimer(timer));
    }

    /** A Redis that has just started has forgotten who holds a lease. */
    private Future<?> untilRedisIsOld() {
        long rest = leaseMilliseconds - channel.age().toMillis();
        return rest <= 0 ? Future.succeededFuture() : vertx.timer(rest, TimeUnit.MILLISECONDS);
    }

    /** Others may still hold a lease. Redis decides: who can reach it sets it right, and if nobody can, leases end. */
    private Future<Void> reachAgain(List<Target> targets, int attempt) {
        return channel.reach()
                .compose(reached -> reached && attempt < ATTEMPTS
                        ? send(targets, attempt + 1)
                        : vertx.timer(leaseMilliseconds, TimeUnit.MILLISECONDS).mapEmpty());
    }

    /** One statement after the other, each for all that came together; what fails is announced once more by the sweep. */
    private void forget(List<Target> targets) {
        announced.addAll(targets);
        if (!forgetting) {
            forgetting = true;
            List<Target> known = announced;
            announced = new ArrayList<>();
            changeLog.forget(known).onComplete(done -> {
                forgetting = false;
                if (!announced.isEmpty()) {
                    forget(List.of());
                }
            });
        }
    }
}
