package dev.shortwave.postgres.migration;

import dev.shortwave.config.Config;
import dev.shortwave.error.StartupException;
import dev.shortwave.error.Untrusted;
import dev.shortwave.postgres.Remedies;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.SslMode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGProperty;
import org.postgresql.ds.PGSimpleDataSource;
import org.postgresql.ssl.DefaultJavaSSLFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the schema up to date at start, under Flyway's lock, so that several JVMs may start at once. Blocking, on a
 * worker thread. Every migration only adds (expand), so that the previous release serves on beside this one.
 */
public final class Migrations {

    private static final Logger LOG = LoggerFactory.getLogger(Migrations.class);

    private static final long RETRY_DELAY_MILLISECONDS = 250;

    private final Config.Database config;
    private final PgConnectOptions server;
    private volatile boolean cancelled;

    public Migrations(Config.Database config) {
        this.config = config;
        this.server = Objects.requireNonNull(config.server(), "no server yet");
    }

    /**
     * Waits for the server and migrates. Fails with {@link StartupException}, whose message names the remedy.
     *
     * @return the unique id of this database
     */
    public Future<String> run(Vertx vertx) {
        // A worker pool of its own, without a warning about slow tasks: large tables take hours.
        WorkerExecutor worker = vertx.createSharedWorkerExecutor("migrations", 1, 1, TimeUnit.DAYS);
        return worker.executeBlocking(() -> {
                    awaitServer();
                    migrate();
                    return installation();
                })
                .eventually(worker::close);
    }

    /** Ends the wait for the server; a running migration completes. For any thread. */
    public void cancel() {
        cancelled = true;
    }

    private String installation() {
        try (Connection connection = dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT id FROM installation")) {
            row.next();
            return row.getString(1);
        } catch (SQLException e) {
            throw new StartupException(
                    "PostgreSQL at " + address() + " does not say which database it is: " + explained(e), e);
        }
    }

    /** Waits the configured time for a server that is starting; a refusal is final at once. */
    private void awaitServer() throws InterruptedException {
        long deadline = System.nanoTime() + config.startTimeout().toNanos();
        boolean logged = false;
        while (true) {
            try (Connection connection = dataSource().getConnection()) {
                LOG.debug("PostgreSQL answers: {}", connection.getMetaData().getDatabaseProductVersion());
                return;
            } catch (SQLException e) {
                String state = String.valueOf(e.getSQLState());
                failIfPermanent(e, state);
                if (cancelled) {
                    throw new StartupException("The start was cancelled.", e);
                }
                if (System.nanoTime() >= deadline) {
                    throw new StartupException(
                            "PostgreSQL at " + address() + " does not answer (" + firstLine(e)
                                    + "). Start it, or correct DATABASE_URL; database.start-timeout sets how long to wait.",
                            e);
                }
                if (!logged) {
                    logged = true;
                    LOG.info(
                            "Waiting up to {} s for PostgreSQL at {}",
                            config.startTimeout().toSeconds(),
                            address());
                }
                Thread.sleep(RETRY_DELAY_MILLISECONDS);
            }
        }
    }

    private void failIfPermanent(SQLException e, String state) {
        if (Untrusted.isCauseOf(e)) {
            throw new StartupException(
                    "The connection to PostgreSQL at " + address() + " is not secure with sslmode=" + sslMode() + " ("
                            + Untrusted.reason(e)
                            + "). Correct the host in DATABASE_URL, its certificate, sslrootcert or"
                            + " sslcert.",
                    e);
        }
        if (Remedies.isUnknownParameter(firstLine(e))) {
            throw new StartupException("PostgreSQL at " + address() + " refuses the connection: " + explained(e), e);
        }
        if (state.startsWith("28")) {
            throw new StartupException(
                    "PostgreSQL at " + address() + " refuses the log-in of user " + server.getUser() + " ("
                            + firstLine(e)
                            + "). Correct the user and password in DATABASE_URL or DATABASE_USER and DATABASE_PASSWORD"
                            + (firstLine(e).contains("no encryption") ? ", or ask for TLS with sslmode." : "."),
                    e);
        }
        if (state.equals("3D000")) {
            throw new StartupException(
                    "PostgreSQL at " + address() + " has no database \"" + server.getDatabase()
                            + "\". Create it (createdb " + server.getDatabase()
                            + "), or correct the name in DATABASE_URL or DATABASE_NAME.",
                    e);
        }
    }

    private void migrate() {
        Flyway flyway = Flyway.configure()
                .dataSource(dataSource())
                .locations("classpath:db/migration")
                .validateMigrationNaming(true)
                // Two releases serve at once during an upgrade: a newer schema is checked below, not by
                // Flyway.
                .ignoreMigrationPatterns("*:future")
                .load();
        try {
            failIfSchemaMissing();
            MigrationInfoService info = flyway.info();
            failIfNewerSchema(info);
            if (info.pending().length == 0) {
                flyway.validate();
                return;
            }
            if (!config.migrateAtStart()) {
                throw new StartupException("The schema of the database is " + versionOf(info.current())
                        + ", older than this release needs, and database.migrate-at-start is false. Set it to true once, or run"
                        + " the files of db/migration from the jar by hand.");
            }
            LOG.info("Migrating the schema from {}", versionOf(info.current()));
            flyway.migrate();
        } catch (FlywayException | SQLException e) {
            SQLException refusal = refusal(e);
            throw new StartupException(
                    "The schema of the database could not be brought up to date: "
                            + (refusal == null
                                    ? firstLine(e) + " Use a database of Shortwave's own, or correct this by hand;"
                                    : explained(refusal))
                            + (refusal == null ? " nothing" : " Nothing") + " half done was kept.",
                    e);
        }
    }

    /** Without a schema Flyway fails with a message about its own settings. */
    private void failIfSchemaMissing() throws SQLException {
        try (Connection connection = dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT current_schema(), current_setting('search_path')")) {
            row.next();
            if (row.getString(1) == null) {
                throw new StartupException("The search_path of user " + server.getUser() + " (" + row.getString(2)
                        + ") leads to no schema that exists and that it may use. Create it (CREATE SCHEMA … AUTHORIZATION "
                        + server.getUser() + "), or correct options in DATABASE_URL.");
            }
        }
    }

    /** The failure of PostgreSQL among the causes of Flyway's, or null if there is none. */
    private static @Nullable SQLException refusal(@Nullable Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException refusal) {
                return refusal;
            }
        }
        return null;
    }

    private static String explained(SQLException e) {
        String sentence = firstLine(e);
        String remedy = Remedies.of(e.getSQLState(), sentence);
        return sentence + "." + (remedy == null ? "" : " " + remedy);
    }

    private void failIfNewerSchema(MigrationInfoService info) {
        for (MigrationInfo migration : info.all()) {
            if (migration.getState().isResolved() || !migration.getState().isApplied()) {
                continue;
            }
            if (config.allowNewerSchema()) {
                LOG.warn("Serving on a schema of a later release ({})", migration.getVersion());
                return;
            }
            throw new StartupException("The schema of the database is version " + migration.getVersion()
                    + ", from a later release than this one. Run that release, or set database.allow-newer-schema to"
                    + " true if its notes allow it.");
        }
    }

    private static String versionOf(MigrationInfo current) {
        return current == null ? "empty" : "version " + current.getVersion();
    }

    private String address() {
        return server.getHost() + ":" + server.getPort();
    }

    private DataSource dataSource() {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setServerNames(new String[] {server.getHost()});
        source.setPortNumbers(new int[] {server.getPort()});
        source.setDatabaseName(server.getDatabase());
        source.setUser(server.getUser());
        source.setPassword(Objects.requireNonNullElse(server.getPassword(), ""));
        secure(source);
        // Requests and migrations see the same schema first.
        source.setOptions(server.getProperties().get("options"));
        source.setCurrentSchema(server.getProperties().get("search_path"));
        if (config.transactionPooling()) {
            source.setPrepareThreshold(0);
        }
        source.setApplicationName("shortwave-migrate");
        int seconds = Math.max(1, (int) config.connectTimeout().toSeconds());
        source.setConnectTimeout(seconds);
        // A peer that accepts connections and never responds counts as unavailable. A log-in takes a few round trips.
        source.setLoginTimeout(2 * seconds);
        return source;
    }

    /** The same authority and key as for the connections of requests. */
    private void secure(PGSimpleDataSource source) {
        source.setSslmode(sslMode());
        ClientSSLOptions ssl = server.getSslOptions();
        if (ssl == null) {
            return;
        }
        if (ssl.getTrustOptions() instanceof PemTrustOptions authority) {
            source.setSslRootCert(authority.getCertPaths().get(0));
        } else if (ssl.getTrustOptions() != null) {
            source.setSslfactory(DefaultJavaSSLFactory.class.getName());
        }
        if (ssl.getKeyCertOptions() instanceof PemKeyCertOptions pair) {
            source.setSslCert(pair.getCertPath());
            source.setSslKey(pair.getKeyPath());
            source.setProperty(PGProperty.PEM_KEY_ALGORITHM, keyAlgorithm(pair.getCertPath()));
        }
    }

    /** The driver does not derive it from the key. */
    private static String keyAlgorithm(String certificate) {
        try (InputStream in = Files.newInputStream(Path.of(certificate))) {
            return CertificateFactory.getInstance("X.509")
                    .generateCertificate(in)
                    .getPublicKey()
                    .getAlgorithm();
        } catch (IOException | CertificateException e) {
            throw new StartupException(
                    "The certificate " + certificate + " can't be read (" + e.getMessage() + ").", e);
        }
    }

    private String sslMode() {
        SslMode mode = server.getSslMode();
        return mode == null ? SslMode.DISABLE.value : mode.value;
    }

    private static String firstLine(Exception e) {
        return String.valueOf(e.getMessage())
                .lines()
                .filter(line -> !line.isBlank())
                .findFirst()
                .orElse("");
    }
}
