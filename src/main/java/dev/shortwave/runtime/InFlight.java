package dev.shortwave.runtime;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import org.jspecify.annotations.Nullable;

/** Counts what one verticle instance has begun and not finished. On its event loop, but for {@link #count}. */
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

    /** Completes when the last of it is finished; for a time when nothing new comes. */
    public Future<Void> whenIdle() {
        if (count == 0) {
            return Future.succeededFuture();
        }
        Promise<Void> last = Promise.promise();
        idle = last;
        return last.future();
    }

    /** How much there is. For any thread. */
    public int count() {
        return count;
    }
}
