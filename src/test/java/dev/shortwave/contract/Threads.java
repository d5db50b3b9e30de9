package dev.shortwave.contract;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;

/** Does the same at once, many times. */
final class Threads implements AutoCloseable {

    private final int count;
    private final ExecutorService executor;

    Threads(int count) {
        this.count = count;
        this.executor = Executors.newFixedThreadPool(count);
    }

    <T> List<T> each(IntFunction<T> work) throws InterruptedException, ExecutionException {
        List<Callable<T>> calls = new ArrayList<>();
        for (int number = 0; number < count; number++) {
            int own = number;
            calls.add(() -> work.apply(own));
        }
        List<T> results = new ArrayList<>();
        for (Future<T> result : executor.invokeAll(calls)) {
            results.add(result.get());
        }
        return results;
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
