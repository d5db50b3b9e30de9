package dev.shortwave.http.connection;

import dev.shortwave.error.ProblemException;
import dev.shortwave.metrics.Metrics;
import dev.shortwave.metrics.Rejection;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.timeout.IdleStateEvent;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that a request whose body is broken or late is answered. Vert.x tells the handlers of the request, and closes
 * the connection at once; this holds the close back until they have answered. It also keeps a connection that waits for an
 * answer of ours from being closed as idle. On the event loop of its connection.
 */
final class ConnectionGuard extends ChannelDuplexHandler {

    /** How long an answer to a broken request may take: an import must be rolled back first. */
    private static final long ANSWER_TIMEOUT_SECONDS = 30;

    /** How long a client may take to close: closed at once, it might lose the answer that it has not read. */
    private static final long LINGER_MILLISECONDS = 2_000;

    private final RequestDecoder decoder;
    private final Metrics metrics;
    private @Nullable HttpServerRequest current;
    private boolean clientGone;
    private boolean failing;
    private boolean closing;

    ConnectionGuard(RequestDecoder decoder, Metrics metrics) {
        this.decoder = decoder;
        this.metrics = metrics;
    }

    /** A request is about to be handled. */
    void begin(HttpServerRequest request) {
        current = request;
    }

    /** Vert.x has met a failure of the connection, and will close it after the handlers of the request were told. */
    void failed(Throwable failure) {
        if (failure instanceof IOException) {
            clientGone = true;
        } else if (!failing) {
            failing = true;
            count(failure);
            decoder.discardRest();
        }
    }

    private void count(Throwable failure) {
        HttpServerRequest request = current;
        if (failure instanceof ProblemException) {
            // The head, which was counted when it was refused; or the time-out of a body.
            if (request != null && request.decoderResult().isSuccess()) {
                metrics.rejected(Rejection.BODY_TIMEOUT);
            }
        } else if (request == null || request.decoderResult().isSuccess()) {
            // What the decoder of HTTP has found nothing wrong with was refused by that of forms.
            metrics.rejected(decoder.isDiscarding() ? Rejection.MALFORMED_BODY : Rejection.MALFORMED_FORM);
        }
    }

    /** The body did not arrive in time. */
    void bodyTimedOut(ChannelHandlerContext context, ProblemException timeout) {
        HttpServerRequest request = current;
        if (request == null || request.response().ended()) {
            // A redirect, say, that did not wait for it.
            metrics.rejected(Rejection.BODY_TIMEOUT);
            context.close();
        } else if (request.isEnded()) {
            // The body is that of the next request, which Vert.x has not begun.
            failed(timeout);
            closeOnceAnswered(context, request);
        } else {
            context.pipeline().fireExceptionCaught(timeout);
        }
    }

    @Override
    public void close(ChannelHandlerContext context, ChannelPromise promise) throws Exception {
        if (!failing || clientGone || !context.channel().isActive()) {
            super.close(context, promise);
            return;
        }
        context.channel().closeFuture().addListener(closed -> promise.trySuccess());
        HttpServerRequest request = current;
        if (request == null || request.response().ended()) {
            finish(context);
        } else {
            closeOnceAnswered(context, request);
        }
    }

    private void closeOnceAnswered(ChannelHandlerContext context, HttpServerRequest request) {
        if (!closing) {
            closing = true;
            request.response()
                    .endHandler(sent -> context.executor().execute(() -> {
                        closing = false;
                        finish(context);
                    }));
            context.executor().schedule(() -> context.close(), ANSWER_TIMEOUT_SECONDS, TimeUnit.SECONDS);
        }
    }

    /** Sends what is written, says that nothing follows, and waits a little for the client to close. */
    private void finish(ChannelHandlerContext context) {
        if (closing) {
            return;
        }
        closing = true;
        Channel channel = context.channel();
        context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener((ChannelFutureListener) written -> {
            if (channel instanceof DuplexChannel duplex) {
                duplex.shutdownOutput();
            }
        });
        context.executor().schedule(() -> context.close(), LINGER_MILLISECONDS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
        HttpServerRequest request = current;
        boolean answerPending = request != null && !request.response().ended();
        if (!(event instanceof IdleStateEvent) || !answerPending) {
            super.userEventTriggered(context, event);
        }
    }

    /** Lets go of what is answered: a connection may stay idle for long. */
    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        context.fireChannelReadComplete();
        HttpServerRequest request = current;
        if (request != null && request.response().ended()) {
            current = null;
        }
    }
}
