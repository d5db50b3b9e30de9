package dev.shortwave.http.server;

import dev.shortwave.config.IpNetworks;
import dev.shortwave.http.connection.AddressLimit;
import dev.shortwave.http.connection.ClientPipeline;
import dev.shortwave.metrics.Metrics;
import dev.shortwave.metrics.Rejection;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.impl.ShutdownEvent;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one instance of the public server, and how it parts from them when it goes and others stay. A server
 * of Vert.x that shuts down closes connections that are idle, even if a request is on its way on them. So they are shielded
 * from that: each one is served on, its next answer says {@code Connection: close}, and one that stays idle ends by the
 * idle time-out as it would have anyway. On the event loop of its verticle, but for {@link #count}.
 */
final class ConnectionDrainer {

    /** How long a client that was told to close may take for it. */
    private static final long CLOSE_DELAY_MILLISECONDS = 2_000;

    private final Vertx vertx;
    private final AcceptGate acceptor;
    private final AddressLimit limit;
    private final IpNetworks trustedProxies;
    private final Metrics metrics;
    private final Set<ShutdownEventFilter> open = new HashSet<>();
    private volatile int count;
    private boolean draining;
    private boolean shielded;

    /**
     * @param limit for each client but these proxies
     */
    ConnectionDrainer(
            Vertx vertx, AcceptGate acceptor, AddressLimit limit, IpNetworks trustedProxies, Metrics metrics) {
        this.vertx = vertx;
        this.acceptor = acceptor;
        this.limit = limit;
        this.trustedProxies = trustedProxies;
        this.metrics = metrics;
    }

    /** Keeps back the word that the server shuts down. */
    private final class ShutdownEventFilter extends ChannelInboundHandlerAdapter {

        private @Nullable ChannelHandlerContext context;
        private @Nullable ShutdownEvent withheld;

        @Override
        public void userEventTriggered(ChannelHandlerContext channel, Object event) throws Exception {
            if (shielded && event instanceof ShutdownEvent shutdown) {
                context = channel;
                withheld = shutdown;
            } else {
                super.userEventTriggered(channel, event);
            }
        }

        void release() {
            if (context != null && withheld != null) {
                context.fireUserEventTriggered(withheld);
            }
        }
    }

    /** A client has come. */
    void onOpen(HttpConnection connection) {
        Channel channel = ClientPipeline.channel(connection);
        acceptor.onAccept(channel);
        ShutdownEventFilter shield = new ShutdownEventFilter();
        channel.pipeline().addBefore("handler", "shield", shield);
        open.add(shield);
        count = open.size();
        AddressLimit.Slot slot = acquire(connection, channel);
        connection.closeHandler(closed -> {
            open.remove(shield);
            count = open.size();
            if (slot != null) {
                slot.release();
            }
        });
    }

    /** Null for a client that has none, because it is not limited or because it has too many connections. */
    private AddressLimit.@Nullable Slot acquire(HttpConnection connection, Channel channel) {
        String address = connection.remoteAddress().hostAddress();
        if (!limit.applies(address) || trustedProxies.contains(address)) {
            return null;
        }
        AddressLimit.Slot slot = limit.acquire(address);
        if (slot == null) {
            metrics.rejected(Rejection.CONNECTION_LIMIT);
            channel.close();
        }
        return slot;
    }

    /** Before a request is handled. */
    void onRequest(HttpServerRequest request) {
        if (draining) {
            request.response()
                    .putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE)
                    .endHandler(sent -> vertx.setTimer(
                            CLOSE_DELAY_MILLISECONDS,
                            late -> request.connection().close()));
        }
    }

    /** From now on each answer asks for the end of its connection, and a shutdown of the server closes none by itself. */
    void startDraining() {
        draining = true;
        shielded = true;
    }

    /** There is no more time: what is idle is closed, the rest when it is answered. */
    void closeIdle() {
        shielded = false;
        Set.copyOf(open).forEach(ShutdownEventFilter::release);
    }

    /** How many are open. For any thread. */
    int count() {
        return count;
    }
}
