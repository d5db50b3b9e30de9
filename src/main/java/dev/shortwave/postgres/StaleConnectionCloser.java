package dev.shortwave.postgres;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelOutputShutdownEvent;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.internal.VertxWrapper;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.ConnectOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import java.util.concurrent.TimeUnit;

/**
 * Vert.x for one pool of the PostgreSQL client, with connections that end soon after they are closed. A client that closes
 * a connection sends Terminate and waits without a limit for the server to close it too; so a frozen server would keep the
 * pool open, and with it the verticle and the process.
 */
final class StaleConnectionCloser extends VertxWrapper {

    /** A running server ends the connection in far less, unless a statement is running, whose result is not needed. */
    private static final long CLOSE_TIMEOUT_SECONDS = 1;

    private final Runnable whenEnded;

    /**
     * @param whenEnded called when the pool is closed and all its connections have ended
     */
    StaleConnectionCloser(Vertx vertx, Runnable whenEnded) {
        super((VertxInternal) vertx);
        this.whenEnded = whenEnded;
    }

    @Override
    public NetClient createNetClient(NetClientOptions options) {
        return new Client(super.createNetClient(options), whenEnded);
    }

    private static Future<NetSocket> bounded(Future<NetSocket> connected) {
        return connected.onSuccess(socket ->
                ((NetSocketInternal) socket).channelHandlerContext().pipeline().addFirst(new CloseTimeout()));
    }

    /** Before all other handlers, so that none of them delays the close. */
    private static final class CloseTimeout extends ChannelInboundHandlerAdapter {

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event == ChannelOutputShutdownEvent.INSTANCE) {
                ScheduledFuture<?> end =
                        context.executor().schedule(() -> context.close(), CLOSE_TIMEOUT_SECONDS, TimeUnit.SECONDS);
                context.channel().closeFuture().addListener(closed -> end.cancel(false));
            }
            context.fireUserEventTriggered(event);
        }
    }

    private record Client(NetClient client, Runnable whenEnded) implements NetClient {

        @Override
        public Future<NetSocket> connect(int port, String host) {
            return bounded(client.connect(port, host));
        }

        @Override
        public Future<NetSocket> connect(int port, String host, String serverName) {
            return bounded(client.connect(port, host, serverName));
        }

        @Override
        public Future<NetSocket> connect(SocketAddress server) {
            return bounded(client.connect(server));
        }

        @Override
        public Future<NetSocket> connect(SocketAddress server, String serverName) {
            return bounded(client.connect(server, serverName));
        }

        @Override
        public Future<NetSocket> connect(ConnectOptions options) {
            return bounded(client.connect(options));
        }

        @Override
        public Future<Void> shutdown(long timeout, TimeUnit unit) {
            return client.shutdown(timeout, unit).onComplete(ended -> whenEnded.run());
        }

        @Override
        public Future<Boolean> updateSSLOptions(ClientSSLOptions options, boolean force) {
            return client.updateSSLOptions(options, force);
        }

        @Override
        public boolean isMetricsEnabled() {
            return client.isMetricsEnabled();
        }
    }
}
