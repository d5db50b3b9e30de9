package dev.shortwave.redis;

import dev.shortwave.config.Config;
import dev.shortwave.error.StartupException;
import dev.shortwave.error.Untrusted;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Redis;
import java.net.URI;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** Finds at the start what would keep this process from Redis for ever: the service runs without one that is only away. */
public final class RedisCheck {

    private static final long TIMEOUT_SECONDS = 3;

    private static final Pattern LOG_IN_REFUSED = Pattern.compile("\\b(WRONGPASS|NOAUTH|NOPERM)\\b|invalid password");

    private RedisCheck() {}

    /** Fails with {@link StartupException} if a secure connection or the log-in is refused. */
    public static Future<Void> run(Vertx vertx, Config.Redis config) {
        URI url = config.url();
        if (url == null) {
            return Future.succeededFuture();
        }
        Redis client = new RedisEndpoints(config).createClient(vertx, 0);
        return client.connect()
                .timeout(TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .<Void>mapEmpty()
                .recover(failure -> {
                    String where = url.getAuthority().replaceAll(".*@", "");
                    if (Untrusted.isCauseOf(failure)) {
                        return Future.failedFuture(new StartupException(
                                "The connection to Redis at " + where + " is not secure (" + Untrusted.reason(failure)
                                        + "). Correct the host in REDIS_URL, its certificate, or the redis.tls-… files.",
                                failure));
                    }
                    return LOG_IN_REFUSED
                                    .matcher(String.valueOf(failure.getMessage()))
                                    .find()
                            ? Future.failedFuture(new StartupException(
                                    "Redis at " + where + " refuses the log-in (" + failure.getMessage()
                                            + "). Correct the user and password in REDIS_URL.",
                                    failure))
                            : Future.succeededFuture();
                })
                // Nobody waits for the goodbye of one that is frozen.
                .onComplete(known -> client.close());
    }
}
