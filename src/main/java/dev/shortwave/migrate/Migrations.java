package dev.shortwave.migrate;

import dev.shortwave.config.Config;
import dev.shortwave.problem.StartFailure;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.SslMode;
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
import org.postgresql.ds.PGSimpleDataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the schema up to date at start, under Flyway's lock, so that several JVMs may start at once. Blocking, on a
 * worker thread. Every migration only adds (expand), so that the previous release serves on beside this one.
 */
public final class Migrations {

    private static final Logger LOG = LoggerFactory.getLogger(Migrations.class);

    private static final long PAUSE_MILLISECONDS = 250;

    private final Config.Database config;
    private final PgConnectOptions server;
    private volatile boolean calledOff;

    public Migrations(Config.Database config) {
        this.config = config;
        this.server = Objects.requireNonNull(config.server(), "no server yet");
    }

    /**
     * Waits for the server and migrates. Fails with {@link StartFailure}, whose message names the remedy.
     *
     * @return the name of this database, unlike that of any other
     */
    public Future<String> run(Vertx vertx) {
        // Of its own, and without a warning about a thread that takes its time: large tables take hours.
        WorkerExecutor worker = vertx.createSharedWorkerExecutor("migrations", 1, 1, TimeUnit.DAYS);
        return worker.executeBlocking(() -> {
                    awaitServer();
                    migrate();
                    return installation();
                })
                .eventually(worker::close);
    }

    /** Ends the wait for the server; what runs by then is finished. For any thread. */
    public void callOff() {
        calledOff = true;
    }

    private String installation() throws SQLException {
        try (Connection connection = dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT id FROM installation")) {
            row.next();
            return row.getString(1);
        }
    }

    /** A server that starts at the same time gets the configured time; a refusal is final at once. */
    private void awaitServer() throws InterruptedException {
        long deadline = System.nanoTime() + config.startTimeout().toNanos();
        boolean said = false;
        while (true) {
            try (Connection connection = dataSource().getConnection()) {
                LOG.debug("PostgreSQL answers: {}", connection.getMetaData().getDatabaseProductVersion());
                return;
            } catch (SQLException e) {
                String state = String.valueOf(e.getSQLState());
                refuseWhatWaitingDoesNotMend(e, state);
                if (calledOff) {
                    throw new StartFailure("The start was called off.", e);
                }
                if (System.nanoTime() >= deadline) {
                    throw new StartFailure(
                            "PostgreSQL at " + place() + " does not answer (" + firstLine(e)
                                    + "). Start it, or correct DATABASE_URL; database.start-timeout sets how long to wait.",
                            e);
                }
                if (!said) {
                    said = true;
                    LOG.info(
                            "Waiting up to {} s for PostgreSQL at {}",
                            config.startTimeout().toSeconds(),
                            place());
                }
                Thread.sleep(PAUSE_MILLISECONDS);
            }
        }
    }

    private void refuseWhatWaitingDoesNotMend(SQLException e, String state) {
        if (state.startsWith("28")) {
            throw new StartFailure(
                    "PostgreSQL at " + place() + " refuses the log-in of user " + server.getUser() + " (" + firstLine(e)
                            + "). Correct the user and password in DATABASE_URL or DATABASE_USER and DATABASE_PASSWORD.",
                    e);
        }
        if (state.equals("3D000")) {
            throw new StartFailure(
                    "PostgreSQL at " + place() + " has no database \"" + server.getDatabase()
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
                // Two releases serve at once during an upgrade: a schema from the future is judged below, not by
                // Flyway.
                .ignoreMigrationPatterns("*:future")
                .load();
        try {
            MigrationInfoService info = flyway.info();
            refuseNewerSchema(info);
            if (info.pending().length == 0) {
                flyway.validate();
                return;
            }
            if (!config.migrate()) {
                throw new StartFailure("The schema of the database is " + versionOf(info.current())
                        + ", older than this release needs, and database.migrate is false. Set it to true once, or run"
                        + " the files of db/migration from the jar by hand.");
            }
            LOG.info("Bringing the schema from {} up to date", versionOf(info.current()));
            flyway.migrate();
        } catch (FlywayException e) {
            throw new StartFailure(
                    "The schema of the database could not be brought up to date: " + firstLine(e)
                            + " Use a database of Shortwave's own, or mend this by hand; nothing half done was kept.",
                    e);
        }
    }

    private void refuseNewerSchema(MigrationInfoService info) {
        for (MigrationInfo migration : info.all()) {
            if (migration.getState().isResolved() || !migration.getState().isApplied()) {
                continue;
            }
            if (config.allowNewerSchema()) {
                LOG.warn("Serving on a schema of a later release ({})", migration.getVersion());
                return;
            }
            throw new StartFailure("The schema of the database is version " + migration.getVersion()
                    + ", from a later release than this one. Run that release, or set database.allow-newer-schema to"
                    + " true if its notes allow it.");
        }
    }

    private static String versionOf(MigrationInfo current) {
        return current == null ? "empty" : "version " + current.getVersion();
    }

    private String place() {
        return server.getHost() + ":" + server.getPort();
    }

    private DataSource dataSource() {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setServerNames(new String[] {server.getHost()});
        source.setPortNumbers(new int[] {server.getPort()});
        source.setDatabaseName(server.getDatabase());
        source.setUser(server.getUser());
        source.setPassword(Objects.requireNonNullElse(server.getPassword(), ""));
        source.setSslmode(sslMode());
        source.setApplicationName("shortwave-migrate");
        int seconds = Math.max(1, (int) config.connectTimeout().toSeconds());
        source.setConnectTimeout(seconds);
        // Something that takes connections and says nothing is no server either. Logging in takes a few round trips.
        source.setLoginTimeout(2 * seconds);
        return source;
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
