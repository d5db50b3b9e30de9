package dev.shortwave.cluster;

import dev.shortwave.cache.CacheLease;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * Keeps this JVM's lease, and with it {@link CacheLease}. A lease counts from the moment at which it was asked for, and only
 * once the JVM has heard all that was published before. After any gap the noted changes are announced first: others may
 * have gone on without this JVM, or without Redis. On one event loop.
 */
final class LeaseKeeper {

    /** So long without a beat, and the connection that listens is half open. */
    private static final int SILENT_LEASES = 3;

    private enum State {
        /** Something may have been missed. */
        OUT,
        CATCHING_UP,
        /** The next beat that comes back renews the lease, though it has ended. */
        CAUGHT_UP,
        IN
    }

    private final ClusterChannel channel;
    private final CacheLease lease;
    private final long leaseNanoseconds;
    private final Supplier<Future<Void>> catchUp;
    private final Runnable onRejoin;
    private final Promise<Void> joined = Promise.promise();
    private State state = State.OUT;
    private boolean wasOut;
    private long caughtUpAt;
    private long catchUps;
    private long lastHeardAt = System.nanoTime();

    /**
     * @param catchUp announces all noted changes
     * @param whenBack runs when trust holds again after Redis was away
     */
    LeaseKeeper(
            ClusterChannel channel,
            CacheLease trust,
            Duration lease,
            Supplier<Future<Void>> catchUp,
            Runnable whenBack) {
        this.channel = channel;
        this.lease = trust;
        this.leaseNanoseconds = lease.toNanos();
        this.catchUp = catchUp;
        this.onRejoin = whenBack;
        channel.onLost(this::lost);
    }

    private void lost() {
        lease.revoke();
        state = State.OUT;
        wasOut = true;
    }

    boolean isIn() {
        return state == State.IN;
    }

    /** Completes when trust holds for the first time. */
    Future<Void> joined() {
        return joined.future();
    }

    /** To be called several times in a lease. */
    void tick() {
        long now = System.nanoTime();
        if (!channel.isReady()) {
            lastHeardAt = now;
        } else if (!channel.isSameServer()) {
            channel.resubscribe();
        } else if (now - lastHeardAt > SILENT_LEASES * leaseNanoseconds) {
            // Half open: it waits for what nobody sends any more.
            lastHeardAt = now;
            channel.dropSubscription();
        } else {
            channel.sendHeartbeat();
        }
    }

    private void catchUp() {
        state = State.CATCHING_UP;
        long number = ++catchUps;
        catchUp.get().onComplete(done -> {
            if (state != State.CATCHING_UP || number != catchUps) {
                return;
            }
            if (done.succeeded()) {
                state = State.CAUGHT_UP;
                caughtUpAt = System.nanoTime();
                channel.sendHeartbeat();
            } else {
                state = State.OUT;
            }
        });
    }

    /** A beat has come back. */
    void received(ClusterMessage.Heartbeat beat) {
        long sentAt = beat.number();
        lastHeardAt = System.nanoTime();
        if (state == State.OUT && channel.isReady()) {
            // All is heard from here on. What was read before counts no more.
            lease.revoke();
            catchUp();
        } else if (state == State.CAUGHT_UP && sentAt - caughtUpAt > 0) {
            state = State.IN;
            lease.renew(sentAt + leaseNanoseconds, channel.incarnation());
            if (!joined.tryComplete() && wasOut) {
                onRejoin.run();
            }
            wasOut = false;
        } else if (state == State.IN) {
            if (lease.isValid(lastHeardAt)) {
                lease.renew(sentAt + leaseNanoseconds, channel.incarnation());
            } else {
                // Too late: whoever changed a link meanwhile did not wait.
                catchUp();
            }
        }
    }
}
