package dev.shortwave.runtime;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import org.jspecify.annotations.Nullable;

/** Counts the requests in flight of one verticle instance. On its event loop, except for {@link #count}. */
public final class InFlight {

    private volatile int count;
    private @Nullable Promise<Void> idle;

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    public void begin() {
        count++;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    public void end() {
        count--;
        if (count == 0 && idle != null) {
            idle.tryComplete();
        }
    }

    /** Completes when the last request has ended. Call it once no new ones begin. */
    public Future<Void> whenIdle() {
        if (count == 0) {
            return Future.succeededFuture();
        }
        Promise<Void> last = Promise.promise();
        idle = last;
        return last.future();
    }

    /** Number of requests in flight. For any thread. */
    public int count() {
        return count;
    }
}
