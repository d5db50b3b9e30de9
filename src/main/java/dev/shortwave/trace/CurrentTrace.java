package dev.shortwave.trace;

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

    private static final ContextLocal<TraceParent> LOCAL = ContextLocal.registerLocal(TraceParent.class);

    /** Loading this class before the first Vert.x gives each context the place; that is what the provider is for. */
    @Override
    public void init(VertxBootstrap bootstrap) {}

    /** From now on, this is what the current request belongs to; nothing if the header is absent or malformed. */
    public static void begin(@Nullable String header) {
        TraceParent trace = TraceParent.parse(header);
        if (trace != null && Vertx.currentContext() instanceof ContextInternal context && context.isDuplicate()) {
            LOCAL.put(context, trace);
        }
    }

    /** That of the calling thread, or null. */
    public static @Nullable TraceParent get() {
        Context context = Vertx.currentContext();
        return context == null ? null : LOCAL.get(context);
    }
}
