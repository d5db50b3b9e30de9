package dev.shortwave.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigLoaderTest {

    @TempDir
    private Path folder;

    private ConfigSources sources;

    @BeforeEach
    void makeSources() {
        sources = new ConfigSources(folder);
    }

    @Nested
    class Precedence {

        @Test
        void theDefaultWinsWhereNothingIsSet() {
            assertThat(sources.read().http().port()).isEqualTo(8080);
            assertThat(origin("http.port")).isEqualTo("default");
        }

        @Test
        void theFileWinsOverTheDefault() {
            sources.file("http:\n  port: 1001\n");
            assertThat(sources.read().http().port()).isEqualTo(1001);
            assertThat(origin("http.port")).isEqualTo(sources.path().toString());
        }

        @Test
        void theEnvironmentWinsOverTheFile() {
            sources.file("http:\n  port: 1001\n").environment("SHORTWAVE_HTTP_PORT", "1002");
            assertThat(sources.read().http().port()).isEqualTo(1002);
            assertThat(origin("http.port")).isEqualTo("environment variable SHORTWAVE_HTTP_PORT");
        }

        @Test
        void aSystemPropertyWinsOverTheEnvironment() {
            sources.file("http:\n  port: 1001\n")
                    .environment("SHORTWAVE_HTTP_PORT", "1002")
                    .environment("PORT", "1003")
                    .property("shortwave.http.port", "1004");
            assertThat(sources.read().http().port()).isEqualTo(1004);
            assertThat(origin("http.port")).isEqualTo("system property -Dshortwave.http.port");
        }

        @Test
        void ourOwnVariableWinsOverTheOneOfPlatforms() {
            sources.environment("SHORTWAVE_HTTP_PORT", "1002").environment("PORT", "1003");
            assertThat(sources.read().http().port()).isEqualTo(1002);
        }

        @Test
        void everySettingCanComeFromTheEnvironmentAndFromAProperty() {
            for (Setting<?> setting : Settings.all()) {
                if (!setting.defaultText().isEmpty()) {
                    ConfigSources fromEnvironment = new ConfigSources(folder);
                    fromEnvironment.environment(setting.environmentName(), setting.defaultText());
                    assertThat(origin(fromEnvironment.read(), setting.key())).contains(setting.environmentName());
                }
                ConfigSources fromProperty = new ConfigSources(folder);
                fromProperty.property(setting.propertyName(), setting.defaultText());
                assertThat(origin(fromProperty.read(), setting.key())).contains(setting.propertyName());
            }
        }

        private String origin(String key) {
            return origin(sources.read(), key);
        }

        private String origin(Config config, String key) {
            return config.values().stream()
                    .filter(value -> value.setting().key().equals(key))
                    .map(SettingValue::origin)
                    .collect(Collectors.joining(" and "));
        }
    }

    /** As in {@code PORT=${PORT:-}}: for every setting, so that the next source counts. */
    @Test
    void anEmptyVariableIsAbsent() {
        for (Setting<?> setting : Settings.all()) {
            setting.environmentNames().forEach(name -> sources.environment(name, ""));
        }
        Config config = sources.file("http:\n  port: 7001\n").read();
        assertThat(config.http().port()).isEqualTo(7001);
        assertThat(config.values())
                .allSatisfy(value -> assertThat(value.origin()).doesNotContain("environment"));
        assertThat(sources.environment("PORT", "7002").read().http().port()).isEqualTo(7002);
    }

    @Test
    void anEmptyPropertyIsAValue() {
        assertThat(sources.property("shortwave.embedded.seed-directory", "")
                        .read()
                        .embedded()
                        .seedDirectory())
                .isNull();
        assertThat(new ConfigSources(folder).property("shortwave.http.port", "").problem())
                .contains("must be a whole number");
    }

    /** Kubernetes sets them in each container for a service of the same name. */
    @Test
    void addressesOfKubernetesServicesAreNoSettings() {
        Config config = sources.environment("SHORTWAVE_SERVICE_HOST", "10.0.0.1")
                .environment("SHORTWAVE_SERVICE_PORT", "8080")
                .environment("SHORTWAVE_SERVICE_PORT_HTTP", "8080")
                .environment("SHORTWAVE_PORT", "tcp://10.0.0.1:8080")
                .environment("SHORTWAVE_PORT_8080_TCP", "tcp://10.0.0.1:8080")
                .environment("SHORTWAVE_PORT_8080_TCP_PROTO", "tcp")
                .environment("SHORTWAVE_PORT_8080_TCP_PORT", "8080")
                .environment("SHORTWAVE_PORT_8080_TCP_ADDR", "10.0.0.1")
                .environment("SHORTWAVE_PROXY_PORT_53_UDP", "udp://[fd00::1]:53")
                .environment("SHORTWAVE_HTTP_PORT", "tcp://10.0.0.1:8080")
                .environment("DATABASE_PORT", "tcp://10.0.0.2:5432")
                .environment("MANAGEMENT_PORT", "tcp://10.0.0.3:8081")
                .read();
        assertThat(config.http().port()).isEqualTo(8080);
        assertThat(config.database().server()).isNull();
        assertThat(config.management().port()).isEqualTo(8081);
        assertThat(config.ignoredVariables())
                .hasSize(12)
                .contains("SHORTWAVE_PORT", "DATABASE_PORT", "SHORTWAVE_HTTP_PORT");
        assertThat(sources.environment("SHORTWAVE_PORT", "8080").problem()).contains("there is no such setting");
    }

    /** Names that cloud platforms and the hackathon's template set. */
    @Nested
    class NamesOfPlatforms {

        @Test
        void port() {
            assertThat(sources.environment("PORT", "5000").read().http().port()).isEqualTo(5000);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "postgresql://ann:s3cret@db.example:6543/links",
                    "postgres://ann:s3cret@db.example:6543/links",
                    "jdbc:postgresql://ann:s3cret@db.example:6543/links"
                })
        void databaseUrl(String url) {
            var server = Objects.requireNonNull(
                    sources.environment("DATABASE_URL", url).read().database().server());
            assertThat(server.getHost()).isEqualTo("db.example");
            assertThat(server.getPort()).isEqualTo(6543);
            assertThat(server.getDatabase()).isEqualTo("links");
            assertThat(server.getUser()).isEqualTo("ann");
            assertThat(server.getPassword()).isEqualTo("s3cret");
        }

        @Test
        void databaseUrlWithAnEncodedPasswordAndWithoutAPort() {
            var server = Objects.requireNonNull(
                    sources.environment("DATABASE_URL", "postgres://ann:p%40ss%2Fw%3Ard@db.example/links")
                            .read()
                            .database()
                            .server());
            assertThat(server.getPassword()).isEqualTo("p@ss/w:rd");
            assertThat(server.getPort()).isEqualTo(5432);
            assertThat(server.getDatabase()).isEqualTo("links");
        }

        @Test
        void databaseUrlWinsOverTheSingleSettings() {
            sources.environment("DATABASE_HOST", "other")
                    .environment("DATABASE_URL", "postgres://a:b@db.example/links");
            assertThat(Objects.requireNonNull(sources.read().database().server())
                            .getHost())
                    .isEqualTo("db.example");
        }

        @Test
        void singleDatabaseSettings() {
            var server = Objects.requireNonNull(sources.environment("DATABASE_HOST", "db.example")
                    .environment("DATABASE_PORT", "6543")
                    .environment("DATABASE_NAME", "links")
                    .environment("DATABASE_USER", "ann")
                    .environment("DATABASE_PASSWORD", "0123")
                    .read()
                    .database()
                    .server());
            assertThat(server.getHost()).isEqualTo("db.example");
            assertThat(server.getPort()).isEqualTo(6543);
            assertThat(server.getDatabase()).isEqualTo("links");
            assertThat(server.getUser()).isEqualTo("ann");
            assertThat(server.getPassword()).isEqualTo("0123");
        }

        @Test
        void theDatabasePortMayBeANumberInTheFile() {
            assertThat(Objects.requireNonNull(sources.file("database:\n  port: 6543\n")
                                    .read()
                                    .database()
                                    .server())
                            .getPort())
                    .isEqualTo(6543);
        }

        @Test
        void oneDatabaseSettingIsEnough() {
            var server = Objects.requireNonNull(sources.environment("DATABASE_NAME", "hackathon")
                    .read()
                    .database()
                    .server());
            assertThat(server.getHost()).isEqualTo("localhost");
            assertThat(server.getPort()).isEqualTo(5432);
            assertThat(server.getDatabase()).isEqualTo("hackathon");
            assertThat(server.getUser()).isEqualTo("postgres");
        }

        @Test
        void redisUrl() {
            assertThat(sources.environment("REDIS_URL", "redis://cache.example:6380/1")
                            .read()
                            .redis()
                            .url())
                    .hasHost("cache.example")
                    .hasPort(6380);
        }

        @Test
        void hostsMayHaveUnderscores() {
            Config config = sources.environment("REDIS_URL", "redis://:s3cret@my_redis:6380/1")
                    .environment("PUBLIC_URL", "http://my_host:8080")
                    .read();
            assertThat(config.redis()).hasToString("Redis[my_redis]");
            assertThat(config.http().publicUrl()).hasToString("http://my_host:8080");
        }

        @ParameterizedTest
        @ValueSource(strings = {"https://sho.rt", "https://SHO.RT:443/", "http://[::1]:8080", "http://10.0.0.7/"})
        void publicUrl(String url) {
            assertThat(sources.environment("PUBLIC_URL", url).read().http().publicUrl())
                    .hasToString(url);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "https://sho.rt/s",
                    "https://sho.rt/s/",
                    "https://sho.rt//",
                    "https://sho.rt?a=b",
                    "https://sho.rt/?",
                    "https://sho.rt/#top",
                    "https://ann@sho.rt",
                    "https://ann:s3cret@sho.rt/",
                    "https://:s3cret@my_host/"
                })
        void aPublicUrlIsTheRootOfAHost(String url) {
            assertThat(sources.environment("PUBLIC_URL", url).problem())
                    .startsWith("http.public-url = \"https:")
                    .contains("must be scheme, host and port alone, such as https://sho.rt")
                    .doesNotContain("s3cret");
        }

        @ParameterizedTest
        @CsvSource({
            "http://collector:4318, http://collector:4318/v1/traces",
            "http://collector:4318/, http://collector:4318/v1/traces",
            "https://collector/otlp/traces, https://collector/otlp/traces"
        })
        void tracingEndpoints(String url, String endpoint) {
            assertThat(sources.environment("SHORTWAVE_TRACING_ENDPOINT", url)
                            .read()
                            .tracing()
                            .endpoint())
                    .hasToString(endpoint);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {"collector:4318", "grpc://collector:4317", "http://collector:70000", "http://a:b@collector"})
        void invalidTracingEndpoints(String url) {
            assertThat(sources.environment("SHORTWAVE_TRACING_ENDPOINT", url).problem())
                    .startsWith("tracing.endpoint = \"")
                    .contains("must be a URL such as http://127.0.0.1:4318/v1/traces")
                    .doesNotContain(":b@");
        }

        @Test
        void javasHttpClientTakesNoUnderscore() {
            assertThat(sources.environment("SHORTWAVE_TRACING_ENDPOINT", "http://my_collector:4318")
                            .problem())
                    .contains("must have a host without an underscore, or its address");
        }

        @Test
        void sentinels() {
            Config.Redis redis = sources.environment("REDIS_URL", "redis://:s3cret@mymaster/1")
                    .environment("REDIS_SENTINELS", "one:26379, [::1]:26380")
                    .read()
                    .redis();
            assertThat(redis.url()).hasHost("mymaster");
            assertThat(redis.sentinels()).containsExactly("one:26379", "[::1]:26380");
        }

        @ParameterizedTest
        @CsvSource({
            "redis://my_master, one, must be addresses such as sentinel1:26379",
            "redis://mymaster, ann:s3cret@one:26379, must be addresses such as sentinel1:26379",
            "redis://mymaster:6379, one:26379, needs a redis.url with the name of the master",
            "'', one:26379, needs a redis.url with the name of the master"
        })
        void invalidSentinels(String url, String sentinels, String remedy) {
            sources.environment("REDIS_URL", url).environment("REDIS_SENTINELS", sentinels);
            assertThatThrownBy(sources::read)
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("redis.sentinels = ")
                    .hasMessageContaining(remedy);
        }

        @Test
        void aReplicaOfTheDatabase() {
            Config.Database database = sources.environment("DATABASE_URL", "postgresql://ann:s3cret@first/links")
                    .environment("DATABASE_READ_URL", "postgresql://ann:s3cret@second:5433/links")
                    .read()
                    .database();
            assertThat(database.replica()).isNotNull();
            assertThat(database.replica().getHost()).isEqualTo("second");
            assertThat(database.replica().getPort()).isEqualTo(5433);
        }

        @Test
        void aReplicaOfTheEmbeddedDatabaseCannotBe() {
            sources.environment("DATABASE_READ_URL", "postgresql://ann:s3cret@second/links");
            assertThatThrownBy(sources::read)
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("database.replica-url")
                    .hasMessageContaining("set database.url")
                    .hasMessageNotContaining("s3cret");
        }

        @Test
        void anEmptyUrlIsNone() {
            Config config = sources.environment("REDIS_URL", "")
                    .environment("DATABASE_URL", "")
                    .read();
            assertThat(config.redis().url()).isNull();
            assertThat(config.database().server()).isNull();
        }

        @ParameterizedTest
        @ValueSource(strings = {"localhost", "mysql://a:b@host/name", "postgresql//host", "postgres://ho st/name"})
        void anInvalidDatabaseUrl(String url) {
            assertThat(sources.environment("DATABASE_URL", url).problem())
                    .startsWith("database.url = \"")
                    .contains("(environment variable DATABASE_URL)", "postgresql://user:password@host:5432/name");
        }

        @ParameterizedTest
        @ValueSource(strings = {"0", "65536", "abc", "-1"})
        void anInvalidDatabasePort(String port) {
            assertThat(sources.environment("DATABASE_PORT", port).problem())
                    .isEqualTo("database.port = \"" + port
                            + "\" (environment variable DATABASE_PORT): must be a whole number from 1 to 65535");
        }
    }

    /** What looks like a number, a flag or a list to others is text here. */
    @Nested
    class RawValues {

        @ParameterizedTest
        @ValueSource(strings = {"0123", "1e5", "true", "1,2", "null", "0x1F", "[1]", "{}", " spaced ", "#sharp"})
        void aPasswordStaysAsItIs(String password) {
            assertThat(passwordOf(new ConfigSources(folder).environment("DATABASE_PASSWORD", password)))
                    .isEqualTo(password);
            assertThat(passwordOf(new ConfigSources(folder).property("shortwave.database.password", password)))
                    .isEqualTo(password);
            assertThat(passwordOf(
                            new ConfigSources(folder).file("database:\n  host: db\n  password: '" + password + "'\n")))
                    .isEqualTo(password);
        }

        /** Through the stores that the program uses, which guess types unless told not to. */
        @ParameterizedTest
        @ValueSource(strings = {"0123", "1e5", "true", "1,2"})
        void alsoThroughTheRealSystemProperties(String text) throws Exception {
            System.setProperty("shortwave.redis.key-prefix", text);
            var vertx = io.vertx.core.Vertx.vertx();
            try {
                java.nio.file.Files.writeString(sources.path(), "http:\n  port: 1\n");
                Config config = new ConfigLoader(vertx)
                        .load(sources.path(), folder)
                        .await(30, java.util.concurrent.TimeUnit.SECONDS);
                assertThat(config.redis().keyPrefix()).isEqualTo(text);
            } finally {
                System.clearProperty("shortwave.redis.key-prefix");
                vertx.close().await(30, java.util.concurrent.TimeUnit.SECONDS);
            }
        }

        /** YAML would make these numbers, times, dates and flags. */
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "0123",
                    "1e5",
                    "1_000",
                    "12:30",
                    "2020-01-01",
                    "yes",
                    "off",
                    "true",
                    "True",
                    "1,2",
                    "null",
                    "~"
                })
        void alsoWithoutQuotesInTheFile(String text) {
            assertThat(passwordOf(sources.file("database:\n  host: db\n  password: " + text + "\n")))
                    .isEqualTo(text);
        }

        private static String passwordOf(ConfigSources sources) {
            return Objects.requireNonNull(sources.read().database().server()).getPassword();
        }
    }

    @Nested
    class Problems {

        @Test
        void allAreListedAtOnceWithAllThatIsNeededToCorrectThem() {
            sources.file("http:\n  port: 70000\n  idle-timeout: soon\ncache:\n  ttl: 1y\n")
                    .environment("SHORTWAVE_HTTP_METRICS_ENABLED", "perhaps")
                    .environment("REDIS_URL", "http://cache")
                    .property("shortwave.log.level", "loud")
                    .property("shortwave.verticles.http.instances", "0");
            String file = sources.path().toString();
            assertThat(sources.problems().stream().map(ConfigProblem::toString))
                    .containsExactlyInAnyOrder(
                            "http.port = \"70000\" (" + file + "): must be a whole number from 0 to 65535",
                            "http.idle-timeout = \"soon\" (" + file
                                    + "): must be a time from 1s to 3600s, such as 250ms, 5s or 2m",
                            "cache.ttl = \"1y\" (" + file
                                    + "): must be a time from 1s to 2592000s, such as 250ms, 5s or 2m",
                            "http.metrics-enabled = \"perhaps\" (environment variable SHORTWAVE_HTTP_METRICS_ENABLED): must be true or"
                                    + " false",
                            "redis.url = \"http://cache\" (environment variable REDIS_URL): must be a URL such as"
                                    + " redis://127.0.0.1:6379/0",
                            "log.level = \"loud\" (system property -Dshortwave.log.level): must be one of trace, debug,"
                                    + " info, warn, error",
                            "verticles.http.instances = \"0\" (system property -Dshortwave.verticles.http.instances):"
                                    + " must be per-core or a whole number from 1 to 1024");
        }

        @Test
        void everySettingThatIsNotFreeTextRefusesNonsense() {
            for (Setting<?> setting : Settings.all()) {
                boolean free = setting.type().allowed().startsWith("text")
                        || setting.type().allowed().startsWith("host names")
                        || setting.equals(Settings.DATABASE_URL);
                if (!free) {
                    assertThat(new ConfigSources(folder)
                                    .environment(setting.environmentName(), "!")
                                    .problem())
                            .startsWith(setting.key() + " = ")
                            .contains(setting.environmentName(), setting.type().allowed());
                }
            }
        }

        @ParameterizedTest
        @CsvSource({
            "http.prot, http.port",
            "http.idle_timeout, http.idle-timeout",
            "cache.max-sise, cache.max-size",
            "redis.uri, redis.url"
        })
        void anUnknownNameInTheFile(String unknown, String meant) {
            String[] parts = unknown.split("\\.");
            assertThat(sources.file(parts[0] + ":\n  " + parts[1] + ": 1\n").problem())
                    .isEqualTo(unknown + " (" + sources.path() + "): there is no such setting; did you mean " + meant
                            + "?");
        }

        @ParameterizedTest
        @CsvSource({
            "cache.warm-batch, cache.warm-batch-size",
            "cache.warm-wait, cache.warm-timeout",
            "clicks.max-size, clicks.max-journal-size",
            "clicks.rest-until-lag, clicks.throttle-below-lag",
            "clicks.resting-batch-size, clicks.throttled-batch-size",
            "clicks.take-over-interval, clicks.orphan-scan-interval",
            "database.max-wait-queue, database.max-wait-queue-size",
            "database.migrate, database.migrate-at-start",
            "database.read-url, database.replica-url",
            "embedded.seeds, embedded.seed-directory",
            "http.body-limit, http.max-body-size",
            "http.metrics, http.metrics-enabled",
            "http.own-hosts, http.server-names",
            "http.upload-limit, http.max-upload-size",
            "http.upload-stall-timeout, http.upload-idle-timeout",
            "links.code-attempts, links.max-code-attempts",
            "log.access-one-in, log.access-sampling-ratio",
            "log.client-addresses, log.access-client-address",
            "log.repeat-interval, log.duplicate-interval",
            "redis.lease, cache.lease-duration",
            "redis.timeout, redis.command-timeout",
            "runtime.watch-interval, config.watch-interval",
            "tracing.callers-per-second, tracing.max-remote-sampled-per-second",
            "tracing.one-in, tracing.sampling-ratio"
        })
        void aFormerName(String former, String current) {
            String[] parts = former.split("\\.");
            sources.file(parts[0] + ":\n  " + parts[1] + ": 1\n")
                    .environment(Setting.environmentName(former), "1")
                    .property("shortwave." + former, "1");
            assertThat(sources.problems().stream().map(ConfigProblem::toString))
                    .containsExactly(
                            former + " (" + sources.path() + "): is now " + current,
                            Setting.environmentName(former) + " (environment): is now SHORTWAVE_"
                                    + current.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_"),
                            "shortwave." + former + " (system properties): is now shortwave." + current);
            assertThat(Settings.find(former)).isNull();
            assertThat(Settings.find(current)).isNotNull();
        }

        @Test
        void anUnknownNameWithoutASimilarOne() {
            assertThat(sources.file("kubernetes:\n  replicas: 3\n").problem())
                    .isEqualTo("kubernetes.replicas (" + sources.path() + "): there is no such setting");
        }

        @Test
        void aSectionThatIsGivenAValue() {
            assertThat(sources.file("http: 8080\n").problem()).startsWith("http (");
        }

        @Test
        void aSettingThatIsGivenASection() {
            assertThat(sources.file("http:\n  port:\n    public: 8080\n").problem())
                    .startsWith("http.port.public (")
                    .endsWith("there is no such setting");
        }

        @Test
        void aSettingThatIsGivenAList() {
            assertThat(sources.file("http:\n  host: [a, b]\n").problem())
                    .startsWith("http.host = \"a,b\"")
                    .endsWith("must be text that is not empty, not a list");
        }

        @ParameterizedTest
        @ValueSource(strings = {"٨٠٨٠", "８０８０", "80٨0", "99999999999", "8080 ", "0x50"})
        void aNumberInOtherDigitsOrBeyondAllBounds(String number) {
            assertThat(sources.environment("PORT", number).problem())
                    .contains("http.port", "a whole number from 0 to 65535");
        }

        @ParameterizedTest
        @ValueSource(strings = {"٤٠s", "４０s", "999999999999d", "9999999999999999999s"})
        void aTimeInOtherDigitsOrBeyondAllBounds(String time) {
            assertThat(sources.environment("SHORTWAVE_HTTP_IDLE_TIMEOUT", time).problem())
                    .contains("http.idle-timeout", "a time from 1s to 3600s");
        }

        @ParameterizedTest
        @ValueSource(strings = {"٤٠MiB", "999999999999GiB", "99999999999999999999"})
        void aSizeInOtherDigitsOrBeyondAllBounds(String size) {
            assertThat(sources.environment("SHORTWAVE_CACHE_MAX_SIZE", size).problem())
                    .contains("cache.max-size", "a size from");
        }

        @ParameterizedTest
        @ValueSource(strings = {"10.0.0.0/٨", "٤٠.0.0.0/8"})
        void aNetworkInOtherDigits(String network) {
            assertThat(sources.environment("SHORTWAVE_HTTP_TRUSTED_PROXIES", network)
                            .problem())
                    .contains("http.trusted-proxies");
        }

        @ParameterizedTest
        @ValueSource(strings = {"embedded.directory", "clicks.directory", "embedded.seed-directory"})
        void anInvalidPath(String key) {
            assertThat(sources.property("shortwave." + key, "a\0b").problem())
                    .contains(key, "must be a path", "LC_ALL=C.UTF-8");
        }

        @Test
        void anUnknownVariable() {
            assertThat(sources.environment("SHORTWAVE_HTTP_PROT", "1").problem())
                    .isEqualTo("SHORTWAVE_HTTP_PROT (environment): there is no such setting;"
                            + " did you mean SHORTWAVE_HTTP_PORT?");
        }

        @Test
        void anUnknownProperty() {
            assertThat(sources.property("shortwave.http.prot", "1").problem())
                    .isEqualTo("shortwave.http.prot (system properties): there is no such setting;"
                            + " did you mean shortwave.http.port?");
        }

        @Test
        void namesWithoutOurPrefixAreIgnored() {
            sources.environment("HTTP_PROT", "1")
                    .environment("SHORTWAVE_HOME", "/")
                    .environment("SHORTWAVE_TEST_DATABASE_URL", "x")
                    .property("shortwave.home", "/")
                    .property("shortwave.test.root", "/")
                    .property("java.home", "/")
                    .read();
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "http:\n  port: [1\n",
                    "http:\n\tport: 1\n",
                    "http: {a: 1\n",
                    "- http\n- cache\n",
                    "just words\n",
                    "a: 1\na: 2\n",
                    "a: &x [*x]\n",
                    "!!java.net.URL [\"http://example.com\"]\n",
                    "a: !!javax.script.ScriptEngineManager []\n"
                })
        void aFileThatIsNotYamlOrNotAMapping(String yaml) {
            assertThat(sources.file(yaml).problem())
                    .startsWith(sources.path() + ": ")
                    .contains("--config FILE")
                    .doesNotContain("\n")
                    .doesNotContain("java.lang", "java.util", "org.yaml", "class ", "Exception");
        }

        @Test
        void aVeryDeepFile() {
            assertThat(sources.file("[".repeat(100_000)).problem()).contains("not valid YAML");
        }

        @Test
        void aFileThatContainsItself() {
            assertThat(sources.file("http: &loop\n  port: *loop\n").problem()).contains("not valid YAML");
        }

        @Test
        void anErrorInTheFileDoesNotShowTheSecretBesideIt() {
            assertThat(sources.file("database:\n  password: \"s3cret\" x\n").problem())
                    .contains("line 2")
                    .doesNotContain("s3cret");
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "# nothing but a comment\n", "http:\n", "---\n"})
        void anEmptyFileMeansDefaults(String yaml) {
            assertThat(sources.file(yaml).read().http().port()).isEqualTo(8080);
        }

        @Test
        void aMissingFile() {
            Path missing = folder.resolve("missing.yaml");
            assertThat(new ConfigLoader(io.vertx.core.Vertx.vertx())
                            .load(missing, folder, java.util.Map.of(), java.util.Map.of())
                            .cause())
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining(missing.toString())
                    .hasMessageContaining("--config FILE");
        }
    }

    @Nested
    class Secrets {

        @ParameterizedTest
        @CsvSource({
            "DATABASE_URL, mysql://ann:s3cret@db.example/links",
            "DATABASE_URL, postgres://ann:s3cret@ho st/links",
            "DATABASE_URL, ann:s3cret@db.example/links",
            "DATABASE_URL, postgres://ann:s3c@r/et:s3cret@db.ex ample/links",
            "DATABASE_URL, mysql://db.example/links?user=ann&password=s3cret&sslmode=require",
            "REDIS_URL, http://ann:s3cret@cache.example",
            "REDIS_URL, http://:s3cret@cache.example",
            "MANAGEMENT_TOKEN, s3cret"
        })
        void areHiddenInProblems(String name, String value) {
            assertThat(sources.environment(name, value).problem())
                    .contains("<hidden>")
                    .doesNotContain("s3cret");
        }

        @Test
        void areHiddenWhereTheConfigurationIsShown() {
            Config config = sources.environment("DATABASE_URL", "postgres://ann:s3cret@db.example/links")
                    .environment("DATABASE_PASSWORD", "s3cret")
                    .environment("REDIS_URL", "redis://:s3cret@cache.example/0?password=s3cret")
                    .environment("MANAGEMENT_TOKEN", "s3cret-s3cret-s3cret")
                    .read();
            assertThat(config.toString()).doesNotContain("s3cret");
            assertThat(config.values().stream().map(SettingValue::toString))
                    .noneMatch(line -> line.contains("s3cret"))
                    .contains("database.url = postgres://ann:<hidden>@db.example/links (environment variable"
                            + " DATABASE_URL)")
                    .contains("management.token = <hidden> (environment variable MANAGEMENT_TOKEN)");
        }

        @Test
        void whatIsNotSetIsNotShownAsHidden() {
            assertThat(sources.read().values().stream().map(SettingValue::toString))
                    .contains("management.token =  (default)");
        }
    }

    @Nested
    class Management {

        @ParameterizedTest
        @ValueSource(strings = {"127.0.0.1", "127.1.2.3", "localhost", "::1"})
        void onALoopbackAddressNoTokenIsNeeded(String host) {
            assertThat(sources.environment("MANAGEMENT_HOST", host)
                            .read()
                            .management()
                            .token())
                    .isEmpty();
        }

        @ParameterizedTest
        @ValueSource(strings = {"0.0.0.0", "10.0.0.7", "::", "manager.example", "127.example.com"})
        void beyondLoopbackATokenIsNeeded(String host) {
            assertThat(sources.environment("MANAGEMENT_HOST", host).problem())
                    .startsWith("management.token")
                    .contains("management.host is not a loopback address");
            assertThat(sources.environment("MANAGEMENT_TOKEN", "sixteen-or-more-characters")
                            .read()
                            .management()
                            .host())
                    .isEqualTo(host);
        }

        @Test
        void aServerThatIsOffNeedsNoToken() {
            sources.environment("MANAGEMENT_HOST", "0.0.0.0")
                    .environment("SHORTWAVE_MANAGEMENT_ENABLED", "false")
                    .read();
        }

        @Test
        void aShortTokenIsRefused() {
            assertThat(sources.environment("MANAGEMENT_TOKEN", "fifteen-letters")
                            .problem())
                    .isEqualTo("management.token = \"<hidden>\" (environment variable MANAGEMENT_TOKEN):"
                            + " must be at least 16 characters");
        }

        @Test
        void bothServersOnOnePort() {
            assertThat(sources.environment("MANAGEMENT_PORT", "8080").problem())
                    .contains("management.port", "must not be the same as http.port");
            sources.environment("MANAGEMENT_PORT", "0").environment("PORT", "0").read();
        }
    }

    @Test
    void perCoreIsOneForEachProcessor() {
        int processors = Runtime.getRuntime().availableProcessors();
        Config config = sources.environment("SHORTWAVE_VERTICLES_URL_STORAGE_INSTANCES", "3")
                .read();
        assertThat(config.verticles().http()).isEqualTo(processors);
        assertThat(config.verticles().urlStorage()).isEqualTo(3);
        assertThat(config.verticles().eventRecorder()).isEqualTo(1);
        assertThat(config.eventLoops().count()).isEqualTo(processors);
    }

    @Test
    void thereIsOneRecorderAndOneWarmer() {
        assertThat(sources.environment("SHORTWAVE_VERTICLES_EVENT_RECORDER_INSTANCES", "2")
                        .problem())
                .endsWith("must be 1: one recorder books the clicks of all instances");
        assertThat(new ConfigSources(folder)
                        .environment("SHORTWAVE_VERTICLES_CACHE_WARMER_INSTANCES", "per-core")
                        .problem())
                .endsWith("must be 1: a second instance would read the same links");
    }

    @Test
    void theJournalHasRoomForSoManyWriters() {
        assertThat(sources.read().clicks().maxWriters()).isEqualTo(32);
        assertThat(new ConfigSources(folder)
                        .environment("SHORTWAVE_VERTICLES_HTTP_INSTANCES", "40")
                        .read()
                        .clicks()
                        .maxWriters())
                .isGreaterThanOrEqualTo(40);
    }

    @Test
    void aListInTheFileIsAList() {
        assertThat(sources.file("http:\n  server-names: [sho.rt, \"s.example:8443\"]\n")
                        .read()
                        .http()
                        .serverNames())
                .isEqualTo(List.of("sho.rt", "s.example:8443"));
        assertThat(new ConfigSources(folder)
                        .environment("SHORTWAVE_HTTP_SERVER_NAMES", " sho.rt , s.example:8443,, ")
                        .read()
                        .http()
                        .serverNames())
                .isEqualTo(List.of("sho.rt", "s.example:8443"));
    }

    @Test
    void relativePathsStartAtTheHome() {
        Config.Embedded embedded = sources.environment("SHORTWAVE_EMBEDDED_SEED_DIRECTORY", "other/seeds")
                .environment(
                        "SHORTWAVE_EMBEDDED_DIRECTORY",
                        folder.resolve("elsewhere").toString())
                .read()
                .embedded();
        assertThat(embedded.seedDirectory()).isEqualTo(folder.resolve("other/seeds"));
        assertThat(embedded.directory()).isEqualTo(folder.resolve("elsewhere"));
        assertThat(new ConfigSources(folder)
                        .environment("SHORTWAVE_EMBEDDED_SEED_DIRECTORY", "none")
                        .read()
                        .embedded()
                        .seedDirectory())
                .isNull();
    }

    @Test
    void timesAndSizesReachTheirRecords() {
        Config config = sources.file(
                        "http:\n  max-body-size: 2MiB\n  idle-timeout: 2m\nredis:\n  command-timeout: 7ms\n")
                .read();
        assertThat(config.http().maxBodySize()).isEqualTo(2 * 1024 * 1024);
        assertThat(config.http().idleTimeout()).isEqualTo(Duration.ofMinutes(2));
        assertThat(config.redis().commandTimeout()).isEqualTo(Duration.ofMillis(7));
    }
}
