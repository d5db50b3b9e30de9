package dev.shortwave.tools.tier;

import dev.shortwave.tools.CommandLine;
import dev.shortwave.tools.http.Metrics;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Samples a fleet and its machine every second, and the metrics of its JVMs less often, until it is stopped. */
public final class ResourceSampler {

    private static final String USAGE = """
            Usage: ResourceSampler FLEET K6_PID SECONDS

            Prints a line for each sample: milliseconds since 1970, subject, measure and value, with tabs between them.
            FLEET is a folder as scripts/lib/fleet.sh describes it; a process or page that does not exist has no lines.
            Reads the metrics of the JVMs every so many SECONDS, with MANAGEMENT_TOKEN, if there is one.

              machine    load, busy, programs, steal, total (all but load in ticks of all processors)
              NAME       cpu (seconds so far), rss (KiB), for haproxy, redis, postgres, k6, idle, sampler and appN
              haproxy    its statistics of the frontend and of the backend
              appN       its metrics
            """;

    private static final long PAUSE_MILLISECONDS = 1_000;

    static final String PENDING_BYTES = "shortwave_journal_pending_bytes";

    private static final String DATABASE_QUEUE = "vertx_pool_queue_pending";
    private static final String MEMORY = "jvm_memory_used_bytes";

    /** Columns of HAProxy's statistics that are kept, of the lines of the frontend and of the backend. */
    private static final List<String> PROXY_COLUMNS = List.of(
            "scur",
            "smax",
            "slim",
            "stot",
            "qcur",
            "qmax",
            "econ",
            "eresp",
            "wretr",
            "wredis",
            "hrsp_3xx",
            "hrsp_4xx",
            "hrsp_5xx",
            "rtime",
            "ttime");

    private static final List<String> SERVICE_METRICS = List.of(
            "shortwave_clicks_appended_total",
            "shortwave_clicks_booked_total",
            "shortwave_clicks_dropped_total",
            PENDING_BYTES,
            "jvm_gc_pause_seconds_sum",
            MEMORY,
            DATABASE_QUEUE);

    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofMillis(500)).build();
    private final Path fleet;
    private final long k6;

    /** A page of metrics costs both sides processor time, which they take from the load. */
    private final int samplesPerPage;

    private final Optional<String> token = Stream.of("SHORTWAVE_MANAGEMENT_TOKEN", "MANAGEMENT_TOKEN")
            .map(System::getenv)
            .filter(Objects::nonNull)
            .findFirst();

    private final Set<String> silent = new HashSet<>();
    private final PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    private final Map<String, Processes> nameToProcesses = new HashMap<>();
    private long now;
    private long samples;

    private ResourceSampler(Path fleet, long k6, int samplesPerPage) {
        this.fleet = fleet;
        this.k6 = k6;
        this.samplesPerPage = samplesPerPage;
    }

    public static void main(String[] arguments) throws InterruptedException {
        CommandLine.require(arguments.length == 3, USAGE);
        ResourceSampler sampler = new ResourceSampler(
                Path.of(arguments[0]), Long.parseLong(arguments[1]), Integer.parseInt(arguments[2]));
        long next = System.currentTimeMillis();
        while (true) {
            sampler.sample();
            next += PAUSE_MILLISECONDS;
            Thread.sleep(Math.max(0, next - System.currentTimeMillis()));
        }
    }

    private void sample() {
        now = System.currentTimeMillis();
        machine();
        ProcessHandle.of(k6).ifPresent(process -> processes("k6", process));
        processes("sampler", ProcessHandle.current());
        for (String name : names()) {
            // The embedded PostgreSQL is a child of the process that runs it; its own file has more lines than one.
            Optional<String> embedded = name.equals("postgres") ? read("postgres/postmaster.pid") : Optional.empty();
            embedded.or(() -> read(name + ".pid"))
                    .map(text -> Long.parseLong(text.lines().findFirst().orElseThrow()))
                    .flatMap(ProcessHandle::of)
                    .ifPresent(process -> processes(name, process));
            if (samples % samplesPerPage == 0) {
                read(name + ".metrics").ifPresent(url -> service(name, url));
            }
        }
        samples++;
        read("haproxy.stats").ifPresent(this::proxy);
        out.flush();
    }

    private List<String> names() {
        try (Stream<Path> files = Files.list(fleet)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".pid"))
                    .map(name -> name.substring(0, name.length() - ".pid".length()))
                    .sorted()
                    .collect(Collectors.toList());
        } catch (IOException e) {
            return List.of();
        }
    }

    private Optional<String> read(String name) {
        return text(fleet.resolve(name)).map(String::strip).filter(text -> !text.isEmpty());
    }

    private static Optional<String> text(Path file) {
        try {
            return Optional.of(Files.readString(file));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private void print(String subject, String measure, String value) {
        out.println(now + "\t" + subject + "\t" + measure + "\t" + value);
    }

    private void machine() {
        text(Path.of("/proc/loadavg"))
                .ifPresent(text -> print("machine", "load", text.substring(0, text.indexOf(' '))));
        text(Path.of("/proc/stat")).ifPresent(text -> {
            // cpu user nice system idle iowait irq softirq steal
            long[] ticks = Arrays.stream(text.lines().findFirst().orElse("").split("\\s+", -1))
                    .skip(1)
                    .limit(8)
                    .mapToLong(Long::parseLong)
                    .toArray();
            long total = Arrays.stream(ticks).sum();
            print("machine", "total", Long.toString(total));
            print("machine", "busy", Long.toString(total - ticks[3] - ticks[4] - ticks[7]));
            print("machine", "programs", Long.toString(ticks[0] + ticks[1] + ticks[2]));
            print("machine", "steal", Long.toString(ticks[7]));
        });
    }

    private void processes(String name, ProcessHandle first) {
        Processes processes = nameToProcesses.computeIfAbsent(name, any -> new Processes());
        processes.sample(first, now);
        print(name, "cpu", Double.toString(processes.seconds()));
        // Processes of PostgreSQL share most of their memory, so their sum says nothing.
        if (!name.equals("postgres")) {
            print(name, "rss", Long.toString(processes.kibibytes()));
        }
    }

    /** A process and what it has started, with those that have ended since. */
    private static final class Processes {

        /** Finding children reads all processes of the machine, which takes time from what is measured. */
        private static final long CHILDREN_MILLISECONDS = 5_000;

        private final Map<ProcessHandle, Double> processToSeconds = new HashMap<>();
        private List<ProcessHandle> running = List.of();
        private long foundAt;

        void sample(ProcessHandle first, long now) {
            if (!running.contains(first) || now - foundAt >= CHILDREN_MILLISECONDS) {
                running = Stream.concat(Stream.of(first), first.descendants()).toList();
                foundAt = now;
            }
            for (ProcessHandle process : running) {
                process.info()
                        .totalCpuDuration()
                        .ifPresent(used -> processToSeconds.put(process, used.toMillis() / 1000.0));
            }
        }

        double seconds() {
            return processToSeconds.values().stream()
                    .mapToDouble(Double::doubleValue)
                    .sum();
        }

        long kibibytes() {
            return running.stream()
                    .mapToLong(process -> resident(process.pid()))
                    .sum();
        }
    }

    private static long resident(long pid) {
        return text(Path.of("/proc/" + pid + "/status"))
                .flatMap(status ->
                        status.lines().filter(line -> line.startsWith("VmRSS:")).findFirst())
                .map(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .orElse(0L);
    }

    private void proxy(String port) {
        page("http://127.0.0.1:" + port + "/;csv").ifPresent(page -> {
            List<String> lines = page.lines().toList();
            List<String> columns = List.of(lines.get(0).substring(2).split(",", -1));
            for (String line : lines.subList(1, lines.size())) {
                String[] fields = line.split(",", -1);
                boolean frontend = fields[0].equals("public") && fields[1].equals("FRONTEND");
                boolean backend = fields[0].equals("app") && fields[1].equals("BACKEND");
                for (String column : frontend || backend ? PROXY_COLUMNS : List.<String>of()) {
                    String value = fields[columns.indexOf(column)];
                    if (!value.isEmpty()) {
                        print("haproxy", (frontend ? "clients " : "servers ") + column, value);
                    }
                }
            }
        });
    }

    private void service(String name, String url) {
        page(url).map(Metrics::parse).ifPresent(metrics -> {
            for (String metric : SERVICE_METRICS) {
                double sum = switch (metric) {
                    case MEMORY -> metrics.sum(metric, "area=\"heap\"");
                    case DATABASE_QUEUE -> metrics.sum(metric, "pool_type=\"sql\"");
                    default -> metrics.sum(metric);
                };
                if (!Double.isNaN(sum)) {
                    print(name, metric, Double.toString(sum));
                }
            }
        });
    }

    private Optional<String> page(String url) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofMillis(900));
        // It is the JVMs', and not for HAProxy.
        token.filter(any -> url.endsWith("/metrics"))
                .ifPresent(value -> request.header("Authorization", "Bearer " + value));
        try {
            HttpResponse<String> answer = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() == 200) {
                return Optional.of(answer.body());
            }
            warnOnce(url, "answered " + answer.statusCode());
            return Optional.empty();
        } catch (IOException e) {
            warnOnce(url, e.toString());
            return Optional.empty();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void warnOnce(String url, String what) {
        if (silent.add(url)) {
            System.err.println(url + ": " + what);
        }
    }
}
