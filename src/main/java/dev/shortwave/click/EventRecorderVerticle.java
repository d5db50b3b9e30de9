package dev.shortwave.click;

import dev.shortwave.bus.Addresses;
import dev.shortwave.bus.Bus;
import dev.shortwave.bus.ClicksAvailable;
import dev.shortwave.bus.FlushClicks;
import dev.shortwave.config.Config;
import dev.shortwave.postgres.Database;
import dev.shortwave.postgres.PgFailures;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.sqlclient.Pool;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Books clicks in batches. No waiting for a batch to fill: while one is under way the next one grows, so batches follow
 * the load. A batch that failed is repeated under its number until PostgreSQL has it. On its own event loop.
 */
public final class EventRecorderVerticle extends VerticleBase {

    private static final Logger LOG = LoggerFactory.getLogger(EventRecorderVerticle.class);

    /** A server that hangs closes nothing. The repeated batch has the same number, should the first arrive yet. */
    private static final long PATIENCE_SECONDS = 2;

    private final Database database;
    private final ClickBuffer buffer;
    private final Config.Clicks config;
    private @Nullable PgClickSink sink;
    private @Nullable Pool pool;
    private long position;
    private boolean running;
    private boolean away;
    private boolean stopped;

    public EventRecorderVerticle(Database database, ClickBuffer buffer, Config.Clicks config) {
        this.database = database;
        this.buffer = buffer;
        this.config = config;
    }

    @Override
    public Future<?> start() {
        Pool made = database.pool(vertx, "recorder", 1);
        pool = made;
        sink = new PgClickSink(made);
        vertx.eventBus().<ClicksAvailable>localConsumer(Addresses.CLICKS_AVAILABLE, wake -> run());
        Bus.serve(
                vertx.eventBus(),
                Addresses.CLICKS_FLUSH,
                (FlushClicks request) -> buffer.flush().map(true));
        return Future.succeededFuture();
    }

    private void run() {
        if (!running) {
            running = true;
            next();
        }
    }

    private void next() {
        List<ClickBuffer.Entry> batch = buffer.take(config.batchSize());
        if (!batch.isEmpty()) {
            write(batch).onComplete(done -> next());
        } else if (buffer.mayRest()) {
            running = false;
        } else {
            next();
        }
    }

    /** Completes when the batch is settled, however long that takes. */
    private Future<Void> write(List<ClickBuffer.Entry> batch) {
        return attempt(++position, batch);
    }

    private Future<Void> attempt(long number, List<ClickBuffer.Entry> batch) {
        PgClickSink target = sink;
        if (target == null || stopped) {
            buffer.settleLost(batch);
            return Future.succeededFuture();
        }
        return target.write(number, batch.stream().map(ClickBuffer.Entry::click).toList())
                .timeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .compose(
                        written -> {
                            back();
                            buffer.settleBooked(batch);
                            return Future.succeededFuture();
                        },
                        failure -> PgFailures.isAway(failure)
                                ? again(number, batch, failure)
                                : withoutPoison(batch, failure));
    }

    private Future<Void> again(long number, List<ClickBuffer.Entry> batch, Throwable failure) {
        if (!away) {
            away = true;
            LOG.warn("Clicks are kept in memory until PostgreSQL is back: {}", failure.getMessage());
        }
        buffer.setSinkAway(true, batch);
        return vertx.timer(config.retryDelay().toMillis(), TimeUnit.MILLISECONDS)
                .compose(paused -> attempt(number, batch));
    }

    private void back() {
        if (away) {
            away = false;
            buffer.setSinkAway(false, List.of());
            LOG.info("PostgreSQL is back, {} clicks wait to be booked", buffer.waiting());
        }
    }

    /** PostgreSQL refuses the data itself: halve the batch until the one bad click is alone, and lose only that. */
    private Future<Void> withoutPoison(List<ClickBuffer.Entry> batch, Throwable failure) {
        if (batch.size() == 1) {
            LOG.error(
                    "PostgreSQL refuses a click of link {}: {}",
                    batch.get(0).click().target().linkId(),
                    failure.getMessage());
            buffer.settleLost(batch);
            return Future.succeededFuture();
        }
        int half = batch.size() / 2;
        return write(batch.subList(0, half)).compose(done -> write(batch.subList(half, batch.size())));
    }

    @Override
    public Future<?> stop() {
        stopped = true;
        Future<Void> forgotten = sink == null ? Future.succeededFuture() : sink.close();
        return forgotten
                .timeout(2, TimeUnit.SECONDS)
                .otherwiseEmpty()
                .eventually(() -> pool == null ? Future.succeededFuture() : pool.close());
    }
}
