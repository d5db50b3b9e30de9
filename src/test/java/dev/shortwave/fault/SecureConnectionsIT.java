package dev.shortwave.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.shortwave.error.StartupException;
import dev.shortwave.fixture.Certificates;
import dev.shortwave.fixture.RedisProcess;
import dev.shortwave.fixture.ReplicatedPostgres;
import dev.shortwave.fixture.SentinelServers;
import dev.shortwave.fixture.Servers;
import dev.shortwave.fixture.Service;
import dev.shortwave.fixture.ServiceBuilder;
import dev.shortwave.fixture.ServiceTest;
import dev.shortwave.fixture.TestDatabase;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS to a PostgreSQL, its replica and a Redis whose certificates are for {@code localhost}, each of an own authority. */
@ServiceTest
class SecureConnectionsIT {

    @TempDir
    static Path folder;

    private static Certificates certificates;
    private static ReplicatedPostgres postgres;
    private static RedisProcess redis;

    private final Servers servers;

    SecureConnectionsIT(Servers servers) {
        this.servers = servers;
    }

    @BeforeAll
    static void start() {
        assumeTrue(SentinelServers.areAvailable(), "there is no redis-server with TLS");
        certificates = Certificates.in(folder.resolve("certificates"));
        postgres = ReplicatedPostgres.start(folder, certificates);
        redis = RedisProcess.startSecure(folder, certificates, "requirepass s3cret");
    }

    @AfterAll
    static void stop() {
        if (redis != null) {
            redis.close();
            postgres.close();
        }
    }

    /** Migrations, requests, recorder, warm-up, replica, announcements. */
    @Test
    void allConnectionsAreSecureAndWork() {
        try (Service service = builder()
                .urlParameters("sslmode=verify-full&sslrootcert=" + certificates.authority())
                .set("database.replica-url", postgres.replica().at("localhost").url())
                .set("database.ssl-mode", "verify-full")
                .set("database.ssl-root-cert", certificates.authority())
                .withRedis("rediss://:s3cret@localhost:" + redis.port())
                .set("redis.tls-ca-cert-file", certificates.authority())
                .start()) {
            JsonObject link = service.newLink();
            Service other = service.sibling();
            other.get("/" + link.getString("short_code")).expect(302);
            service.delete("/urls/" + link.getLong("id")).expect(204);
            other.get("/" + link.getString("short_code")).problem(404);
            assertThat(service.eventsOf(link, "click")).hasSize(1);
            assertThat(other.management().get("/health").expect(200).json().getString("status"))
                    .isEqualTo("ok");
            assertThat(insecure(postgres.primary())).isZero();
            await().untilAsserted(() -> {
                service.get("/urls").expect(200);
                assertThat(postgres.replica()
                                .number("SELECT count(*) FROM pg_stat_activity JOIN pg_stat_ssl USING (pid)"
                                        + " WHERE application_name = 'shortwave-lists' AND ssl"))
                        .isPositive();
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sslmode=require", "ssl=true", "requiressl=1", "sslmode=prefer"})
    void encryptsWithoutAskingWhoTheServerIs(String parameters) {
        try (Service service =
                builder().on(postgres.primary()).urlParameters(parameters).start()) {
            service.newLink();
            assertThat(insecure(postgres.primary())).isZero();
        }
    }

    @Test
    void aClientCertificateIsShown() {
        try (Service service = builder()
                .urlParameters("sslmode=verify-ca&sslrootcert=" + certificates.authority() + "&sslcert="
                        + certificates.client() + "&sslkey=" + certificates.clientKey())
                .start()) {
            service.newLink();
            assertThat(postgres.primary()
                            .number("SELECT count(*) FROM pg_stat_activity JOIN pg_stat_ssl USING (pid)"
                                    + " WHERE application_name LIKE 'shortwave-%' AND client_dn IS NULL"))
                    .isZero();
        }
    }

    @Test
    void aWrongAuthorityOfPostgresIsRefusedAtTheStart() {
        refused(() -> builder()
                        .urlParameters("sslmode=verify-full&sslrootcert=" + certificates.stranger())
                        .start())
                .hasMessageContaining("is not secure with sslmode=verify-full");
    }

    @Test
    void theTrustStoreOfTheJvmDoesNotKnowIt() {
        refused(() -> builder().urlParameters("sslmode=verify-ca").start())
                .hasMessageContaining("is not secure with sslmode=verify-ca");
    }

    @Test
    void anotherNameOfPostgresIsRefusedAtTheStart() {
        refused(() -> builder()
                        .on(postgres.primary())
                        .urlParameters("sslmode=verify-full&sslrootcert=" + certificates.authority())
                        .start())
                .hasMessageContaining("127.0.0.1")
                .hasMessageContaining("is not secure with sslmode=verify-full");
    }

    @Test
    void aReplicaThatIsNotTrustedIsRefusedAtTheStart() {
        refused(() -> builder()
                        .set(
                                "database.replica-url",
                                postgres.replica().at("localhost").url() + "?sslmode=verify-full&sslrootcert="
                                        + certificates.stranger())
                        .start())
                .hasMessageContaining("lists from the replica");
    }

    @Test
    void aPostgresWithoutTlsIsRefusedAtTheStart() {
        refused(() -> servers.service().urlParameters("sslmode=require").start())
                .hasMessageContaining("is not secure with sslmode=require");
    }

    @Test
    void aWrongAuthorityOfRedisIsRefusedAtTheStart() {
        refused(() -> builder()
                        .withRedis("rediss://:s3cret@localhost:" + redis.port())
                        .set("redis.tls-ca-cert-file", certificates.stranger())
                        .start())
                .hasMessageContaining("Redis at localhost:" + redis.port() + " is not secure");
    }

    @Test
    void anotherNameOfRedisIsRefusedAtTheStart() {
        refused(() -> builder()
                        .withRedis("rediss://:s3cret@127.0.0.1:" + redis.port())
                        .set("redis.tls-ca-cert-file", certificates.authority())
                        .start())
                .hasMessageContaining("Redis at 127.0.0.1:" + redis.port() + " is not secure");
    }

    @Test
    void aWrongPasswordOfRedisIsRefusedAtTheStart() {
        refused(() -> builder()
                        .withRedis("rediss://:wr0ng@localhost:" + redis.port())
                        .set("redis.tls-ca-cert-file", certificates.authority())
                        .start())
                .hasMessageContaining("refuses the log-in");
    }

    private ServiceBuilder builder() {
        return servers.service().on(postgres.primary().at("localhost"));
    }

    private static long insecure(TestDatabase database) {
        return database.number("SELECT count(*) FROM pg_stat_activity JOIN pg_stat_ssl USING (pid)"
                + " WHERE application_name LIKE 'shortwave-%' AND NOT ssl");
    }

    /** In one line, without a secret. */
    private static org.assertj.core.api.AbstractThrowableAssert<?, ?> refused(Supplier<Service> start) {
        return assertThatThrownBy(start::get)
                .isInstanceOf(StartupException.class)
                .hasMessageMatching("[^\n]*")
                .hasMessageNotContaining("s3cret")
                .hasMessageNotContaining("wr0ng");
    }
}
