package dev.shortwave.redis;

import dev.shortwave.config.Config;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One multiplexed connection to Redis that finds back by itself: the client has no time-out for commands, no reconnect,
 * and its pool takes a connection for each command. Made and used on one event loop. While Redis is away every command
 * fails at once.
 */
public final class ReconnectingRedisConnection {

    private static final Logger LOG = LoggerFactory.getLogger(ReconnectingRedisConnection.class);

    /** The first answer of a Redis that has just started may take longer than others. */
    private static final Duration HANDSHAKE_GRACE = Duration.ofMillis(400);

    private static final long MIN_RETRY_DELAY_MILLISECONDS = 100;
    private static final long MAX_RETRY_DELAY_MILLISECONDS = 2_000;
    private static final long CONNECT_TIMEOUT_MILLISECONDS = 500;

    /** The first handshake of a JVM loads what it needs. */
    private static final long SECURE_CONNECT_TIMEOUT_MILLISECONDS = 3_000;

    /** Commands without an answer after which the connection counts as dead: a frozen server closes nothing. */
    private static final int MAX_CONSECUTIVE_TIMEOUTS = 5;

    /** Below the client's own bound of 2,048 waiting commands, at which it fails in worse ways. */
    private static final int MAX_IN_FLIGHT = 1_500;

    /** It was demoted, is cut off from its replicas or its cluster, or its keys move: another one may be asked by now. */
    private static final Pattern NOT_CONNECTED =
            Pattern.compile("\\b(READONLY|NOREPLICAS|MOVED|ASK|TRYAGAIN|CLUSTERDOWN)\\b");

    private final Vertx vertx;
    private final String purpose;
    private final RedisEndpoints endpoints;
    private final String keyPrefix;
    private final Duration timeout;
    private Supplier<Future<?>> onConnected = Future::succeededFuture;
    private Runnable onLost = () -> {};
    private @Nullable Consumer<Response> messages;

    private @Nullable Redis client;
    private @Nullable RedisConnection connection;
    private @Nullable Future<Void> attempt;
    private boolean ready;
    private boolean closed;
    private boolean lossLogged;
    private long retryDelayMilliseconds = MIN_RETRY_DELAY_MILLISECONDS;
    private long retryTimer = -1;
    private int inFlight;
    private int consecutiveTimeouts;
    private int generation;
    private int attempts;
    private boolean mayBeReplaced;
    private String server = "";
    private String incarnation = "";
    private long incarnationSince = System.nanoTime();

    /**
     * @param purpose for the log
     */
    public ReconnectingRedisConnection(Vertx vertx, Config.Redis config, String purpose) {
        this.vertx = vertx;
        this.purpose = purpose;
        this.timeout = config.commandTimeout();
        this.endpoints = new RedisEndpoints(config);
        this.keyPrefix = config.keyPrefix();
    }

    /** Called when a connection that was ready is gone. */
    public ReconnectingRedisConnection onLost(Runnable handler) {
        onLost = handler;
        return this;
    }

    /**
     * Takes what Redis sends unasked. A session with messages sends nothing after its subscriptions: the client would take a
     * message for the answer to a command that is under way.
     *
     * @param subscribe sends the subscriptions on each new connection, with {@link #sendNow}
     */
    public ReconnectingRedisConnection messages(Supplier<Future<?>> subscribe, Consumer<Response> handler) {
        onConnected = subscribe;
        messages = handler;
        return this;
    }

    /** Connects, and goes on trying. Completes at the end of the first attempt, whatever it brought. */
    public Future<Void> open() {
        Future<Void> underWay = attempt;
        if (underWay != null || ready || closed) {
            return underWay == null ? Future.succeededFuture() : underWay;
        }
        vertx.cancelTimer(retryTimer);
        Redis made = endpoints.createClient(vertx, attempts++);
        client = made;
        Future<Void> begun = made.connect()
                .compose(connected -> {
                    if (client != made) {
                        return Future.failedFuture("too late");
                    }
                    connection = connected;
                    connected.exceptionHandler(failure -> lost(connected, failure.getMessage()));
                    connected.endHandler(end -> lost(connected, "connection closed"));
                    return identifyServer().compose(recognised -> onConnection(connected));
                })
                .timeout(
                        endpoints.isSecure() ? SECURE_CONNECT_TIMEOUT_MILLISECONDS : CONNECT_TIMEOUT_MILLISECONDS,
                        TimeUnit.MILLISECONDS)
                .transform(result -> {
                    attempt = null;
                    if (client == made) {
                        if (result.succeeded()) {
                            connected();
                        } else {
                            retry(String.valueOf(result.cause().getMessage()));
                        }
                    }
                    return Future.succeededFuture();
                });
        if (!begun.isComplete()) {
            attempt = begun;
        }
        return begun;
    }

    private Future<Void> onConnection(RedisConnection connected) {
        Consumer<Response> handler = messages;
        if (handler == null) {
            return Future.succeededFuture();
        }
        connected.handler(message -> {
            if (connection == connected) {
                handler.accept(message);
            }
        });
        return onConnected.get().mapEmpty();
    }

    /**
     * Whether Redis can be reached: answered by the connection that is there, or by an attempt that begins after this
     * call.
     */
    public Future<Boolean> connect() {
        if (ready) {
            return Future.succeededFuture(true);
        }
        Future<Void> before = attempt == null ? Future.succeededFuture() : attempt;
        return before.compose(done -> open()).map(done -> ready);
    }

    public boolean isReady() {
        return ready;
    }

    /** Grows with each connection: what was read on an earlier one may be from a Redis that has lost its data since. */
    public int generation() {
        return generation;
    }

    /** Which process answers, as far as {@link #recognise} has seen it. */
    public String server() {
        return server;
    }

    /**
     * Changes when Redis restarts and when another one takes its place, as far as {@link #recognise} has seen it: what it
     * holds then may be older than what it held before.
     */
    public String incarnation() {
        return incarnation;
    }

    /** How long this life has lasted at least, and no earlier master can take writes; negative while one may. */
    public Duration age() {
        return Duration.ofNanos(System.nanoTime() - incarnationSince);
    }

    /** Looks who answers on this connection now. Fails if that one must not be believed. */
    public Future<Void> identifyServer() {
        Duration patience = timeout.plus(HANDSHAKE_GRACE);
        return sendNow(Request.cmd(Command.INFO), patience)
                .compose(answer -> identify(String.valueOf(answer), patience))
                .onSuccess(this::identifyServer)
                .mapEmpty();
    }

    private Future<RedisServerId> identify(String info, Duration patience) {
        boolean isOfACluster = RedisServerId.isClusterNode(info);
        mayBeReplaced = endpoints.usesSentinels() || isOfACluster;
        if (!mayBeReplaced) {
            return Future.succeededFuture(RedisServerId.ofStandalone(info));
        }
        Future<?> hasAllKeys =
                isOfACluster ? sendNow(RedisClusterCheck.hasAllKeys(keyPrefix), patience) : Future.succeededFuture();
        return hasAllKeys
                .compose(yes -> sendNow(Request.cmd(Command.CONFIG).arg("GET").arg("min-replicas-*"), patience))
                .map(limits -> RedisServerId.ofMaster(info, limits));
    }

    private void identifyServer(RedisServerId now) {
        server = now.server();
        if (!now.incarnation().equals(incarnation)) {
            // Of the first one it is known when it started, to the second.
            Duration before = incarnation.isEmpty() ? now.uptime() : Duration.ZERO;
            incarnationSince =
                    System.nanoTime() - before.toNanos() + now.fencingDelay().toNanos();
            incarnation = now.incarnation();
        }
    }

    /** Sends a command; fails when Redis is away, refuses it, or takes longer than the time-out. */
    public Future<@Nullable Response> send(Request command) {
        return ready ? sendNow(command, timeout) : Future.failedFuture("Redis is away");
    }

    /** As {@link #send}, also before the connection is ready, and with a time-out of its own: for the first commands. */
    public Future<@Nullable Response> sendNow(Request command, Duration patience) {
        RedisConnection current = connection;
        if (current == null) {
            return Future.failedFuture("Redis is away");
        }
        if (inFlight >= MAX_IN_FLIGHT) {
            return Future.failedFuture("too many commands wait for Redis");
        }
        inFlight++;
        Future<@Nullable Response> answer = current.send(command);
        answer.onComplete(any -> {
            // Those of a lost connection were written off with it.
            if (connection == current) {
                inFlight--;
            }
        });
        return answer.timeout(patience.toMillis(), TimeUnit.MILLISECONDS).onComplete(result -> {
            if (connection != current) {
                return;
            }
            if (mayBeReplaced && isErrorReply(answer.cause())) {
                lost(current, answer.cause().getMessage());
            } else if (answer.isComplete()) {
                consecutiveTimeouts = 0;
            } else if (++consecutiveTimeouts >= MAX_CONSECUTIVE_TIMEOUTS) {
                lost(current, consecutiveTimeouts + " commands without an answer");
            }
        });
    }

    private static boolean isErrorReply(@Nullable Throwable failure) {
        return failure != null
                && NOT_CONNECTED.matcher(String.valueOf(failure.getMessage())).find();
    }

    /** Gives up a connection that does not answer, and looks for another one. */
    public void drop(String why) {
        if (connection != null && attempt == null) {
            retry(why);
        }
    }

    public Future<Void> close() {
        closed = true;
        ready = false;
        connection = null;
        vertx.cancelTimer(retryTimer);
        return client == null ? Future.succeededFuture() : client.close();
    }

    private void connected() {
        ready = true;
        generation++;
        retryDelayMilliseconds = MIN_RETRY_DELAY_MILLISECONDS;
        consecutiveTimeouts = 0;
        if (lossLogged) {
            lossLogged = false;
            LOG.info("Redis is back for {}", purpose);
        }
    }

    private void lost(RedisConnection which, @Nullable String why) {
        // An attempt under way ends by itself.
        if (connection == which && attempt == null) {
            retry(String.valueOf(why));
        }
    }

    private void retry(String why) {
        boolean wasReady = ready;
        Redis dead = client;
        client = null;
        connection = null;
        ready = false;
        inFlight = 0;
        consecutiveTimeouts = 0;
        if (dead != null) {
            // A frozen server would keep an orderly close waiting; nobody waits for this one.
            dead.close();
        }
        if (closed) {
            return;
        }
        if (!lossLogged) {
            lossLogged = true;
            LOG.warn("Redis is away for {} ({}); it is tried again all the time", purpose, why);
        }
        retryTimer = vertx.setTimer(retryDelayMilliseconds, timer -> open());
        retryDelayMilliseconds = Math.min(MAX_RETRY_DELAY_MILLISECONDS, retryDelayMilliseconds * 2);
        if (wasReady) {
            onLost.run();
        }
    }
}
