package dev.shortwave.http.server;

import io.netty.channel.Channel;
import io.vertx.core.Context;
import org.jspecify.annotations.Nullable;

/**
 * The socket that all instances of the public server listen on: one for the process, accepted from on a thread of its own.
 * What is accepted goes to the event loop of an instance, and an instance that left its event loop in between would have
 * it closed, with a request of it perhaps. So whoever leaves does it while nothing is accepted. Thread-safe.
 */
public final class AcceptGate {

    private volatile @Nullable Channel listening;

    /** Written on the accepting thread only. */
    private int pauses;

    /** A connection was taken in. */
    void onAccept(Channel connection) {
        if (listening == null) {
            listening = connection.parent();
        }
    }

    /**
     * Runs something on an event loop at a moment when nothing is on its way there. New connections wait in the kernel's
     * queue meanwhile, for two turns of event loops.
     */
    void pauseAccept(Context context, Runnable leave) {
        Channel socket = listening;
        if (socket == null) {
            // Nobody has ever come.
            context.runOnContext(turn -> leave.run());
            return;
        }
        socket.eventLoop().execute(() -> {
            if (pauses++ == 0) {
                socket.config().setAutoRead(false);
            }
            // Behind all connections that were accepted before: an event loop keeps the order.
            context.runOnContext(turn -> {
                try {
                    leave.run();
                } finally {
                    socket.eventLoop().execute(() -> {
                        if (--pauses == 0) {
                            socket.config().setAutoRead(true);
                        }
                    });
                }
            });
        });
    }
}
