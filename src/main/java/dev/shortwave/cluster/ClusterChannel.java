package dev.shortwave.cluster;

import dev.shortwave.cache.CompareAndSetScript;
import dev.shortwave.cache.RedisKeys;
import dev.shortwave.config.Config;
import dev.shortwave.link.LinkTarget;
import dev.shortwave.redis.ReconnectingRedisConnection;
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
final class ClusterChannel {

    private static final Logger LOG = LoggerFactory.getLogger(ClusterChannel.class);

    /** The lease that Redis sees is so much longer than the one that its holder sees, for clocks that differ in pace. */
    static final Duration MARGIN = Duration.ofMillis(100);

    private static final String ANOTHER_SERVER = "it is not the one that is spoken to";

    private static final String NOW = """
            local time = redis.call('TIME')
            local now = time[1] * 1000 + math.floor(time[2] / 1000)
            """;

    /** With a key that never is: while keys move to another node of a cluster, one by one, it is refused for that. */
    private static final String HEARTBEAT = NOW + """
            redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
            redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
            redis.call('PEXPIRE', KEYS[1], ARGV[2] * 10)
            return redis.call('PUBLISH', ARGV[3], ARGV[4])""";

    private static final String PUBLISH = "return redis.call('PUBLISH', ARGV[1], ARGV[2])";

    private static final String HOLDERS = "return redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. now, '+inf')";

    private static final String PUBLISH_RETURNING_HOLDERS = NOW + "redis.call('PUBLISH', ARGV[1], ARGV[2])\n" + HOLDERS;

    /** After the function that sets links; there all keys are links. */
    private static final String THEN_PUBLISH_RETURNING_HOLDERS = NOW + """
            redis.call('PUBLISH', ARGV[#ARGV - 1], ARGV[#ARGV])
            return redis.call('ZRANGEBYSCORE', ARGV[#ARGV - 2], '(' .. now, '+inf')""";

    private final String id = UUID.randomUUID().toString();
    private final RedisKeys keys;
    private final CompareAndSetScript compareAndSet;
    private final Duration lease;
    private final LongConsumer answered;
    private final ReconnectingRedisConnection subscriber;
    private final ReconnectingRedisConnection publisher;

    /**
     * @param answered is told how many nanoseconds Redis took to answer a beat; a negative number when it is lost
     */
    ClusterChannel(Vertx vertx, Config.Redis redis, Config.Cache cache, RedisKeys keys, LongConsumer answered) {
        this.answered = answered;
        this.keys = keys;
        this.compareAndSet = new CompareAndSetScript(keys, cache);
        this.lease = redis.leaseDuration();
        this.subscriber = new ReconnectingRedisConnection(vertx, redis, "news from other JVMs");
        this.publisher = new ReconnectingRedisConnection(vertx, redis, "news to other JVMs");
    }

    private static void receive(Response response, Consumer<ClusterMessage> messages) {
        if (response.type() == ResponseType.ERROR) {
            LOG.error("Redis does not let this JVM listen to the others: {}", response);
        }
        boolean isMessage = (response.type() == ResponseType.PUSH || response.type() == ResponseType.MULTI)
                && response.size() == 3
                && "message".equals(response.get(0).toString());
        ClusterMessage message =
                isMessage ? ClusterMessage.decode(response.get(2).toString()) : null;
        if (message != null) {
            messages.accept(message);
        }
    }

    /** Takes what is published, in its order. Before {@link #open}. */
    void onMessage(Consumer<ClusterMessage> handler) {
        subscriber.messages(
                () -> publisher.isReady() && !isSameServer()
                        ? Future.failedFuture(ANOTHER_SERVER)
                        : subscriber.sendNow(
                                Request.cmd(Command.SUBSCRIBE)
                                        .arg(keys.broadcastChannel())
                                        .arg(keys.channel(id)),
                                lease),
                response -> receive(response, handler));
    }

    /** Called when messages may be lost from now on. Before {@link #open}. */
    void onLost(Runnable handler) {
        Runnable lost = () -> {
            answered.accept(-1);
            handler.run();
        };
        subscriber.onLost(lost);
        publisher.onLost(lost);
    }

    /** Connects; completes after the first attempt, whatever it brought. */
    Future<Void> open() {
        return Future.join(subscriber.open(), publisher.open()).mapEmpty();
    }

    boolean isReady() {
        return subscriber.isReady() && publisher.isReady();
    }

    /**
     * Whether one server is heard and spoken to. Of what is published at another one, a replica or a node of a cluster, a
     * message may be lost and a later one come.
     */
    boolean isSameServer() {
        return subscriber.server().equals(publisher.server());
    }

    void resubscribe() {
        subscriber.drop(ANOTHER_SERVER);
    }

    /** See {@link ReconnectingRedisConnection#reach}. */
    Future<Boolean> reach() {
        return publisher.connect();
    }

    /** Of the connection that speaks; see {@link ReconnectingRedisConnection#generation}. */
    int connection() {
        return publisher.generation();
    }

    /** Nothing comes on the connection that listens. */
    void dropSubscription() {
        subscriber.drop("no beat comes back");
    }

    /** Of the Redis that is spoken to; see {@link ReconnectingRedisConnection#life}. */
    String incarnation() {
        return publisher.incarnation();
    }

    /** Looks whether it is still the same Redis; see {@link ReconnectingRedisConnection#recognise}. */
    Future<Void> identifyServer() {
        return publisher.identifyServer();
    }

    /** How long it is known that Redis has lost nothing: since it started, or since another one took its place. */
    Duration age() {
        return publisher.age();
    }

    /** Redis does not answer on this connection. */
    void drop(int connection) {
        if (publisher.generation() == connection) {
            publisher.drop("no answer");
        }
    }

    String id() {
        return id;
    }

    /** Asks for a lease, and for a sign that what was published before has been heard. */
    Future<@Nullable Response> sendHeartbeat() {
        long sent = System.nanoTime();
        return publisher
                .sendNow(
                        Request.cmd(Command.EVAL)
                                .arg(HEARTBEAT)
                                .arg(2)
                                .arg(keys.members())
                                .arg(keys.placeholder())
                                .arg(id)
                                .arg(lease.plus(MARGIN).toMillis())
                                .arg(keys.channel(id))
                                .arg(new ClusterMessage.Heartbeat(id, sent).encode()),
                        lease)
                .onSuccess(answer -> answered.accept(System.nanoTime() - sent));
    }

    Future<@Nullable Response> acknowledge(String to, long number) {
        return publisher.sendNow(
                Request.cmd(Command.EVAL)
                        .arg(PUBLISH)
                        .arg(0)
                        .arg(keys.channel(to))
                        .arg(new ClusterMessage.Acknowledgement(id, number).encode()),
                lease);
    }

    /** Sets links in Redis and tells all; gives the ids of those who held a lease at that moment. */
    Future<Set<String>> publish(ClusterMessage.Invalidation changes) {
        List<LinkTarget> targets = changes.targets();
        return publisher
                .sendNow(
                        compareAndSet.request(
                                publisher.incarnation(),
                                targets,
                                THEN_PUBLISH_RETURNING_HOLDERS,
                                List.of(keys.members(), keys.broadcastChannel(), changes.encode())),
                        lease)
                .map(ClusterChannel::ids);
    }

    /** Tells all; gives the ids of those who held a lease at that moment. */
    Future<Set<String>> send(ClusterMessage message) {
        return publisher
                .sendNow(
                        Request.cmd(Command.EVAL)
                                .arg(PUBLISH_RETURNING_HOLDERS)
                                .arg(1)
                                .arg(keys.members())
                                .arg(keys.broadcastChannel())
                                .arg(message.encode()),
                        lease)
                .map(ClusterChannel::ids);
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
        return publisher
                .sendNow(Request.cmd(Command.ZREM).arg(keys.members()).arg(id), lease)
                .transform(given -> Future.join(subscriber.close(), publisher.close()))
                .mapEmpty();
    }
}
