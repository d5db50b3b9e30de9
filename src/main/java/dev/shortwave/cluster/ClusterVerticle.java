package dev.shortwave.cluster;

import dev.shortwave.bus.Addresses;
import dev.shortwave.bus.Bus;
import dev.shortwave.bus.FlushClicks;
import dev.shortwave.bus.FlushCluster;
import dev.shortwave.bus.PublishInvalidations;
import dev.shortwave.bus.WarmCache;
import dev.shortwave.cache.LinkCache;
import dev.shortwave.config.Config;
import dev.shortwave.link.LinkTarget;
import dev.shortwave.postgres.Database;
import dev.shortwave.postgres.ReconnectingPool;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * This JVM's seat among the others of its service: hears of their changes and tells of its own, and has clicks booked when
 * another JVM wants to read them. One for each JVM, if there is a Redis.
 */
public final class ClusterVerticle extends VerticleBase {

    private static final int HEARTBEATS_PER_LEASE = 5;
    private static final Duration FLUSH_TIMEOUT = Duration.ofSeconds(2);
    private static final long START_TIMEOUT_MILLISECONDS = 2_000;
    private static final long SWEEP_INTERVAL_MILLISECONDS = 1_000;

    /** What is noted for so long was forgotten by whoever noted it. */
    private static final Duration SWEEP_AGE = Duration.ofSeconds(5);

    private final Database database;
    private final LinkCache caches;
    private final Config config;
    private @Nullable ClusterChannel channel;
    private boolean sweepTimer;

    public ClusterVerticle(Database database, LinkCache caches, Config config) {
        this.database = database;
        this.caches = caches;
        this.config = config;
    }

    @Override
    public Future<?> start() {
        Duration lease = config.redis().leaseDuration();
        ReconnectingPool pool =
                new ReconnectingPool(() -> database.pool(vertx, "peers", 1), database.responseTimeout());
        Bus bus = new Bus(vertx.eventBus(), FLUSH_TIMEOUT, Integer.MAX_VALUE);
        InvalidationOutbox changeLog = new InvalidationOutbox(pool);
        Acknowledgements acknowledgements = new Acknowledgements();
        ClusterChannel opened =
                new ClusterChannel(vertx, config.redis(), config.cache(), caches.keys(), caches::recordRedisResponse);
        channel = opened;
        InvalidationPublisher announcer = new InvalidationPublisher(vertx, opened, acknowledgements, changeLog, lease);
        ClusterFlush barrier = new ClusterFlush(vertx, opened, acknowledgements, lease);
        LeaseKeeper membership = new LeaseKeeper(
                opened,
                caches.lease(),
                lease,
                () -> opened.identifyServer().compose(same -> publishAll(changeLog, announcer, "", Duration.ZERO)),
                () -> warmAgain(bus));
        opened.onMessage(message -> receive(message, opened, membership, acknowledgements, bus));

        Bus.serve(
                vertx.eventBus(),
                Addresses.CLUSTER_INVALIDATE,
                (PublishInvalidations request) ->
                        announcer.publish(request.changed()).map(true));
        Bus.serve(
                vertx.eventBus(),
                Addresses.CLUSTER_FLUSH,
                (FlushCluster request) -> barrier.flush().map(true));
        vertx.setPeriodic(lease.toMillis() / HEARTBEATS_PER_LEASE, beat -> membership.tick());
        vertx.setPeriodic(SWEEP_INTERVAL_MILLISECONDS, sweep -> {
            if (membership.isIn() && !sweepTimer) {
                sweepTimer = true;
                publishAll(changeLog, announcer, "", SWEEP_AGE).onComplete(done -> sweepTimer = false);
            }
        });
        return opened.open().compose(attempted -> {
            membership.tick();
            return opened.isReady()
                    ? membership
                            .joined()
                            .timeout(START_TIMEOUT_MILLISECONDS, TimeUnit.MILLISECONDS)
                            .otherwiseEmpty()
                    : Future.succeededFuture();
        });
    }

    private void receive(
            ClusterMessage message,
            ClusterChannel channel,
            LeaseKeeper membership,
            Acknowledgements acknowledgements,
            Bus bus) {
        if (message instanceof ClusterMessage.Heartbeat beat) {
            membership.received(beat);
        } else if (message instanceof ClusterMessage.Acknowledgement acknowledgement) {
            acknowledgements.received(acknowledgement);
        } else if (message instanceof ClusterMessage.Invalidation changes && isFromOther(changes, channel)) {
            caches.local().replace(changes.targets());
            channel.acknowledge(changes.from(), changes.number());
        } else if (message instanceof ClusterMessage.Flush flush && isFromOther(flush, channel)) {
            // Also when it takes too long: the reader has waited enough.
            bus.request(new FlushClicks()).onComplete(done -> channel.acknowledge(flush.from(), flush.number()));
        }
    }

    private static boolean isFromOther(ClusterMessage message, ClusterChannel channel) {
        return !message.from().equals(channel.id());
    }

    /** What was in memory counts no more, and Redis may be empty. Goes on for longer than the answer is waited for. */
    private void warmAgain(Bus bus) {
        if (config.cache().warmAtStart()) {
            bus.request(new WarmCache());
        }
    }

    /** All that is noted, batch after batch. */
    private Future<Void> publishAll(
            InvalidationOutbox changeLog, InvalidationPublisher announcer, String after, Duration age) {
        return changeLog.read(after, age).compose(targets -> {
            if (targets.isEmpty()) {
                return Future.succeededFuture();
            }
            caches.local().replace(targets);
            Future<Void> announced = announcer.publish(targets);
            if (targets.size() < InvalidationOutbox.BATCH) {
                return announced;
            }
            String last = last(targets);
            return announced.compose(done -> publishAll(changeLog, announcer, last, age));
        });
    }

    private static String last(List<LinkTarget> targets) {
        return targets.get(targets.size() - 1).code();
    }

    @Override
    public Future<?> stop() {
        caches.lease().revoke();
        return channel == null ? Future.succeededFuture() : channel.close();
    }
}
