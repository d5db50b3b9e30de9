package dev.shortwave.config;

import static dev.shortwave.config.SettingType.addresses;
import static dev.shortwave.config.SettingType.bytes;
import static dev.shortwave.config.SettingType.choice;
import static dev.shortwave.config.SettingType.duration;
import static dev.shortwave.config.SettingType.flag;
import static dev.shortwave.config.SettingType.list;
import static dev.shortwave.config.SettingType.networks;
import static dev.shortwave.config.SettingType.number;
import static dev.shortwave.config.SettingType.one;
import static dev.shortwave.config.SettingType.optionalNumber;
import static dev.shortwave.config.SettingType.optionalUri;
import static dev.shortwave.config.SettingType.perCoreOrNumber;
import static dev.shortwave.config.SettingType.ratio;
import static dev.shortwave.config.SettingType.requiredText;
import static dev.shortwave.config.SettingType.text;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Every setting there is. {@code conf/shortwave.yaml} shows the same list with comments; a test keeps the two equal.
 */
public final class Settings {

    private static final long KIB = 1 << 10;
    private static final long MIB = 1 << 20;
    /** The log level; operators can also change it for each logger. */
    public static final String LOG_LEVEL_KEY = "log.level";

    /** HAProxy and servers of destinations accept headers of this length, and not much more. */
    private static final int MAX_URL_LENGTH = 8192;

    /** Value for no seeds. */
    static final String NO_SEEDS = "none";

    private static final Duration HOUR = Duration.ofHours(1);

    static final Setting<String> HTTP_HOST = Setting.of("http.host", "127.0.0.1", requiredText());
    static final Setting<Integer> HTTP_PORT = Setting.of("http.port", "8080", number(0, 65535), "PORT");
    static final Setting<@Nullable URI> HTTP_PUBLIC_URL = Setting.of(
            "http.public-url", "", optionalUri(List.of("http", "https"), "https://sho.rt"), "PUBLIC_URL", "BASE_URL");
    static final Setting<List<String>> HTTP_SERVER_NAMES =
            Setting.of("http.server-names", "", list("host names, separated by commas"));
    static final Setting<IpNetworks> HTTP_TRUSTED_PROXIES =
            Setting.of("http.trusted-proxies", "127.0.0.0/8, ::1", networks());
    static final Setting<Long> HTTP_MAX_BODY_SIZE = Setting.of("http.max-body-size", "64KiB", bytes(KIB, 16 * MIB));
    static final Setting<Long> HTTP_MAX_UPLOAD_SIZE =
            Setting.of("http.max-upload-size", "256MiB", bytes(KIB, 16384 * MIB));
    static final Setting<Duration> HTTP_UPLOAD_IDLE_TIMEOUT =
            Setting.of("http.upload-idle-timeout", "15s", duration(Duration.ofMillis(100), HOUR));
    static final Setting<Long> HTTP_UPLOAD_MIN_RATE = Setting.of("http.upload-min-rate", "4KiB", bytes(0, 1024 * MIB));
    static final Setting<Duration> HTTP_UPLOAD_TIMEOUT =
            Setting.of("http.upload-timeout", "15m", duration(Duration.ofMillis(100), Duration.ofDays(1)));
    static final Setting<Duration> HTTP_IDLE_TIMEOUT =
            Setting.of("http.idle-timeout", "75s", duration(Duration.ofSeconds(1), HOUR));
    static final Setting<Duration> HTTP_HEADER_TIMEOUT =
            Setting.of("http.header-timeout", "10s", duration(Duration.ofMillis(100), HOUR));
    static final Setting<Duration> HTTP_BODY_TIMEOUT =
            Setting.of("http.body-timeout", "10s", duration(Duration.ofMillis(100), HOUR));
    static final Setting<Integer> HTTP_MAX_CONNECTIONS_PER_ADDRESS =
            Setting.of("http.max-connections-per-address", "4096", number(0, 1_000_000));
    static final Setting<Integer> HTTP_MAX_REQUESTS_PER_ADDRESS =
            Setting.of("http.max-requests-per-address", "2048", number(0, 1_000_000));
    static final Setting<Duration> HTTP_HSTS_MAX_AGE =
            Setting.of("http.hsts-max-age", "365d", duration(Duration.ZERO, Duration.ofDays(3650)));
    static final Setting<Duration> HTTP_REQUEST_TIMEOUT =
            Setting.of("http.request-timeout", "8s", duration(Duration.ofMillis(100), HOUR));
    static final Setting<Integer> HTTP_MAX_IN_FLIGHT =
            Setting.of("http.max-requests-in-flight", "2048", number(1, 1_000_000));
    static final Setting<Integer> HTTP_BACKLOG = Setting.of("http.accept-backlog", "4096", number(1, 65535));
    static final Setting<Duration> HTTP_DRAIN_DELAY =
            Setting.of("http.drain-delay", "0s", duration(Duration.ZERO, HOUR));
    static final Setting<Duration> HTTP_DRAIN_TIMEOUT =
            Setting.of("http.drain-timeout", "10s", duration(Duration.ZERO, HOUR));
    static final Setting<Boolean> HTTP_METRICS_ENABLED = Setting.of("http.metrics-enabled", "true", flag());

    static final Setting<Boolean> MANAGEMENT_ENABLED = Setting.of("management.enabled", "true", flag());
    static final Setting<String> MANAGEMENT_HOST =
            Setting.of("management.host", "127.0.0.1", requiredText(), "MANAGEMENT_HOST");
    static final Setting<Integer> MANAGEMENT_PORT =
            Setting.of("management.port", "8081", number(0, 65535), "MANAGEMENT_PORT");
    static final Setting<String> MANAGEMENT_TOKEN = Setting.secret(
            "management.token", text("at least 16 characters", token -> token.length() >= 16), "MANAGEMENT_TOKEN");

    static final Setting<String> DATABASE_URL = Setting.of("database.url", "", text(), "DATABASE_URL");
    static final Setting<String> DATABASE_HOST = Setting.of("database.host", "", text(), "DATABASE_HOST");
    static final Setting<String> DATABASE_PORT =
            Setting.of("database.port", "", optionalNumber(1, 65535), "DATABASE_PORT");
    static final Setting<String> DATABASE_NAME = Setting.of("database.name", "", text(), "DATABASE_NAME");
    static final Setting<String> DATABASE_USER = Setting.of("database.user", "", text(), "DATABASE_USER");
    static final Setting<String> DATABASE_PASSWORD = Setting.secret("database.password", text(), "DATABASE_PASSWORD");
    static final Setting<String> DATABASE_REPLICA_URL =
            Setting.of("database.replica-url", "", text(), "DATABASE_READ_URL");
    static final Setting<String> DATABASE_SSL_MODE = Setting.of(
            "database.ssl-mode",
            "",
            text(
                    "disable, allow, prefer, require, verify-ca or verify-full",
                    List.of("disable", "allow", "prefer", "require", "verify-ca", "verify-full")::contains),
            "PGSSLMODE");
    static final Setting<String> DATABASE_SSL_ROOT_CERT =
            Setting.of("database.ssl-root-cert", "", text(), "PGSSLROOTCERT");
    static final Setting<String> DATABASE_SSL_CERT = Setting.of("database.ssl-cert", "", text(), "PGSSLCERT");
    static final Setting<String> DATABASE_SSL_KEY = Setting.of("database.ssl-key", "", text(), "PGSSLKEY");
    static final Setting<Boolean> DATABASE_TRANSACTION_POOLING =
            Setting.of("database.transaction-pooling", "false", flag());
    static final Setting<Integer> DATABASE_POOL_SIZE = Setting.of("database.pool-size", "8", number(2, 500));
    static final Setting<Integer> DATABASE_MAX_WAIT_QUEUE_SIZE =
            Setting.of("database.max-wait-queue-size", "512", number(1, 100_000));
    static final Setting<Duration> DATABASE_CONNECT_TIMEOUT =
            Setting.of("database.connect-timeout", "2s", duration(Duration.ofMillis(50), Duration.ofMinutes(1)));
    static final Setting<Duration> DATABASE_STATEMENT_TIMEOUT =
            Setting.of("database.statement-timeout", "5s", duration(Duration.ofMillis(50), HOUR));
    static final Setting<Duration> DATABASE_START_TIMEOUT =
            Setting.of("database.start-timeout", "30s", duration(Duration.ZERO, HOUR));
    static final Setting<Boolean> DATABASE_MIGRATE_AT_START = Setting.of("database.migrate-at-start", "true", flag());
    static final Setting<Boolean> DATABASE_ALLOW_NEWER_SCHEMA =
            Setting.of("database.allow-newer-schema", "false", flag());

    static final Setting<String> EMBEDDED_DIRECTORY = Setting.of("embedded.directory", "var/postgres", requiredText());
    static final Setting<Integer> EMBEDDED_PORT = Setting.of("embedded.port", "0", number(0, 65535));
    static final Setting<String> EMBEDDED_SEED_DIRECTORY = Setting.of("embedded.seed-directory", "seeds", text());

    static final Setting<@Nullable URI> REDIS_URL = Setting.of(
            "redis.url", "", optionalUri(List.of("redis", "rediss"), "redis://127.0.0.1:6379/0"), "REDIS_URL");
    static final Setting<List<String>> REDIS_SENTINELS =
            Setting.of("redis.sentinels", "", addresses("sentinel1:26379"), "REDIS_SENTINELS");
    static final Setting<String> REDIS_TLS_CA_CERT_FILE = Setting.of("redis.tls-ca-cert-file", "", text());
    static final Setting<String> REDIS_TLS_CERT_FILE = Setting.of("redis.tls-cert-file", "", text());
    static final Setting<String> REDIS_TLS_KEY_FILE = Setting.of("redis.tls-key-file", "", text());
    static final Setting<Duration> REDIS_COMMAND_TIMEOUT =
            Setting.of("redis.command-timeout", "50ms", duration(Duration.ofMillis(1), Duration.ofMinutes(1)));
    static final Setting<Duration> CACHE_LEASE_DURATION =
            Setting.of("cache.lease-duration", "500ms", duration(Duration.ofMillis(50), Duration.ofMinutes(1)));
    static final Setting<String> REDIS_KEY_PREFIX = Setting.of("redis.key-prefix", "shortwave:1:", requiredText());

    static final Setting<Long> CACHE_MAX_SIZE = Setting.of("cache.max-size", "64MiB", bytes(KIB, 1_048_576 * MIB));
    static final Setting<Duration> CACHE_TTL =
            Setting.of("cache.ttl", "1h", duration(Duration.ofSeconds(1), Duration.ofDays(30)));
    static final Setting<Duration> CACHE_NEGATIVE_TTL =
            Setting.of("cache.negative-ttl", "60s", duration(Duration.ofSeconds(1), HOUR));
    static final Setting<Boolean> CACHE_WARM_AT_START = Setting.of("cache.warm-at-start", "true", flag());
    static final Setting<Integer> CACHE_WARM_BATCH_SIZE =
            Setting.of("cache.warm-batch-size", "2000", number(1, 100_000));
    static final Setting<Duration> CACHE_WARM_TIMEOUT =
            Setting.of("cache.warm-timeout", "5s", duration(Duration.ZERO, HOUR));

    static final Setting<Integer> CLICKS_BATCH_SIZE = Setting.of("clicks.batch-size", "5000", number(1, 50_000));
    static final Setting<Integer> CLICKS_THROTTLED_BATCH_SIZE =
            Setting.of("clicks.throttled-batch-size", "500", number(1, 50_000));
    static final Setting<String> CLICKS_DIRECTORY = Setting.of("clicks.directory", "var/clicks", requiredText());
    static final Setting<Long> CLICKS_SEGMENT_SIZE =
            Setting.of("clicks.segment-size", "8MiB", bytes(64 * KIB, 1024 * MIB));
    static final Setting<Long> CLICKS_MAX_JOURNAL_SIZE =
            Setting.of("clicks.max-journal-size", "1GiB", bytes(MIB, 1024 * 1024 * MIB));
    static final Setting<Duration> CLICKS_FSYNC_INTERVAL =
            Setting.of("clicks.fsync-interval", "1s", duration(Duration.ofMillis(10), HOUR));
    static final Setting<Duration> CLICKS_ORPHAN_SCAN_INTERVAL =
            Setting.of("clicks.orphan-scan-interval", "5s", duration(Duration.ofMillis(100), HOUR));
    static final Setting<Duration> CLICKS_THROTTLE_BELOW_LAG =
            Setting.of("clicks.throttle-below-lag", "10s", duration(Duration.ZERO, HOUR));
    static final Setting<Duration> CLICKS_RETRY_DELAY =
            Setting.of("clicks.retry-delay", "500ms", duration(Duration.ofMillis(10), Duration.ofMinutes(1)));

    static final Setting<Integer> LINKS_CODE_LENGTH = Setting.of("links.code-length", "6", number(4, 32));
    static final Setting<Integer> LINKS_MAX_CODE_ATTEMPTS = Setting.of("links.max-code-attempts", "8", number(1, 100));
    static final Setting<Integer> LINKS_MAX_URL_LENGTH =
            Setting.of("links.max-url-length", "2048", number(256, MAX_URL_LENGTH));
    static final Setting<Duration> LINKS_RETIRE_CODES =
            Setting.of("links.retire-codes", "90d", duration(Duration.ZERO, Duration.ofDays(36_500)));

    static final Setting<Integer> EVENTS_RETENTION = Setting.of("events.retention-months", "0", number(0, 1200));

    static final Setting<Integer> VERTICLES_HTTP = Setting.of(
                    "verticles.http.instances", "per-core", perCoreOrNumber(1024))
            .reloadable();
    static final Setting<Integer> VERTICLES_STORAGE = Setting.of(
                    "verticles.url-storage.instances", "1", perCoreOrNumber(1024))
            .reloadable();
    static final Setting<Integer> VERTICLES_RECORDER = Setting.of(
                    "verticles.event-recorder.instances", "1", one("one recorder books the clicks of all instances"))
            .reloadable();
    static final Setting<Integer> VERTICLES_WARMER = Setting.of(
                    "verticles.cache-warmer.instances", "1", one("a second instance would read the same links"))
            .reloadable();

    static final Setting<Integer> RUNTIME_EVENT_LOOPS =
            Setting.of("runtime.event-loops", "per-core", perCoreOrNumber(1024));
    static final Setting<Config.Transport> RUNTIME_TRANSPORT =
            Setting.of("runtime.transport", "auto", choice(Config.Transport.class));

    static final Setting<Duration> CONFIG_WATCH_INTERVAL =
            Setting.of("config.watch-interval", "2s", duration(Duration.ZERO, HOUR));

    static final Setting<Config.LogFormat> LOG_FORMAT =
            Setting.of("log.format", "text", choice(Config.LogFormat.class), "LOG_FORMAT");
    static final Setting<Config.LogLevel> LOG_LEVEL = Setting.of(
                    "log.level", "info", choice(Config.LogLevel.class), "LOG_LEVEL")
            .reloadable();
    static final Setting<Duration> LOG_DUPLICATE_INTERVAL =
            Setting.of("log.duplicate-interval", "30s", duration(Duration.ZERO, HOUR));
    static final Setting<Config.AccessLog> LOG_ACCESS =
            Setting.of("log.access", "off", choice(Config.AccessLog.class), "LOG_ACCESS");
    static final Setting<Double> LOG_ACCESS_SAMPLING_RATIO = Setting.of("log.access-sampling-ratio", "0.01", ratio());
    static final Setting<Boolean> LOG_ACCESS_CLIENT_ADDRESS = Setting.of("log.access-client-address", "false", flag());

    static final Setting<@Nullable URI> TRACING_ENDPOINT = Setting.of(
            "tracing.endpoint", "", optionalUri(List.of("http", "https"), "http://127.0.0.1:4318/v1/traces"));
    static final Setting<Double> TRACING_SAMPLING_RATIO = Setting.of("tracing.sampling-ratio", "0.01", ratio());
    static final Setting<Integer> TRACING_MAX_REMOTE_SAMPLED =
            Setting.of("tracing.max-remote-sampled-per-second", "10", number(0, 100_000));

    private static final List<Setting<?>> ALL = List.of(
            HTTP_HOST,
            HTTP_PORT,
            HTTP_PUBLIC_URL,
            HTTP_SERVER_NAMES,
            HTTP_TRUSTED_PROXIES,
            HTTP_MAX_BODY_SIZE,
            HTTP_MAX_UPLOAD_SIZE,
            HTTP_UPLOAD_IDLE_TIMEOUT,
            HTTP_UPLOAD_MIN_RATE,
            HTTP_UPLOAD_TIMEOUT,
            HTTP_IDLE_TIMEOUT,
            HTTP_HEADER_TIMEOUT,
            HTTP_BODY_TIMEOUT,
            HTTP_MAX_CONNECTIONS_PER_ADDRESS,
            HTTP_MAX_REQUESTS_PER_ADDRESS,
            HTTP_HSTS_MAX_AGE,
            HTTP_REQUEST_TIMEOUT,
            HTTP_MAX_IN_FLIGHT,
            HTTP_BACKLOG,
            HTTP_DRAIN_DELAY,
            HTTP_DRAIN_TIMEOUT,
            HTTP_METRICS_ENABLED,
            MANAGEMENT_ENABLED,
            MANAGEMENT_HOST,
            MANAGEMENT_PORT,
            MANAGEMENT_TOKEN,
            DATABASE_URL,
            DATABASE_HOST,
            DATABASE_PORT,
            DATABASE_NAME,
            DATABASE_USER,
            DATABASE_PASSWORD,
            DATABASE_REPLICA_URL,
            DATABASE_SSL_MODE,
            DATABASE_SSL_ROOT_CERT,
            DATABASE_SSL_CERT,
            DATABASE_SSL_KEY,
            DATABASE_TRANSACTION_POOLING,
            DATABASE_POOL_SIZE,
            DATABASE_MAX_WAIT_QUEUE_SIZE,
            DATABASE_CONNECT_TIMEOUT,
            DATABASE_STATEMENT_TIMEOUT,
            DATABASE_START_TIMEOUT,
            DATABASE_MIGRATE_AT_START,
            DATABASE_ALLOW_NEWER_SCHEMA,
            EMBEDDED_DIRECTORY,
            EMBEDDED_PORT,
            EMBEDDED_SEED_DIRECTORY,
            REDIS_URL,
            REDIS_SENTINELS,
            REDIS_TLS_CA_CERT_FILE,
            REDIS_TLS_CERT_FILE,
            REDIS_TLS_KEY_FILE,
            REDIS_COMMAND_TIMEOUT,
            REDIS_KEY_PREFIX,
            CACHE_MAX_SIZE,
            CACHE_TTL,
            CACHE_NEGATIVE_TTL,
            CACHE_WARM_AT_START,
            CACHE_WARM_BATCH_SIZE,
            CACHE_WARM_TIMEOUT,
            CACHE_LEASE_DURATION,
            CLICKS_BATCH_SIZE,
            CLICKS_THROTTLED_BATCH_SIZE,
            CLICKS_DIRECTORY,
            CLICKS_SEGMENT_SIZE,
            CLICKS_MAX_JOURNAL_SIZE,
            CLICKS_FSYNC_INTERVAL,
            CLICKS_ORPHAN_SCAN_INTERVAL,
            CLICKS_THROTTLE_BELOW_LAG,
            CLICKS_RETRY_DELAY,
            LINKS_CODE_LENGTH,
            LINKS_MAX_CODE_ATTEMPTS,
            LINKS_MAX_URL_LENGTH,
            LINKS_RETIRE_CODES,
            EVENTS_RETENTION,
            VERTICLES_HTTP,
            VERTICLES_STORAGE,
            VERTICLES_RECORDER,
            VERTICLES_WARMER,
            RUNTIME_EVENT_LOOPS,
            RUNTIME_TRANSPORT,
            LOG_FORMAT,
            LOG_LEVEL,
            LOG_DUPLICATE_INTERVAL,
            LOG_ACCESS,
            LOG_ACCESS_SAMPLING_RATIO,
            LOG_ACCESS_CLIENT_ADDRESS,
            TRACING_ENDPOINT,
            TRACING_SAMPLING_RATIO,
            TRACING_MAX_REMOTE_SAMPLED,
            CONFIG_WATCH_INTERVAL);

    /** Former keys and what they are called today, for the error message about a former one. */
    static final Map<String, String> RENAMED = Map.ofEntries(
            Map.entry("cache.warm-batch", "cache.warm-batch-size"),
            Map.entry("cache.warm-wait", "cache.warm-timeout"),
            Map.entry("clicks.max-size", "clicks.max-journal-size"),
            Map.entry("clicks.rest-until-lag", "clicks.throttle-below-lag"),
            Map.entry("clicks.resting-batch-size", "clicks.throttled-batch-size"),
            Map.entry("clicks.take-over-interval", "clicks.orphan-scan-interval"),
            Map.entry("database.max-wait-queue", "database.max-wait-queue-size"),
            Map.entry("database.migrate", "database.migrate-at-start"),
            Map.entry("database.read-url", "database.replica-url"),
            Map.entry("embedded.seeds", "embedded.seed-directory"),
            Map.entry("http.body-limit", "http.max-body-size"),
            Map.entry("http.metrics", "http.metrics-enabled"),
            Map.entry("http.own-hosts", "http.server-names"),
            Map.entry("http.upload-limit", "http.max-upload-size"),
            Map.entry("http.upload-stall-timeout", "http.upload-idle-timeout"),
            Map.entry("links.code-attempts", "links.max-code-attempts"),
            Map.entry("log.access-one-in", "log.access-sampling-ratio"),
            Map.entry("log.client-addresses", "log.access-client-address"),
            Map.entry("log.repeat-interval", "log.duplicate-interval"),
            Map.entry("redis.lease", "cache.lease-duration"),
            Map.entry("redis.timeout", "redis.command-timeout"),
            Map.entry("runtime.watch-interval", "config.watch-interval"),
            Map.entry("tracing.callers-per-second", "tracing.max-remote-sampled-per-second"),
            Map.entry("tracing.one-in", "tracing.sampling-ratio"));

    private Settings() {}

    /** The setting of this key, or null if there is none. */
    public static @Nullable Setting<?> find(String key) {
        return ALL.stream()
                .filter(setting -> setting.key().equals(key))
                .findFirst()
                .orElse(null);
    }

    /** All settings in the order of the file. */
    public static List<Setting<?>> all() {
        return ALL;
    }
}
