package dev.shortwave.config;

import io.vertx.core.json.JsonObject;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.pgclient.PgConnectOptions;
import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Turns the raw texts of the three sources into a {@link Config}, and collects all problems. */
final class ConfigReader {

    /** Names with our prefixes that are not settings of the service. */
    private static final Set<String> NOT_SETTINGS =
            Set.of("SHORTWAVE_HOME", "SHORTWAVE_CONFIG", "SHORTWAVE_HEAP", "shortwave.home", "shortwave.config");

    private static final long PAGE = 4096;
    private static final long MIN_SEGMENT = 64 << 10;

    /** Default path of OTLP/HTTP for traces. */
    private static final String TRACES_PATH = "/v1/traces";

    private static final String TEST_ENVIRONMENT_PREFIX = "SHORTWAVE_TEST_";
    private static final String TEST_PROPERTY_PREFIX = "shortwave.test.";

    private final ConfigSource source;
    private final Path file;
    private final Path home;
    private final Map<String, Object> fromFile = new LinkedHashMap<>();
    private final JsonObject fromEnvironment;
    private final JsonObject fromProperties;
    private final List<ConfigProblem> problems = new ArrayList<>();
    private final List<SettingValue> values = new ArrayList<>();
    private final Set<String> ignoredVariables = new TreeSet<>();

    ConfigReader(ConfigSource source, Map<?, ?> fromFile, JsonObject fromEnvironment, JsonObject fromProperties) {
        this.source = source;
        this.file = source.file();
        this.home = source.home();
        this.fromEnvironment = fromEnvironment;
        this.fromProperties = fromProperties;
        flatten("", fromFile);
    }

    /**
     * Reads everything.
     *
     * @throws ConfigException with all problems, if there is one
     */
    Config read() {
        checkNames();
        Config config = new Config(
                http(),
                management(),
                database(),
                embedded(),
                redis(),
                new Config.Cache(
                        value(Settings.CACHE_MAX_SIZE),
                        value(Settings.CACHE_TTL),
                        value(Settings.CACHE_NEGATIVE_TTL),
                        value(Settings.CACHE_WARM_AT_START),
                        value(Settings.CACHE_WARM_BATCH_SIZE),
                        value(Settings.CACHE_WARM_TIMEOUT)),
                clicks(),
                new Config.Links(
                        value(Settings.LINKS_CODE_LENGTH),
                        value(Settings.LINKS_MAX_CODE_ATTEMPTS),
                        value(Settings.LINKS_MAX_URL_LENGTH),
                        value(Settings.LINKS_RETIRE_CODES)),
                new Config.Events(value(Settings.EVENTS_RETENTION)),
                new Config.Verticles(
                        value(Settings.VERTICLES_HTTP),
                        value(Settings.VERTICLES_STORAGE),
                        value(Settings.VERTICLES_RECORDER),
                        value(Settings.VERTICLES_WARMER)),
                new Config.EventLoops(value(Settings.RUNTIME_EVENT_LOOPS), value(Settings.RUNTIME_TRANSPORT)),
                value(Settings.CONFIG_WATCH_INTERVAL),
                new Config.Log(
                        value(Settings.LOG_FORMAT),
                        value(Settings.LOG_LEVEL),
                        value(Settings.LOG_DUPLICATE_INTERVAL),
                        value(Settings.LOG_ACCESS),
                        value(Settings.LOG_ACCESS_SAMPLING_RATIO),
                        value(Settings.LOG_ACCESS_CLIENT_ADDRESS)),
                tracing(),
                values,
                List.copyOf(ignoredVariables),
                source);
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
        return config;
    }

    private Config.Http http() {
        return new Config.Http(
                value(Settings.HTTP_HOST),
                value(Settings.HTTP_PORT),
                publicUrl(),
                value(Settings.HTTP_SERVER_NAMES),
                value(Settings.HTTP_TRUSTED_PROXIES),
                value(Settings.HTTP_MAX_BODY_SIZE),
                value(Settings.HTTP_MAX_UPLOAD_SIZE),
                value(Settings.HTTP_UPLOAD_IDLE_TIMEOUT),
                value(Settings.HTTP_UPLOAD_MIN_RATE),
                value(Settings.HTTP_UPLOAD_TIMEOUT),
                value(Settings.HTTP_IDLE_TIMEOUT),
                value(Settings.HTTP_HEADER_TIMEOUT),
                value(Settings.HTTP_BODY_TIMEOUT),
                value(Settings.HTTP_MAX_CONNECTIONS_PER_ADDRESS),
                value(Settings.HTTP_MAX_REQUESTS_PER_ADDRESS),
                value(Settings.HTTP_HSTS_MAX_AGE),
                value(Settings.HTTP_REQUEST_TIMEOUT),
                value(Settings.HTTP_MAX_IN_FLIGHT),
                value(Settings.HTTP_BACKLOG),
                value(Settings.HTTP_DRAIN_DELAY),
                value(Settings.HTTP_DRAIN_TIMEOUT),
                value(Settings.HTTP_METRICS_ENABLED));
    }

    /** Links are served from the root of a host, so a path in front of their codes would lead nowhere. */
    private @Nullable URI publicUrl() {
        URI url = nullable(Settings.HTTP_PUBLIC_URL);
        if (url == null) {
            return null;
        }
        boolean isRoot = url.getRawPath().isEmpty() || url.getRawPath().equals("/");
        if (!isRoot || url.getRawQuery() != null || url.getRawFragment() != null || UrlAuthority.hasCredentials(url)) {
            problem(
                    Settings.HTTP_PUBLIC_URL,
                    "must be scheme, host and port alone, such as https://sho.rt: links are served from the root of a"
                            + " host, without path, query, fragment, name or password");
        }
        return url;
    }

    private Config.Redis redis() {
        Config.Redis redis = new Config.Redis(
                nullable(Settings.REDIS_URL),
                value(Settings.REDIS_SENTINELS),
                redisTls(nullable(Settings.REDIS_URL)),
                value(Settings.REDIS_COMMAND_TIMEOUT),
                value(Settings.CACHE_LEASE_DURATION),
                value(Settings.REDIS_KEY_PREFIX));
        HostAndPort master = redis.url() == null ? null : UrlAuthority.of(redis.url());
        if (!redis.sentinels().isEmpty() && (master == null || master.port() >= 0)) {
            problem(
                    Settings.REDIS_SENTINELS,
                    "needs a redis.url with the name of the master where the host would be, and no port:"
                            + " redis://mymaster");
        }
        if (redis.url() != null) {
            RedisParameters.refusals(redis.url()).forEach(refusal -> problem(Settings.REDIS_URL, refusal));
        }
        return redis;
    }

    /** Without files of its own the JVM's trust store is used. */
    private @Nullable ClientSSLOptions redisTls(@Nullable URI url) {
        String authority = value(Settings.REDIS_TLS_CA_CERT_FILE);
        String certificate = value(Settings.REDIS_TLS_CERT_FILE);
        String key = value(Settings.REDIS_TLS_KEY_FILE);
        if (url == null || !"rediss".equalsIgnoreCase(url.getScheme())) {
            if (url != null && !(authority + certificate + key).isEmpty()) {
                problem(Settings.REDIS_URL, "must begin with rediss:// because redis.tls-… files are set");
            }
            return null;
        }
        ClientSSLOptions tls = new ClientSSLOptions().setHostnameVerificationAlgorithm("HTTPS");
        if (!authority.isEmpty()) {
            check(Settings.REDIS_TLS_CA_CERT_FILE, PemFiles.refuseCertificates(home.resolve(authority)));
            tls.setTrustOptions(
                    new PemTrustOptions().addCertPath(home.resolve(authority).toString()));
        }
        if (certificate.isEmpty() != key.isEmpty()) {
            problem(Settings.REDIS_TLS_CERT_FILE, "belongs together with redis.tls-key-file: set both");
        } else if (!certificate.isEmpty()) {
            check(Settings.REDIS_TLS_CERT_FILE, PemFiles.refuseCertificates(home.resolve(certificate)));
            check(Settings.REDIS_TLS_KEY_FILE, PemFiles.refuseKey(home.resolve(key)));
            tls.setKeyCertOptions(new PemKeyCertOptions()
                    .addCertPath(home.resolve(certificate).toString())
                    .addKeyPath(home.resolve(key).toString()));
        }
        return tls;
    }

    private void check(Setting<?> setting, @Nullable String refusal) {
        if (refusal != null) {
            problem(setting, refusal);
        }
    }

    private Config.Clicks clicks() {
        long maxJournalBytes = value(Settings.CLICKS_MAX_JOURNAL_SIZE);
        // Every writer needs segments: without one it would drop all its clicks.
        long share = maxJournalBytes / ((long) Config.Clicks.SEGMENTS_PER_WRITER * value(Settings.VERTICLES_HTTP));
        long segment = Math.max(MIN_SEGMENT, Math.min(value(Settings.CLICKS_SEGMENT_SIZE), share));
        return new Config.Clicks(
                value(Settings.CLICKS_BATCH_SIZE),
                value(Settings.CLICKS_THROTTLED_BATCH_SIZE),
                path(Settings.CLICKS_DIRECTORY),
                Math.toIntExact(segment / PAGE * PAGE),
                maxJournalBytes,
                value(Settings.CLICKS_FSYNC_INTERVAL),
                value(Settings.CLICKS_ORPHAN_SCAN_INTERVAL),
                value(Settings.CLICKS_THROTTLE_BELOW_LAG),
                value(Settings.CLICKS_RETRY_DELAY));
    }

    private Config.Management management() {
        Config.Management management = new Config.Management(
                value(Settings.MANAGEMENT_ENABLED),
                value(Settings.MANAGEMENT_HOST),
                value(Settings.MANAGEMENT_PORT),
                value(Settings.MANAGEMENT_TOKEN));
        if (management.enabled()) {
            if (management.token().isEmpty() && !isLoopback(management.host())) {
                problem(
                        Settings.MANAGEMENT_TOKEN,
                        "is needed because management.host is not a loopback address; set it, or set management.host to 127.0.0.1");
            }
            if (management.port() != 0 && management.port() == value(Settings.HTTP_PORT)) {
                problem(Settings.MANAGEMENT_PORT, "must not be the same as http.port");
            }
        }
        return management;
    }

    private Config.Database database() {
        PgConnectOptions server = server();
        return new Config.Database(
                server,
                replica(server),
                value(Settings.DATABASE_TRANSACTION_POOLING),
                value(Settings.DATABASE_POOL_SIZE),
                value(Settings.DATABASE_MAX_WAIT_QUEUE_SIZE),
                value(Settings.DATABASE_CONNECT_TIMEOUT),
                value(Settings.DATABASE_STATEMENT_TIMEOUT),
                value(Settings.DATABASE_START_TIMEOUT),
                value(Settings.DATABASE_MIGRATE_AT_START),
                value(Settings.DATABASE_ALLOW_NEWER_SCHEMA));
    }

    /** The URL if there is one, else the single settings if any is set, else null for the embedded server. */
    private @Nullable PgConnectOptions server() {
        String url = value(Settings.DATABASE_URL);
        String host = value(Settings.DATABASE_HOST);
        String port = value(Settings.DATABASE_PORT);
        String name = value(Settings.DATABASE_NAME);
        String user = value(Settings.DATABASE_USER);
        String password = value(Settings.DATABASE_PASSWORD);
        if (!url.isEmpty()) {
            return fromUrl(Settings.DATABASE_URL);
        }
        if ((host + port + name + user + password).isEmpty()) {
            // Not used by the embedded server, which is reached on the loopback address of this process.
            tlsOfDatabase(new DatabaseParameters());
            return null;
        }
        DatabaseParameters parameters = new DatabaseParameters();
        parameters.put(DatabaseParameters.HOST, host);
        parameters.put(DatabaseParameters.PORT, port);
        parameters.put(DatabaseParameters.DATABASE, name);
        parameters.put(DatabaseParameters.USER, user);
        parameters.put(DatabaseParameters.PASSWORD, password);
        return server(Settings.DATABASE_HOST, parameters);
    }

    private @Nullable PgConnectOptions replica(@Nullable PgConnectOptions server) {
        if (value(Settings.DATABASE_REPLICA_URL).isEmpty()) {
            return null;
        }
        if (server == null) {
            problem(Settings.DATABASE_REPLICA_URL, "needs the server that it is a replica of: set database.url");
        }
        return fromUrl(Settings.DATABASE_REPLICA_URL);
    }

    /** Null, and a problem, if it can't be read. */
    private @Nullable PgConnectOptions fromUrl(Setting<String> setting) {
        try {
            return server(setting, DatabaseUrl.parse(value(setting)));
        } catch (IllegalArgumentException e) {
            problem(setting, "must be a URL such as postgresql://user:password@host:5432/name?sslmode=verify-full");
            return null;
        }
    }

    private PgConnectOptions server(Setting<String> setting, DatabaseParameters parameters) {
        tlsOfDatabase(parameters);
        DatabaseParameters.VARIABLES.forEach((variable, parameter) -> {
            String value = fromEnvironment.getString(variable, "");
            if (!value.isEmpty()) {
                DatabaseParameters alone = new DatabaseParameters();
                alone.take(parameter, value, false);
                if (alone.refusals().isEmpty()) {
                    parameters.takeIfAbsent(parameter, value);
                }
                alone.refusals().forEach(refusal -> problem(new ConfigProblem(variable, null, "environment", refusal)));
            }
        });
        PgConnectOptions server = parameters.server(home);
        parameters.refusals().forEach(refusal -> problem(setting, refusal));
        return server;
    }

    private void tlsOfDatabase(DatabaseParameters parameters) {
        parameters.putIfAbsent(DatabaseParameters.SSL_MODE, value(Settings.DATABASE_SSL_MODE));
        parameters.putIfAbsent(DatabaseParameters.SSL_ROOT_CERT, value(Settings.DATABASE_SSL_ROOT_CERT));
        parameters.putIfAbsent(DatabaseParameters.SSL_CERT, value(Settings.DATABASE_SSL_CERT));
        parameters.putIfAbsent(DatabaseParameters.SSL_KEY, value(Settings.DATABASE_SSL_KEY));
    }

    private Config.Embedded embedded() {
        String seeds = value(Settings.EMBEDDED_SEED_DIRECTORY);
        boolean hasSeeds = !seeds.isEmpty() && !seeds.equals(Settings.NO_SEEDS);
        return new Config.Embedded(
                path(Settings.EMBEDDED_DIRECTORY),
                value(Settings.EMBEDDED_PORT),
                hasSeeds ? path(Settings.EMBEDDED_SEED_DIRECTORY) : null);
    }

    private Path path(Setting<String> setting) {
        try {
            return home.resolve(value(setting));
        } catch (InvalidPathException e) {
            problem(
                    setting,
                    "must be a path that the locale of this process can express; LC_ALL=C.UTF-8 can express all of them");
            return home;
        }
    }

    private Config.Tracing tracing() {
        URI endpoint = nullable(Settings.TRACING_ENDPOINT);
        if (endpoint != null && UrlAuthority.hasCredentials(endpoint)) {
            problem(
                    Settings.TRACING_ENDPOINT,
                    "must be a URL such as http://127.0.0.1:4318/v1/traces, without name and password");
        } else if (endpoint != null && endpoint.getHost() == null) {
            problem(
                    Settings.TRACING_ENDPOINT,
                    "must have a host without an underscore, or its address: Java's HTTP client takes no other");
        }
        return new Config.Tracing(
                endpoint == null || endpoint.getRawPath().length() > 1 ? endpoint : endpoint.resolve(TRACES_PATH),
                value(Settings.TRACING_SAMPLING_RATIO),
                value(Settings.TRACING_MAX_REMOTE_SAMPLED));
    }

    private <T> T value(Setting<T> setting) {
        T value = nullable(setting);
        if (value == null) {
            throw new IllegalStateException(setting.key() + " may be absent");
        }
        return value;
    }

    private <T extends @Nullable Object> T nullable(Setting<T> setting) {
        SettingValue text = text(setting);
        if (values.stream().noneMatch(known -> known.setting().equals(setting))) {
            values.add(text);
        }
        try {
            return setting.type().parse().apply(text.text());
        } catch (RuntimeException e) {
            problem(setting, "must be " + setting.type().allowed());
            return setting.type().parse().apply(setting.defaultText());
        }
    }

    private SettingValue text(Setting<?> setting) {
        String property = fromProperties.getString(setting.propertyName());
        if (property != null) {
            return new SettingValue(setting, property, "system property -D" + setting.propertyName());
        }
        for (String name : setting.environmentNames()) {
            String environment = fromEnvironment.getString(name);
            if (environment != null && !environment.isEmpty() && !isServiceLink(name, environment)) {
                return new SettingValue(setting, environment, "environment variable " + name);
            }
        }
        Object written = fromFile.get(setting.key());
        if (written != null) {
            String text = written instanceof List<?> items
                    ? items.stream().map(String::valueOf).collect(Collectors.joining(","))
                    : written.toString();
            return new SettingValue(setting, text, file.toString());
        }
        return new SettingValue(setting, setting.defaultText(), "default");
    }

    private boolean isServiceLink(String name, String value) {
        boolean isLink = ServiceLinks.contain(name, value);
        if (isLink) {
            ignoredVariables.add(name);
        }
        return isLink;
    }

    private void problem(Setting<?> setting, String remedy) {
        SettingValue text = text(setting);
        problem(new ConfigProblem(setting.key(), text.redacted(), text.origin(), remedy));
    }

    private void problem(ConfigProblem problem) {
        if (!problems.contains(problem)) {
            problems.add(problem);
        }
    }

    private void checkNames() {
        Set<String> keys = new HashSet<>();
        Set<String> environmentNames = new HashSet<>(NOT_SETTINGS);
        Set<String> propertyNames = new HashSet<>(NOT_SETTINGS);
        for (Setting<?> setting : Settings.all()) {
            keys.add(setting.key());
            environmentNames.add(setting.environmentName());
            propertyNames.add(setting.propertyName());
            if (fromFile.get(setting.key()) instanceof List<?>
                    && !setting.type().takesList()) {
                problem(setting, "must be " + setting.type().allowed() + ", not a list");
            }
        }
        Map<String, String> renamedEnvironmentNames = new HashMap<>();
        Map<String, String> renamedPropertyNames = new HashMap<>();
        Settings.RENAMED.forEach((former, current) -> {
            renamedEnvironmentNames.put(Setting.environmentName(former), Setting.environmentName(current));
            renamedPropertyNames.put(Setting.propertyName(former), Setting.propertyName(current));
        });
        fromFile.keySet().stream()
                .filter(key -> !keys.contains(key))
                .forEach(key -> unknown(key, file.toString(), keys, Settings.RENAMED));
        fromEnvironment.fieldNames().stream()
                .filter(name -> name.startsWith(Setting.ENVIRONMENT_PREFIX)
                        && !name.startsWith(TEST_ENVIRONMENT_PREFIX)
                        && !environmentNames.contains(name)
                        && !isServiceLink(name, fromEnvironment.getString(name)))
                .forEach(name -> unknown(name, "environment", environmentNames, renamedEnvironmentNames));
        fromProperties.fieldNames().stream()
                .filter(name -> name.startsWith(Setting.PROPERTY_PREFIX)
                        && !name.startsWith(TEST_PROPERTY_PREFIX)
                        && !propertyNames.contains(name))
                .forEach(name -> unknown(name, "system properties", propertyNames, renamedPropertyNames));
    }

    private void unknown(String name, String origin, Set<String> known, Map<String, String> renamed) {
        String current = renamed.get(name);
        if (current != null) {
            problems.add(new ConfigProblem(name, null, origin, "is now " + current));
            return;
        }
        String nearest = DidYouMean.nearest(name, known);
        problems.add(new ConfigProblem(
                name,
                null,
                origin,
                "there is no such setting" + (nearest == null ? "" : "; did you mean " + nearest + "?")));
    }

    private void flatten(String prefix, Map<?, ?> section) {
        section.forEach((name, value) -> {
            String key = prefix + name;
            if (value instanceof Map<?, ?> nested) {
                flatten(key + ".", nested);
            } else if (!"".equals(value) || !isSection(key)) {
                fromFile.put(key, value == null ? "" : value);
            }
        });
    }

    private static boolean isSection(String key) {
        return Settings.all().stream().anyMatch(setting -> setting.key().startsWith(key + "."));
    }

    /** By its spelling only: name resolution would block, and its result can change. */
    private static boolean isLoopback(String host) {
        return host.equals("localhost")
                || host.matches("127(\\.\\d{1,3}){3}")
                || host.equals("::1")
                || host.equals("[::1]");
    }
}
