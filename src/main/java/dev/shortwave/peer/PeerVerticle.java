package dev.shortwave.peer;

import dev.shortwave.bus.Addresses;
import dev.shortwave.bus.AnnounceChanges;
import dev.shortwave.bus.Bus;
import dev.shortwave.bus.FlushClicks;
import dev.shortwave.bus.FlushPeers;
import dev.shortwave.bus.WarmCache;
import dev.shortwave.cache.LinkCaches;
import dev.shortwave.config.Config;
import dev.shortwave.link.Target;
import dev.shortwave.postgres.Database;
import dev.shortwave.postgres.ReopeningPool;
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
public final class PeerVerticle extends VerticleBase {

    private static final int BEATS_IN_A_LEASE = 5;
    private static final Duration PATIENCE_WITH_CLICKS = Duration.ofSeconds(2);
    private static final long LONGEST_START_MILLISECONDS = 2_000;
    private static final long SWEEP_MILLISECONDS = 1_000;

    /** What is noted for so long was forgotten by whoever noted it. */
    private static final Duration FORGOTTEN = Duration.ofSeconds(5);

    private final Database database;
    private final LinkCaches caches;
    private final Config config;
    private @Nullable PeerChannel channel;
    private boolean sweeping;

    public PeerVerticle(Database database, LinkCaches caches, Config config) {
        this.database = database;
        this.caches = caches;
        this.config = config;
    }

    @Override
    public Future<?> start() {
        Duration lease = config.redis().lease();
        ReopeningPool pool = new ReopeningPool(() -> database.pool(vertx, "peers", 1), database.longestSilence());
        Bus bus = new Bus(vertx.eventBus(), PATIENCE_WITH_CLICKS, Integer.MAX_VALUE);
        ChangeLog changeLog = new ChangeLog(pool);
        Acknowledgements acknowledgements = new Acknowledgements();
        PeerChannel opened =
                new PeerChannel(vertx, config.redis(), config.cache(), caches.keys(), caches::redisAnswered);
        channel = opened;
        Announcer announcer = new Announcer(vertx, opened, acknowledgements, changeLog, lease);
        FlushBarrier barrier = new FlushBarrier(vertx, opened, acknowledgements, lease);
        Membership membership = new Membership(
                opened,
                caches.trust(),
                lease,
                () -> opened.recognise().compose(same -> announceAll(changeLog, announcer, "", Duration.ZERO)),
                () -> warmAgain(bus));
        opened.onMessage(message -> receive(message, opened, membership, acknowledgements, bus));

        Bus.serve(
                vertx.eventBus(),
                Addresses.PEERS_ANNOUNCE,
                (AnnounceChanges request) ->
                        announcer.announce(request.changed()).map(true));
        Bus.serve(
                vertx.eventBus(),
                Addresses.PEERS_FLUSH,
                (FlushPeers request) -> barrier.pass().map(true));
        vertx.setPeriodic(lease.toMillis() / BEATS_IN_A_LEASE, beat -> membership.tick());
        vertx.setPeriodic(SWEEP_MILLISECONDS, sweep -> {
            if (membership.isIn() && !sweeping) {
                sweeping = true;
                announceAll(changeLog, announcer, "", FORGOTTEN).onComplete(done -> sweeping = false);
            }
        });
        return opened.open().compose(attempted -> {
            membership.tick();
            return opened.isReady()
                    ? membership
                            .joined()
                            .timeout(LONGEST_START_MILLISECONDS, TimeUnit.MILLISECONDS)
                            .otherwiseEmpty()
                    : Future.succeededFuture();
        });
    }

    private void receive(
            PeerMessage message,
            PeerChannel channel,
            Membership membership,
            Acknowledgements acknowledgements,
            Bus bus) {
        if (message instanceof PeerMessage.Beat beat) {
            membership.received(beat);
        } else if (message instanceof PeerMessage.Acknowledgement acknowledgement) {
            acknowledgements.received(acknowledgement);
        } else if (message instanceof PeerMessage.Changes changes && isOfAnother(changes, channel)) {
            caches.local().replace(changes.targets());
            channel.acknowledge(changes.from(), changes.number());
        } else if (message instanceof PeerMessage.Flush flush && isOfAnother(flush, channel)) {
            // Also when it takes too long: the reader has waited enough.
            bus.ask(new FlushClicks()).onComplete(done -> channel.acknowledge(flush.from(), flush.number()));
        }
    }

    private static boolean isOfAnother(PeerMessage message, PeerChannel channel) {
        return !message.from().equals(channel.id());
    }

    /** What was in memory counts no more, and Redis may be empty. Goes on for longer than the answer is waited for. */
    private void warmAgain(Bus bus) {
        if (config.cache().warmAtStart()) {
            bus.ask(new WarmCache());
        }
    }

    /** All that is noted, batch after batch. */
    private Future<Void> announceAll(ChangeLog changeLog, Announcer announcer, String after, Duration age) {
        return changeLog.read(after, age).compose(targets -> {
            if (targets.isEmpty()) {
                return Future.succeededFuture();
            }
            caches.local().replace(targets);
            Future<Void> announced = announcer.announce(targets);
            if (targets.size() < ChangeLog.BATCH) {
                return announced;
            }
            String last = last(targets);
            return announced.compose(done -> announceAll(changeLog, announcer, last, age));
        });
    }

    private static String last(List<Target> targets) {
        return targets.get(targets.size() - 1).code();
    }

    @Override
    public Future<?> stop() {
        caches.trust().interrupt();
        return channel == null ? Future.succeededFuture() : channel.close();
    }
}
