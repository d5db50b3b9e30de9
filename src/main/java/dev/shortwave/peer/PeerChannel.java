package dev.shortwave.peer;

import dev.shortwave.cache.RedisKeys;
import dev.shortwave.cache.SetIfNewer;
import dev.shortwave.config.Config;
import dev.shortwave.link.Target;
import dev.shortwave.redis.RedisSession;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.ResponseType;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way to the other JVMs: one connection to Redis that listens and one that speaks. On one event loop.
 *
 * <p>Redis keeps the ids of all JVMs with the end of their leases; scripts read them in the same step in which they
 * publish, so that it is certain who has to acknowledge.
 */
final class PeerChannel {

    private static final Logger LOG = LoggerFactory.getLogger(PeerChannel.class);

    /** The lease that Redis sees is so much longer than the one that its holder sees, for clocks that differ in pace. */
    static final Duration MARGIN = Duration.ofMillis(100);

    private static final String ANOTHER_SERVER = "it is not the one that is spoken to";

    private static final String NOW = """
            local time = redis.call('TIME')
            local now = time[1] * 1000 + math.floor(time[2] / 1000)
            """;

    /** With a key that never is: while keys move to another node of a cluster, one by one, it is refused for that. */
    private static final String BEAT = NOW + """
            redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
            redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
            redis.call('PEXPIRE', KEYS[1], ARGV[2] * 10)
            return redis.call('PUBLISH', ARGV[3], ARGV[4])""";

    private static final String PUBLISH = "return redis.call('PUBLISH', ARGV[1], ARGV[2])";

    private static final String HOLDERS = "return redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. now, '+inf')";

    private static final String PUBLISH_AND_GIVE_HOLDERS = NOW + "redis.call('PUBLISH', ARGV[1], ARGV[2])\n" + HOLDERS;

    /** After the function that sets links; there all keys are links. */
    private static final String THEN_PUBLISH_AND_GIVE_HOLDERS = NOW + """
            redis.call('PUBLISH', ARGV[#ARGV - 1], ARGV[#ARGV])
            return redis.call('ZRANGEBYSCORE', ARGV[#ARGV - 2], '(' .. now, '+inf')""";

    private final String id = UUID.randomUUID().toString();
    private final RedisKeys keys;
    private final SetIfNewer setIfNewer;
    private final Duration lease;
    private final LongConsumer answered;
    private final RedisSession listening;
    private final RedisSession speaking;

    /**
     * @param answered is told how many nanoseconds Redis took to answer a beat; a negative number when it is lost
     */
    PeerChannel(Vertx vertx, Config.Redis redis, Config.Cache cache, RedisKeys keys, LongConsumer answered) {
        this.answered = answered;
        this.keys = keys;
        this.setIfNewer = new SetIfNewer(keys, cache);
        this.lease = redis.lease();
        this.listening = new RedisSession(vertx, redis, "news from other JVMs");
        this.speaking = new RedisSession(vertx, redis, "news to other JVMs");
    }

    private static void receive(Response response, Consumer<PeerMessage> messages) {
        if (response.type() == ResponseType.ERROR) {
            LOG.error("Redis does not let this JVM listen to the others: {}", response);
        }
        boolean isMessage = (response.type() == ResponseType.PUSH || response.type() == ResponseType.MULTI)
                && response.size() == 3
                && "message".equals(response.get(0).toString());
        PeerMessage message = isMessage ? PeerMessage.decode(response.get(2).toString()) : null;
        if (message != null) {
            messages.accept(message);
        }
    }

    /** Takes what is published, in its order. Before {@link #open}. */
    void onMessage(Consumer<PeerMessage> handler) {
        listening.messages(
                () -> speaking.isReady() && !isOfOneServer()
                        ? Future.failedFuture(ANOTHER_SERVER)
                        : listening.sendNow(
                                Request.cmd(Command.SUBSCRIBE)
                                        .arg(keys.allPeers())
                                        .arg(keys.peer(id)),
                                lease),
                response -> receive(response, handler));
    }

    /** Called when messages may be lost from now on. Before {@link #open}. */
    void whenLost(Runnable handler) {
        Runnable lost = () -> {
            answered.accept(-1);
            handler.run();
        };
        listening.whenLost(lost);
        speaking.whenLost(lost);
    }

    /** Connects; completes after the first attempt, whatever it brought. */
    Future<Void> open() {
        return Future.join(listening.open(), speaking.open()).mapEmpty();
    }

    boolean isReady() {
        return listening.isReady() && speaking.isReady();
    }

    /**
     * Whether one server is heard and spoken to. Of what is published at another one, a replica or a node of a cluster, a
     * message may be lost and a later one come.
     */
    boolean isOfOneServer() {
        return listening.server().equals(speaking.server());
    }

    void listenToTheOtherServer() {
        listening.drop(ANOTHER_SERVER);
    }

    /** See {@link RedisSession#reach}. */
    Future<Boolean> reach() {
        return speaking.reach();
    }

    /** Of the connection that speaks; see {@link RedisSession#generation}. */
    int connection() {
        return speaking.generation();
    }

    /** Nothing comes on the connection that listens. */
    void dropListening() {
        listening.drop("no beat comes back");
    }

    /** Of the Redis that is spoken to; see {@link RedisSession#life}. */
    String life() {
        return speaking.life();
    }

    /** Looks whether it is still the same Redis; see {@link RedisSession#recognise}. */
    Future<Void> recognise() {
        return speaking.recognise();
    }

    /** How long it is known that Redis has lost nothing: since it started, or since another one took its place. */
    Duration age() {
        return speaking.age();
    }

    /** Redis does not answer on this connection. */
    void drop(int connection) {
        if (speaking.generation() == connection) {
            speaking.drop("no answer");
        }
    }

    String id() {
        return id;
    }

    /** Asks for a lease, and for a sign that what was published before has been heard. */
    Future<@Nullable Response> beat() {
        long sent = System.nanoTime();
        return speaking.sendNow(
                        Request.cmd(Command.EVAL)
                                .arg(BEAT)
                                .arg(2)
                                .arg(keys.peers())
                                .arg(keys.nothing())
                                .arg(id)
                                .arg(lease.plus(MARGIN).toMillis())
                                .arg(keys.peer(id))
                                .arg(new PeerMessage.Beat(id, sent).encode()),
                        lease)
                .onSuccess(answer -> answered.accept(System.nanoTime() - sent));
    }

    Future<@Nullable Response> acknowledge(String to, long number) {
        return speaking.sendNow(
                Request.cmd(Command.EVAL)
                        .arg(PUBLISH)
                        .arg(0)
                        .arg(keys.peer(to))
                        .arg(new PeerMessage.Acknowledgement(id, number).encode()),
                lease);
    }

    /** Sets links in Redis and tells all; gives the ids of those who held a lease at that moment. */
    Future<Set<String>> announce(PeerMessage.Changes changes) {
        List<Target> targets = changes.targets();
        return speaking.sendNow(
                        setIfNewer.request(
                                speaking.life(),
                                targets,
                                THEN_PUBLISH_AND_GIVE_HOLDERS,
                                List.of(keys.peers(), keys.allPeers(), changes.encode())),
                        lease)
                .map(PeerChannel::ids);
    }

    /** Tells all; gives the ids of those who held a lease at that moment. */
    Future<Set<String>> tell(PeerMessage message) {
        return speaking.sendNow(
                        Request.cmd(Command.EVAL)
                                .arg(PUBLISH_AND_GIVE_HOLDERS)
                                .arg(1)
                                .arg(keys.peers())
                                .arg(keys.allPeers())
                                .arg(message.encode()),
                        lease)
                .map(PeerChannel::ids);
    }

    private static Set<String> ids(@Nullable Response response) {
        Set<String> ids = new HashSet<>();
        if (response != null) {
            response.forEach(one -> ids.add(one.toString()));
        }
        return ids;
    }

    /** Gives the lease back, so that nobody waits for this JVM any more; if Redis is away, it ends by itself. */
    Future<Void> close() {
        return speaking.sendNow(Request.cmd(Command.ZREM).arg(keys.peers()).arg(id), lease)
                .transform(given -> Future.join(listening.close(), speaking.close()))
                .mapEmpty();
    }
}
