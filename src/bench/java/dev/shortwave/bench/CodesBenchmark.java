package dev.shortwave.bench;

import dev.shortwave.link.Codes;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Whether a path is a code: what every request pays, ours or not. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 10, time = 1)
@Fork(2)
public class CodesBenchmark {

    // Not final, or the compiler would know the answers.
    private String code = "/aB3xY9";
    private String path = "/urls/4711/events";
    private String reserved = "health";

    @Benchmark
    public boolean code() {
        return Codes.isCode(code, 1, code.length());
    }

    @Benchmark
    public boolean otherPath() {
        return Codes.isCode(path, 1, path.length());
    }

    @Benchmark
    public boolean reserved() {
        return Codes.isReserved(reserved);
    }
}
