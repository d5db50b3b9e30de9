package dev.shortwave.click;

import dev.shortwave.bus.Addresses;
import dev.shortwave.bus.ClicksAvailable;
import dev.shortwave.config.Config;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Clicks of this JVM on their way to the recorder, in memory and bounded. A redirect waits until its click is committed,
 * so that the very next read of any JVM sees it; while PostgreSQL is away it does not wait, and the click is kept.
 * Beyond the bound redirects go on and clicks are counted as lost. Thread-safe.
 */
public final class ClickBuffer implements ClickLog {

    private static final DeliveryOptions LOCAL = new DeliveryOptions().setLocalOnly(true);

    private final Vertx vertx;
    private final int bound;
    private final Queue<Entry> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger size = new AtomicInteger();
    private final AtomicLong appended = new AtomicLong();
    private final AtomicLong booked = new AtomicLong();
    private final AtomicLong lost = new AtomicLong();
    private final AtomicBoolean recorderAwake = new AtomicBoolean();
    private final Queue<Barrier> barriers = new ConcurrentLinkedQueue<>();
    private volatile boolean sinkAway;

    public ClickBuffer(Vertx vertx, Config.Clicks config) {
        this.vertx = vertx;
        this.bound = config.bufferSize();
    }

    /** A click and the redirect that waits for it. */
    record Entry(Click click, Promise<Void> kept, Context context) {

        /** Lets the redirect go, on its own event loop. Harmless the second time. */
        void release() {
            if (!kept.future().isComplete()) {
                context.runOnContext(go -> kept.tryComplete());
            }
        }
    }

    private record Barrier(long upTo, Promise<Void> passed, Context context) {}

    @Override
    public Future<Void> append(Click click) {
        if (size.incrementAndGet() > bound) {
            size.decrementAndGet();
            lost.incrementAndGet();
            return Future.succeededFuture();
        }
        appended.incrementAndGet();
        Entry entry = new Entry(click, Promise.promise(), vertx.getOrCreateContext());
        waiting.add(entry);
        if (recorderAwake.compareAndSet(false, true)) {
            vertx.eventBus().send(Addresses.CLICKS_AVAILABLE, new ClicksAvailable(), LOCAL);
        }
        return sinkAway ? Future.succeededFuture() : entry.kept().future();
    }

    @Override
    public Future<Void> flush() {
        Barrier barrier = new Barrier(appended.get(), Promise.promise(), vertx.getOrCreateContext());
        barriers.add(barrier);
        openBarriers();
        return barrier.passed().future();
    }

    /** The oldest clicks that wait, at most this many; the recorder must settle each. */
    List<Entry> take(int most) {
        List<Entry> taken = new ArrayList<>();
        Entry entry;
        while (taken.size() < most && (entry = waiting.poll()) != null) {
            taken.add(entry);
        }
        return taken;
    }

    /** The recorder found nothing more. Answers whether it may rest: a click may have come in between. */
    boolean mayRest() {
        recorderAwake.set(false);
        return waiting.isEmpty() || !recorderAwake.compareAndSet(false, true);
    }

    void settleBooked(List<Entry> batch) {
        booked.addAndGet(batch.size());
        settle(batch);
    }

    void settleLost(List<Entry> batch) {
        lost.addAndGet(batch.size());
        settle(batch);
    }

    /** PostgreSQL went away or came back. When it goes, all redirects that wait are let go. */
    void setSinkAway(boolean away, List<Entry> inHand) {
        sinkAway = away;
        if (away) {
            inHand.forEach(Entry::release);
            waiting.forEach(Entry::release);
        }
    }

    private void settle(List<Entry> batch) {
        size.addAndGet(-batch.size());
        batch.forEach(Entry::release);
        openBarriers();
    }

    private void openBarriers() {
        barriers.removeIf(barrier -> {
            // Clicks refused at the bound were never appended, so what is left in the buffer tells how far it is.
            boolean passed = appended.get() - size.get() >= barrier.upTo();
            if (passed) {
                barrier.context().runOnContext(go -> barrier.passed().tryComplete());
            }
            return passed;
        });
    }

    /** Clicks that are kept and not yet in PostgreSQL. */
    public int waiting() {
        return size.get();
    }

    /** Clicks committed since the start. */
    public long booked() {
        return booked.get();
    }

    /** Clicks that were answered and will not be in PostgreSQL. */
    public long lost() {
        return lost.get();
    }
}
