package dev.shortwave.tracing;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxBootstrap;
import io.vertx.core.spi.VertxServiceProvider;
import io.vertx.core.spi.context.storage.ContextLocal;
import org.jspecify.annotations.Nullable;

/**
 * The trace of the request that is being handled, for all that is done for it: kept with its Vert.x context, which every
 * request and every message on the bus has of its own.
 */
public final class CurrentTrace implements VertxServiceProvider {

    private static final ContextLocal<Trace> LOCAL = ContextLocal.registerLocal(Trace.class);

    /** Loading this class before the first Vert.x gives each context the place; that is what the provider is for. */
    @Override
    public void init(VertxBootstrap bootstrap) {}

    /**
     * From now on, this is what the current request belongs to, unless that is known already; nothing if the header is absent
     * or malformed.
     */
    public static void begin(@Nullable String header) {
        if (Vertx.currentContext() instanceof ContextInternal context
                && context.isDuplicate()
                && LOCAL.get(context) == null) {
            TraceParent trace = TraceParent.parse(header);
            if (trace != null) {
                LOCAL.put(context, trace);
            }
        }
    }

    /** From now on, this is what the request or message of this context belongs to. */
    public static void begin(Context context, Trace trace) {
        LOCAL.put(context, trace);
    }

    /** That of the calling thread, or null. */
    public static @Nullable Trace get() {
        Context context = Vertx.currentContext();
        return context == null ? null : of(context);
    }

    /** That of the request or message of this context, or null. */
    public static @Nullable Trace of(Context context) {
        return LOCAL.get(context);
    }
}
