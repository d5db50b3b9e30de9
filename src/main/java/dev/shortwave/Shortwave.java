package dev.shortwave;

import dev.shortwave.config.Config;
import dev.shortwave.config.ConfigException;
import dev.shortwave.error.StartupException;
import dev.shortwave.logging.Logging;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts the service, and stops it on a signal. Exit codes: 0 after a stop, 1 if it can't start, 2 for a wrong call. */
public final class Shortwave {

    private static final Logger LOG = LoggerFactory.getLogger(Shortwave.class);

    private Shortwave() {}

    public static void main(String[] arguments) {
        CommandLine command = CommandLine.parse(arguments);
        if (command.message() != null) {
            (command.exitCode() == 0 ? System.out : System.err).println(command.message());
            System.exit(command.exitCode());
        }
        try {
            Config config = ServiceLauncher.readConfig(command.configFile(), command.home());
            if (command.checksConfig()) {
                config.values().forEach(System.out::println);
                return;
            }
            Logging.configure(config.log());
            run(config);
        } catch (ConfigException e) {
            StringBuilder lines =
                    new StringBuilder("The configuration has " + e.problems().size() + " problem(s):");
            e.problems().forEach(problem -> lines.append("\n  ").append(problem));
            fail(lines.toString());
        } catch (StartupException e) {
            LOG.debug("The start failed", e);
            fail(String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            LOG.error("Unexpected error during start", e);
            fail("Unexpected error: " + e.getMessage() + ". The log has the details; please report them.");
        }
    }

    private static void run(Config config) {
        ServiceLauncher service = ServiceLauncher.start(config);
        Thread stopper = new Thread(() -> stop(service), "shutdown");
        Runtime.getRuntime().addShutdownHook(stopper);
        try {
            service.awaitReady();
        } catch (RuntimeException e) {
            if (isStopping(stopper)) {
                return;
            }
            throw e;
        }
        LOG.info("Shortwave is ready at http://{}:{}", config.http().host(), service.port());
    }

    /** A failed start has stopped everything already, so its hook is not needed; unless a signal came first. */
    private static boolean isStopping(Thread stopper) {
        try {
            Runtime.getRuntime().removeShutdownHook(stopper);
            return false;
        } catch (IllegalStateException e) {
            LOG.debug("A signal came first; its hook ends the process", e);
            return true;
        }
    }

    /** The JVM ends when this returns, so it blocks until all is drained. A clean stop is exit code 0, not 143. */
    private static void stop(ServiceLauncher service) {
        LOG.info("Stopping: draining connections, booking clicks");
        try {
            service.stop();
            LOG.info("Stopped");
        } catch (RuntimeException e) {
            LOG.error("Shutdown incomplete: {}", String.valueOf(e.getMessage()));
        } finally {
            Logging.stop();
            Runtime.getRuntime().halt(0);
        }
    }

    private static void fail(String why) {
        System.err.println("Shortwave can't start. " + why);
        System.exit(1);
    }
}
