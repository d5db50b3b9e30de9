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

    private final PeerChannel channel;
    private final Trust trust;
    private final long leaseNanoseconds;
    private final Supplier<Future<Void>> catchUp;
    private final Runnable whenBack;
    private final Promise<Void> joined = Promise.promise();
    private State state = State.OUT;
    private boolean wasOut;
    private long caughtUpAt;
    private long catchUps;
    private long heardAt = System.nanoTime();

    /**
     * @param catchUp announces all noted changes
     * @param whenBack runs when trust holds again after Redis was away
     */
    Membership(PeerChannel channel, Trust trust, Duration lease, Supplier<Future<Void>> catchUp, Runnable whenBack) {
        this.channel = channel;
        this.trust = trust;
        this.leaseNanoseconds = lease.toNanos();
        this.catchUp = catchUp;
        this.whenBack = whenBack;
        channel.whenLost(this::lost);
    }

    private void lost() {
        trust.interrupt();
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
            heardAt = now;
        } else if (!channel.isOfOneServer()) {
            channel.listenToTheOtherServer();
        } else if (now - heardAt > SILENT_LEASES * leaseNanoseconds) {
            // Half open: it waits for what nobody sends any more.
            heardAt = now;
            channel.dropListening();
        } else {
            channel.beat();
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
                channel.beat();
            } else {
                state = State.OUT;
            }
        });
    }

    /** A beat has come back. */
    void received(PeerMessage.Beat beat) {
        long sentAt = beat.number();
        heardAt = System.nanoTime();
        if (state == State.OUT && channel.isReady()) {
            // All is heard from here on. What was read before counts no more.
            trust.interrupt();
            catchUp();
        } else if (state == State.CAUGHT_UP && sentAt - caughtUpAt > 0) {
            state = State.IN;
            trust.renew(sentAt + leaseNanoseconds, channel.life());
            if (!joined.tryComplete() && wasOut) {
                whenBack.run();
            }
            wasOut = false;
        } else if (state == State.IN) {
            if (trust.holds(heardAt)) {
                trust.renew(sentAt + leaseNanoseconds, channel.life());
            } else {
                // Too late: whoever changed a link meanwhile did not wait.
                catchUp();
            }
        }
    }
}
