package dev.shortwave.cache;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One multiplexed connection to Redis that finds back by itself: the client has no time-out for commands, no reconnect,
 * and its pool takes a connection for each command. Made and used on one event loop. While Redis is away every command
 * fails at once.
 */
final class RedisSession {

    private static final Logger LOG = LoggerFactory.getLogger(RedisSession.class);

    private static final long FIRST_PAUSE_MILLISECONDS = 100;
    private static final long LONGEST_PAUSE_MILLISECONDS = 2_000;
    private static final long CONNECT_TIMEOUT_MILLISECONDS = 1_000;

    /** Commands without an answer after which the connection counts as dead: a frozen server closes nothing. */
    private static final int TIMEOUTS_UNTIL_LOST = 5;

    /** Below the client's own bound of 2,048 waiting commands, at which it fails in worse ways. */
    private static final int MOST_IN_FLIGHT = 1_500;

    private final Vertx vertx;
    private final RedisOptions options;
    private final Duration timeout;
    private final Function<RedisSession, Future<?>> whenConnected;

    private @Nullable Redis client;
    private @Nullable RedisConnection connection;
    private boolean ready;
    private boolean closed;
    private boolean saidLost;
    private long pauseMilliseconds = FIRST_PAUSE_MILLISECONDS;
    private int inFlight;
    private int timeoutsInARow;

    /**
     * @param whenConnected runs on each new connection before it is used for anything else
     */
    RedisSession(Vertx vertx, RedisOptions options, Duration timeout, Function<RedisSession, Future<?>> whenConnected) {
        this.vertx = vertx;
        this.options = options;
        this.timeout = timeout;
        this.whenConnected = whenConnected;
    }

    /** Connects, and goes on trying. Completes at the end of the first attempt, whatever it brought. */
    Future<Void> open() {
        Redis attempt = Redis.createClient(vertx, new RedisOptions(options));
        client = attempt;
        return attempt.connect()
                .timeout(CONNECT_TIMEOUT_MILLISECONDS, TimeUnit.MILLISECONDS)
                .compose(made -> {
                    connection = made;
                    made.exceptionHandler(failure -> lost(made, failure.getMessage()));
                    made.endHandler(end -> lost(made, "connection closed"));
                    return whenConnected.apply(this).onSuccess(done -> connected());
                })
                .transform(result -> {
                    if (result.failed() && client == attempt) {
                        tryAgain(String.valueOf(result.cause().getMessage()));
                    }
                    return Future.succeededFuture();
                });
    }

    boolean isReady() {
        return ready;
    }

    /** Sends a command; fails when Redis is away, refuses it, or takes longer than the time-out. */
    Future<@Nullable Response> send(Request command) {
        return ready ? sendNow(command, timeout) : Future.failedFuture("Redis is away");
    }

    /** As {@link #send}, also before the connection is ready, and with a time-out of its own: for the first commands. */
    Future<@Nullable Response> sendNow(Request command, Duration patience) {
        RedisConnection current = connection;
        if (current == null) {
            return Future.failedFuture("Redis is away");
        }
        if (inFlight >= MOST_IN_FLIGHT) {
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
            if (answer.isComplete()) {
                timeoutsInARow = 0;
            } else if (++timeoutsInARow >= TIMEOUTS_UNTIL_LOST) {
                lost(current, timeoutsInARow + " commands without an answer");
            }
        });
    }

    Future<Void> close() {
        closed = true;
        ready = false;
        connection = null;
        return client == null ? Future.succeededFuture() : client.close();
    }

    private void connected() {
        ready = true;
        pauseMilliseconds = FIRST_PAUSE_MILLISECONDS;
        timeoutsInARow = 0;
        if (saidLost) {
            saidLost = false;
            LOG.info("Redis is back");
        }
    }

    private void lost(RedisConnection which, @Nullable String why) {
        if (connection == which) {
            tryAgain(String.valueOf(why));
        }
    }

    private void tryAgain(String why) {
        Redis dead = client;
        client = null;
        connection = null;
        ready = false;
        inFlight = 0;
        timeoutsInARow = 0;
        if (dead != null) {
            // A frozen server would keep an orderly close waiting; nobody waits for this one.
            dead.close();
        }
        if (closed) {
            return;
        }
        if (!saidLost) {
            saidLost = true;
            LOG.warn("Redis is away ({}); PostgreSQL answers, and Redis is tried again all the time", why);
        }
        vertx.setTimer(pauseMilliseconds, timer -> {
            if (!closed) {
                open();
            }
        });
        pauseMilliseconds = Math.min(LONGEST_PAUSE_MILLISECONDS, pauseMilliseconds * 2);
    }
}
