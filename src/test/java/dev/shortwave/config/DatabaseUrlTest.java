package dev.shortwave.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.net.PemTrustOptions;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.SslMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a URL of PostgreSQL or Redis asks for is done, or refused by its name. */
class DatabaseUrlTest {

    private static final String PLAIN = "postgresql://ann:s3cret@db.example/links";

    private static final String CERTIFICATE = """
            -----BEGIN CERTIFICATE-----
            MIIBfzCCASWgAwIBAgIUHWTMwlYaU8HVdhSnTD0rV2FErZEwCgYIKoZIzj0EAwIw
            FDESMBAGA1UEAwwJYXV0aG9yaXR5MCAXDTI2MTEyODAwMDU1MFoYDzIxMjYxMTA0
            MDAwNTUwWjAUMRIwEAYDVQQDDAlhdXRob3JpdHkwWTATBgcqhkjOPQIBBggqhkjO
            PQMBBwNCAATbheVg0qimEvxhlGSliX2unl5uqFIesjeGmrYhyrDFqMr1i2nTuICb
            KqW+a3NZ3UHN4LjSihfU6ZqTv/TlZagio1MwUTAdBgNVHQ4EFgQUJ5/XYkKGoDQs
            AGF/ZxYZrIVWBWkwHwYDVR0jBBgwFoAUJ5/XYkKGoDQsAGF/ZxYZrIVWBWkwDwYD
            VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiBY8VTlsIemekuGTHG0F2Et
            vuyM/CJNtgPAH05HoC5zLgIhANBcTClcGUkES7Ga6FSRP30Kv5y7oe3/7VbD4aSr
            YWzH
            -----END CERTIFICATE-----
            """;

    @TempDir
    private Path folder;

    private ConfigSources sources;

    @BeforeEach
    void makeSources() {
        sources = new ConfigSources(folder);
    }

    @ParameterizedTest
    @CsvSource({
        "postgresql://h/n, disable",
        "postgresql://h/n?ssl=true, require",
        "postgresql://h/n?ssl=1, require",
        "postgresql://h/n?ssl, require",
        "postgresql://h/n?ssl=false, disable",
        "jdbc:postgresql://h/n?ssl=true, verify-full",
        "jdbc:postgresql://h/n?ssl, verify-full",
        "postgresql://h/n?requiressl=1, require",
        "postgresql://h/n?ssl=true&sslmode=verify-ca, verify-ca",
        "postgresql://h/n?sslmode=allow, allow",
        "postgresql://h/n?sslmode=prefer, prefer",
        "postgresql://h/n?SSLMODE=require, require",
        "postgresql://h/n?sslmode=verify-full, verify-full",
        "postgresql://h/n?sslrootcert=system, verify-full",
        "postgresql://h/n?sslmode=require&gssencmode=prefer&channel_binding=prefer&sslnegotiation=postgres, require"
    })
    void modesOfTls(String url, String mode) {
        assertThat(server(url).getSslMode()).isEqualTo(SslMode.of(mode));
    }

    @ParameterizedTest
    @CsvSource({
        "sslmode=sometimes, sslmode must be disable",
        "ssl=no-verify, parameter ssl must be true or false",
        "ssl=true&sslmode=disable, ssl and sslmode contradict",
        "channel_binding=require, parameter channel_binding",
        "channelBinding=require, parameter channelBinding",
        "channel_binding=disable, parameter channel_binding",
        "gssencmode=require, parameter gssencmode",
        "sslnegotiation=direct, parameter sslnegotiation",
        "require_auth=scram-sha-256, parameter require_auth",
        "sslcrl=/x, parameter sslcrl",
        "sslpassword=s3cret, parameter sslpassword",
        "sslcertmode=require, parameter sslcertmode",
        "ssl_min_protocol_version=TLSv1.3, parameter ssl_min_protocol_version",
        "sslsni=0, parameter sslsni",
        "sslfactory=org.example.Any, parameter sslfactory",
        "sslcert=a.pem, sslcert and sslkey need an sslmode with TLS",
        "sslmode=verify-full&sslrootcert=missing.pem, missing.pem can't be read",
        "sslmode=prefer&sslrootcert=system, sslrootcert=system needs sslmode=verify-full",
        "sslrootcert=missing.pem, sslrootcert needs sslmode=verify-full",
        "sslmode=require&sslcert=a.pem, belong together",
        "target_session_attrs=read-write, parameter target_session_attrs",
        "connect_timeout=10, database.connect-timeout sets it",
        "pgbouncer=true, database.transaction-pooling sets it",
        "sslmod=require, parameter sslmod",
        "%73%33cret%20=1, a parameter with an odd name"
    })
    void unsupportedParametersAreNamed(String parameters, String refusal) {
        assertThat(sources.environment("DATABASE_URL", PLAIN + "?" + parameters).problems())
                .anySatisfy(problem -> assertThat(problem.toString())
                        .startsWith("database.url = \"postgresql://ann:<hidden>@db.example/links?")
                        .contains(refusal))
                .noneSatisfy(problem -> assertThat(problem.toString()).contains("s3cret"));
    }

    @ParameterizedTest
    @CsvSource({"PGCHANNELBINDING, require", "PGSSLNEGOTIATION, direct", "PGGSSENCMODE, require", "PGSSLCRL, /x"})
    void unsupportedVariablesAreNamed(String variable, String value) {
        sources.environment("DATABASE_URL", PLAIN).environment(variable, value);
        assertThat(sources.problem()).startsWith(variable + " (environment): ");
    }

    @Test
    void theEnvironmentCompletesTheUrl() throws IOException {
        Path root = Files.writeString(folder.resolve("root.pem"), CERTIFICATE);
        sources.environment("PGSSLMODE", "verify-full").environment("PGSSLROOTCERT", root.toString());
        PgConnectOptions server = server(PLAIN);
        assertThat(server.getSslMode()).isEqualTo(SslMode.VERIFY_FULL);
        assertThat(server.getSslOptions().getHostnameVerificationAlgorithm()).isEqualTo("HTTPS");
        assertThat(((PemTrustOptions) server.getSslOptions().getTrustOptions()).getCertPaths())
                .containsExactly(root.toString());
        assertThat(server(PLAIN + "?sslmode=verify-ca").getSslMode()).isEqualTo(SslMode.VERIFY_CA);
    }

    @Test
    void singleSettingsHaveThemToo() {
        sources.environment("DATABASE_HOST", "db.example").environment("PGREQUIRESSL", "1");
        assertThat(Objects.requireNonNull(sources.read().database().server()).getSslMode())
                .isEqualTo(SslMode.REQUIRE);
        sources.environment("SHORTWAVE_DATABASE_SSL_MODE", "verify-full");
        assertThat(Objects.requireNonNull(sources.read().database().server()).getSslMode())
                .isEqualTo(SslMode.VERIFY_FULL);
    }

    @Test
    void theEmbeddedServerIsNotConcerned() {
        sources.environment("PGSSLMODE", "verify-full").environment("PGCHANNELBINDING", "require");
        assertThat(sources.read().database().server()).isNull();
    }

    /** As libpq: an authority that is named is asked. */
    @Test
    void requireWithAnAuthorityVerifies() throws IOException {
        Path root = Files.writeString(folder.resolve("root.pem"), CERTIFICATE);
        assertThat(server(PLAIN + "?sslmode=require&sslrootcert=" + root).getSslMode())
                .isEqualTo(SslMode.VERIFY_CA);
    }

    @Test
    void partsOfTheUrl() {
        PgConnectOptions server =
                server("postgres://a%40b:p+w%2F!$=x@[::1]:6543/my%20links?options=-c%20search_path%3Dsw");
        assertThat(server.getUser()).isEqualTo("a@b");
        assertThat(server.getPassword()).isEqualTo("p+w/!$=x");
        assertThat(server.getHost()).isEqualTo("::1");
        assertThat(server.getPort()).isEqualTo(6543);
        assertThat(server.getDatabase()).isEqualTo("my links");
        assertThat(server.getProperties()).containsEntry("options", "-c search_path=sw");
        server = server("jdbc:postgresql:///?host=my_db&port=1234&user=ann&password=x%26y&dbname=l&currentSchema=sw");
        assertThat(server.getHost()).isEqualTo("my_db");
        assertThat(server.getPort()).isEqualTo(1234);
        assertThat(server.getPassword()).isEqualTo("x&y");
        assertThat(server.getDatabase()).isEqualTo("l");
        assertThat(server.getProperties()).containsEntry("search_path", "sw");
    }

    /** The client's own would be "user", "pass" and "db". */
    @Test
    void partsThatAreLeftOut() {
        PgConnectOptions server = server("postgresql://");
        assertThat(server.getHost()).isEqualTo("localhost");
        assertThat(server.getUser()).isEqualTo("postgres");
        assertThat(server.getPassword()).isEmpty();
        assertThat(server.getDatabase()).isEqualTo("shortwave");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "postgresql://a:s3cret@one,two/links",
                "postgresql://a:s3cret@%2Fvar%2Frun/links",
                "postgresql://a:s3cret@/links?host=/var/run",
                "postgresql://a:s3cret@host:0/links",
                "postgresql://a:s3cret@host:65536/links",
                "postgresql://a:%zz@host/links",
                "postgresql://a:%00@host/links",
                "postgresql://a:s3cret@host/links/more"
            })
    void invalidHosts(String url) {
        assertThat(sources.environment("DATABASE_URL", url).problem())
                .startsWith("database.url = \"postgresql://")
                .doesNotContain("s3cret");
    }

    @ParameterizedTest
    @CsvSource({
        "redis://cache?ssl=true, parameter ssl has no effect",
        "rediss://cache?ssl_cert_reqs=none, parameter ssl_cert_reqs has no effect",
        "rediss://cache?verify_peer, parameter verify_peer has no effect",
        "redis://cache/links, the path must be the number of a database"
    })
    void unsupportedParametersOfRedis(String url, String refusal) {
        assertThat(sources.environment("REDIS_URL", url).problem())
                .startsWith("redis.url = ")
                .contains(refusal);
    }

    @Test
    void unusableFilesOfRedis() {
        sources.environment("REDIS_URL", "rediss://cache").property("shortwave.redis.tls-ca-cert-file", "missing.pem");
        assertThat(sources.problem()).startsWith("redis.tls-ca-cert-file = ").contains("can't be read");
        sources.environment("REDIS_URL", "redis://cache");
        assertThat(sources.problem()).startsWith("redis.url = ").contains("must begin with rediss://");
    }

    @Test
    void theHostNameOfRedisIsVerified() {
        Config.Redis redis =
                sources.environment("REDIS_URL", "rediss://cache").read().redis();
        assertThat(Objects.requireNonNull(redis.tls()).getHostnameVerificationAlgorithm())
                .isEqualTo("HTTPS");
    }

    private PgConnectOptions server(String url) {
        return Objects.requireNonNull(
                sources.environment("DATABASE_URL", url).read().database().server());
    }
}
