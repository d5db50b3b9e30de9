package dev.shortwave.peer;

import dev.shortwave.cache.Trust;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * Keeps this JVM's lease, and with it {@link Trust}. A lease counts from the moment at which it was asked for, and only
 * once the JVM has heard all that was published before. After any gap the noted changes are announced first: others may
 * have gone on without this JVM, or without Redis. On one event loop.
 */
final class Membership {

    private enum State {
        /** Something may have been missed. */
        OUT,
        CATCHING_UP,
        /** The next beat that comes back renews the lease, though it has ended. */
        CAUGHT_UP,
        IN
    }

    private final PeerChannel channel;
    private final Trust trust;
    private final long leaseNanoseconds;
    private final Supplier<Future<Void>> catchUp;
    private final Promise<Void> joined = Promise.promise();
    private State state = State.OUT;
    private long caughtUpAt;

    /**
     * @param catchUp announces all noted changes
     */
    Membership(PeerChannel channel, Trust trust, Duration lease, Supplier<Future<Void>> catchUp) {
        this.channel = channel;
        this.trust = trust;
        this.leaseNanoseconds = lease.toNanos();
        this.catchUp = catchUp;
        channel.whenLost(this::lost);
    }

    private void lost() {
        trust.interrupt();
        state = State.OUT;
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
        if (!channel.isReady()) {
            return;
        }
        if (state == State.OUT) {
            // What was read while nothing was heard counts no more.
            trust.interrupt();
            catchUp();
        }
        channel.beat();
    }

    private void catchUp() {
        state = State.CATCHING_UP;
        catchUp.get().onComplete(done -> {
            if (state != State.CATCHING_UP) {
                return;
            }
            if (done.succeeded()) {
                state = State.CAUGHT_UP;
                caughtUpAt = System.nanoTime();
                channel.beat();
            } else {
                state = State.OUT;
            }
        });
    }

    /** A beat has come back. */
    void received(PeerMessage.Beat beat) {
        long sentAt = beat.number();
        if (state == State.CAUGHT_UP && sentAt - caughtUpAt > 0) {
            state = State.IN;
            trust.renew(sentAt + leaseNanoseconds);
            joined.tryComplete();
        } else if (state == State.IN) {
            if (trust.holds(System.nanoTime())) {
                trust.renew(sentAt + leaseNanoseconds);
            } else {
                // Too late: whoever changed a link meanwhile did not wait.
                catchUp();
            }
        }
    }
}
