package dev.shortwave;

import dev.shortwave.config.Config;
import dev.shortwave.error.StartupException;
import io.vertx.core.transport.Transport;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Selects the Netty transport: the configured one, if this machine supports it. */
final class TransportSelector {

    private TransportSelector() {}

    /** The transport and its name for the log. */
    record Chosen(Transport transport, String name) {}

    /**
     * {@code auto} is epoll where there is one: io_uring costs less, but Vert.x 5.0 does not test it.
     *
     * @throws StartupException if the configured transport is not available on this machine
     */
    static Chosen choose(Config.Transport configured) {
        return switch (configured) {
            case NIO -> new Chosen(Transport.NIO, "nio");
            case EPOLL -> named(configured, Transport.EPOLL);
            case IO_URING -> named(configured, Transport.IO_URING);
            case AUTO ->
                isAvailable(Transport.EPOLL) ? new Chosen(Transport.EPOLL, "epoll") : new Chosen(Transport.NIO, "nio");
        };
    }

    private static Chosen named(Config.Transport configured, @Nullable Transport transport) {
        String name = configured.name().toLowerCase(Locale.ROOT);
        if (transport == null || !isAvailable(transport)) {
            throw new StartupException("The transport " + name + " is not available on this machine"
                    + (transport == null ? "" : " (" + reason(transport) + ")")
                    + ". Set runtime.transport to auto, or allow it: containers often forbid io_uring.");
        }
        return new Chosen(transport, name);
    }

    private static boolean isAvailable(@Nullable Transport transport) {
        return transport != null && transport.available();
    }

    private static String reason(Transport transport) {
        Throwable cause = transport.unavailabilityCause();
        return cause == null ? "no reason given" : String.valueOf(cause.getMessage());
    }
}
