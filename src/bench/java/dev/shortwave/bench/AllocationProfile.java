package dev.shortwave.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import jdk.jfr.consumer.RecordedClass;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedStackTrace;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingFile;

/** Says who allocates on the event loops, from a recording of the JVM's sampled allocations. */
public final class AllocationProfile {

    private static final String USAGE = """
            Usage: AllocationProfile RECORDING REQUESTS

            Prints, as Markdown, the allocations of the event loops in a JFR recording with jdk.ObjectAllocationSample,
            in bytes for each of so many requests: by class, by the method that allocates, and by the nearest method of
            ours above it. Samples: good for shares, not for the last byte.
            """;

    private static final int ROWS = 20;
    private static final String EVENT_LOOPS = "vert.x-eventloop-thread-";

    private final Map<String, Long> classToBytes = new HashMap<>();
    private final Map<String, Long> methodToBytes = new HashMap<>();
    private final Map<String, Long> oursToBytes = new HashMap<>();

    private final Set<Long> threads = new HashSet<>();

    private AllocationProfile() {}

    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 2) {
            System.err.print(USAGE);
            System.exit(2);
        }
        AllocationProfile profile = new AllocationProfile();
        RecordingFile.readAllEvents(Path.of(arguments[0])).stream()
                .sorted(Comparator.comparing(RecordedEvent::getStartTime))
                .forEach(profile::add);
        long requests = Math.max(1, Long.parseLong(arguments[1]));
        print("class", profile.classToBytes, requests);
        print("method that allocates", profile.methodToBytes, requests);
        print("nearest method of ours", profile.oursToBytes, requests);
    }

    private void add(RecordedEvent event) {
        if (!event.getEventType().getName().equals("jdk.ObjectAllocationSample")) {
            return;
        }
        RecordedThread thread = event.getThread();
        RecordedStackTrace trace = event.getStackTrace();
        if (thread == null
                || trace == null
                || !String.valueOf(thread.getJavaName()).startsWith(EVENT_LOOPS)) {
            return;
        }
        // A thread's first sample stands for all that it allocated before the recording.
        if (threads.add(thread.getJavaThreadId())) {
            return;
        }
        long weight = event.getLong("weight");
        RecordedClass allocated = event.getClass("objectClass");
        classToBytes.merge(allocated.getName(), weight, Long::sum);
        List<RecordedFrame> frames = trace.getFrames();
        methodToBytes.merge(name(frames.get(0)), weight, Long::sum);
        String ours = frames.stream()
                .map(AllocationProfile::name)
                .filter(name -> name.startsWith("dev.shortwave."))
                .findFirst()
                .orElse("none: Vert.x and Netty by themselves");
        oursToBytes.merge(ours, weight, Long::sum);
    }

    private static String name(RecordedFrame frame) {
        return frame.getMethod().getType().getName() + "." + frame.getMethod().getName() + ":" + frame.getLineNumber();
    }

    private static void print(String title, Map<String, Long> toBytes, long requests) {
        long all = toBytes.values().stream().mapToLong(Long::longValue).sum();
        System.out.printf(Locale.ROOT, "%n| %s | bytes a request | share |%n|---|--:|--:|%n", title);
        toBytes.entrySet().stream()
                .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                .limit(ROWS)
                .forEach(entry -> System.out.printf(
                        Locale.ROOT,
                        "| `%s` | %d | %.1f %% |%n",
                        entry.getKey(),
                        entry.getValue() / requests,
                        100.0 * entry.getValue() / all));
    }
}
