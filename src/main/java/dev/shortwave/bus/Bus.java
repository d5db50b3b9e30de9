package dev.shortwave.bus;

import dev.shortwave.error.Problem;
import dev.shortwave.tracing.CurrentTrace;
import dev.shortwave.tracing.Trace;
import dev.shortwave.tracing.TraceParent;
import io.vertx.core.Future;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import java.time.Duration;
import java.util.function.Function;

/**
 * The event bus, typed. One instance for each verticle instance, used on its event loop only: the bus itself has no
 * back-pressure, so this counts what is on its way and refuses more than a bound.
 */
public final class Bus {

    private final EventBus eventBus;
    private final DeliveryOptions options;
    private final Duration timeout;
    private final int maxInFlight;
    private int inFlight;

    /**
     * @param timeout how long a request may wait for its reply
     * @param maxInFlight requests that may wait at once
     */
    public Bus(EventBus eventBus, Duration timeout, int maxInFlight) {
        this.eventBus = eventBus;
        this.timeout = timeout;
        this.options = options(timeout);
        this.maxInFlight = maxInFlight;
    }

    /** Sends a request; fails with the problem of the reply, or 503 without a reply in time. */
    public <Q extends Request<R>, R> Future<R> request(Q request) {
        return request(request, timeout);
    }

    /** As {@link #request(Request)}, for a request that takes longer than others. */
    public <Q extends Request<R>, R> Future<R> request(Q request, Duration ownTimeout) {
        if (inFlight >= maxInFlight) {
            return Future.failedFuture(Problem.unavailable("the service is busy, try again in a moment")
                    .asException());
        }
        inFlight++;
        return send(request, ownTimeout).onComplete(any -> inFlight--);
    }

    private <Q extends Request<R>, R> Future<R> send(Q request, Duration ownTimeout) {
        long sent = System.nanoTime();
        return eventBus.<Reply>request(request.address(), request, withTrace(ownTimeout))
                .transform(result -> {
                    if (result.succeeded()) {
                        return toReply(result.result().body());
                    }
                    boolean retry = isUnhandled(result.cause()) && System.nanoTime() - sent < ownTimeout.toNanos();
                    return retry ? send(request, ownTimeout) : Future.failedFuture(toProblem(result.cause()));
                });
    }

    /** Messages carry the trace of the request. */
    private DeliveryOptions withTrace(Duration ownTimeout) {
        DeliveryOptions plain = ownTimeout.equals(timeout) ? options : options(ownTimeout);
        Trace trace = CurrentTrace.get();
        return trace == null ? plain : new DeliveryOptions(plain).addHeader(TraceParent.HEADER, trace.header());
    }

    private static DeliveryOptions options(Duration timeout) {
        return new DeliveryOptions().setLocalOnly(true).setSendTimeout(timeout.toMillis());
    }

    /**
     * The bus chose a verticle instance that was undeployed before it received the request, and reports a time-out at once.
     * Another instance may handle the request: none has begun with it.
     */
    private static boolean isUnhandled(Throwable cause) {
        return cause instanceof ReplyException refused && refused.failureType() == ReplyFailure.TIMEOUT;
    }

    /** Registers a handler of requests. It runs on the verticle's event loop; what it throws is a failed reply. */
    public static <Q extends Request<R>, R> MessageConsumer<Q> serve(
            EventBus eventBus, String address, Function<Q, Future<R>> handler) {
        return eventBus.localConsumer(address, message -> {
            CurrentTrace.begin(message.headers().get(TraceParent.HEADER));
            attempt(handler, message.body())
                    .onComplete(result -> message.reply(new Reply(result.result(), result.cause())));
        });
    }

    private static <Q, R> Future<R> attempt(Function<Q, Future<R>> handler, Q request) {
        try {
            return handler.apply(request);
        } catch (RuntimeException e) {
            return Future.failedFuture(e);
        }
    }

    // The record of the request fixes the type of the reply: handlers are registered with both.
    @SuppressWarnings({"unchecked", "NullAway"})
    private static <R> Future<R> toReply(Reply reply) {
        return reply.failure() == null
                ? Future.succeededFuture((R) reply.value())
                : Future.failedFuture(reply.failure());
    }

    private static Throwable toProblem(Throwable cause) {
        if (cause instanceof ReplyException) {
            return Problem.unavailable("the storage did not answer in time").asException();
        }
        return cause;
    }
}
