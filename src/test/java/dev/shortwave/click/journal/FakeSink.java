package dev.shortwave.click.journal;

import dev.shortwave.click.Click;
import dev.shortwave.click.sink.ClickBatchParameters;
import dev.shortwave.click.sink.ClickSink;
import io.vertx.core.Future;
import io.vertx.pgclient.PgException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A sink in memory with PostgreSQL's promise, all or nothing, and its ways to fail: before, or after the commit. */
final class FakeSink implements ClickSink {

    final List<Click> booked = new ArrayList<>();
    private final Map<String, Long> streamToCheckpoint = new HashMap<>();
    private final Random random;
    private final int failuresInTen;
    volatile boolean away;
    volatile String poison = "";
    volatile String refusal = "22P05";

    FakeSink(Random random, int failuresInTen) {
        this.random = random;
        this.failuresInTen = failuresInTen;
    }

    @Override
    public synchronized Future<Long> checkpoint(String stream) {
        return away ? lost() : Future.succeededFuture(streamToCheckpoint.getOrDefault(stream, 0L));
    }

    @Override
    public synchronized Future<Boolean> write(String stream, long expected, long next, ClickBatchParameters rows) {
        List<Click> clicks = rows.clicks();
        if (away || random.nextInt(10) < failuresInTen) {
            return lost();
        }
        if (clicks.stream().anyMatch(click -> click.code().equals(poison))) {
            return Future.failedFuture(new PgException("no such thing", "ERROR", refusal, ""));
        }
        boolean matches = streamToCheckpoint.getOrDefault(stream, 0L) == expected;
        if (matches) {
            streamToCheckpoint.put(stream, next);
            booked.addAll(clicks);
        }
        // The answer to a commit may get lost as well.
        return random.nextInt(10) < failuresInTen ? lost() : Future.succeededFuture(matches);
    }

    @Override
    public synchronized Future<Void> removeCheckpoint(String stream) {
        if (away || random.nextInt(10) < failuresInTen) {
            return lost();
        }
        streamToCheckpoint.remove(stream);
        return Future.succeededFuture();
    }

    synchronized List<Long> numbers() {
        return booked.stream().map(Click::atMilliseconds).toList();
    }

    synchronized int checkpoints() {
        return streamToCheckpoint.size();
    }

    private static <T> Future<T> lost() {
        return Future.failedFuture(new java.io.IOException("connection lost"));
    }
}
