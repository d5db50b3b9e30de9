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

/** Looks at a fleet and its machine every second, at what its JVMs say of themselves more seldom, until it is ended. */
public final class Watch {

    private static final String USAGE =
            """
            Usage: java Watch FLEET K6_PID SECONDS

            Prints a line for each thing seen: milliseconds since 1970, subject, measure and value, with tabs between.
            FLEET is a folder as scripts/lib/fleet.sh describes it; where a process or a page is not there, its lines are not either.
            The JVMs are asked for their metrics after so many SECONDS each time, with MANAGEMENT_TOKEN, if there is one.

              machine    load, busy, programs, steal, total (but for load in ticks of all processors)
              NAME       cpu (seconds so far), rss (KiB), for haproxy, redis, postgres, k6, idle, watch and appN
              haproxy    what its statistics say of the proxy as a whole
              appN       what its metrics say
            """;

    private static final long PAUSE_MILLISECONDS = 1_000;

    /** Columns of HAProxy's statistics that are kept, of the lines of the frontend and of the backend. */
    private static final List<String> PROXY_COLUMNS =
            List.of("scur", "smax", "slim", "stot", "qcur", "qmax", "econ", "eresp", "wretr", "wredis", "hrsp_3xx", "hrsp_4xx", "hrsp_5xx", "rtime", "ttime");

    private static final List<String> SERVICE_METRICS = List.of(
            "shortwave_clicks_appended_total",
            "shortwave_clicks_booked_total",
            "shortwave_clicks_refused_total",
            "shortwave_clicks_waiting_bytes",
            "jvm_gc_pause_seconds_sum",
            "jvm_memory_used_bytes",
            "vertx_pool_queue_pending");

    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofMillis(500)).build();
    private final Path fleet;
    private final long k6;

    /** A page of metrics is work for who asks as for who answers, and both share their processors with the load. */
    private final int looksPerPage;

    private final Optional<String> token = Stream.of("SHORTWAVE_MANAGEMENT_TOKEN", "MANAGEMENT_TOKEN")
            .map(System::getenv)
            .filter(Objects::nonNull)
            .findFirst();

    private final Set<String> silent = new HashSet<>();
    private final PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    private final Map<String, Processes> nameToProcesses = new HashMap<>();
    private long now;
    private long looks;

    private Watch(Path fleet, long k6, int looksPerPage) {
        this.fleet = fleet;
        this.k6 = k6;
        this.looksPerPage = looksPerPage;
    }

    public static void main(String[] arguments) throws InterruptedException {
        if (arguments.length != 3) {
            System.err.print(USAGE);
            System.exit(2);
        }
        Watch watch = new Watch(Path.of(arguments[0]), Long.parseLong(arguments[1]), Integer.parseInt(arguments[2]));
        long next = System.currentTimeMillis();
        while (true) {
            watch.look();
            next += PAUSE_MILLISECONDS;
            Thread.sleep(Math.max(0, next - System.currentTimeMillis()));
        }
    }

    private void look() {
        now = System.currentTimeMillis();
        machine();
        ProcessHandle.of(k6).ifPresent(process -> processes("k6", process));
        processes("watch", ProcessHandle.current());
        for (String name : names()) {
            // The embedded PostgreSQL is a child of the process that runs it; its own file has more lines than one.
            Optional<String> embedded = name.equals("postgres") ? read("postgres/postmaster.pid") : Optional.empty();
            embedded.or(() -> read(name + ".pid"))
                    .map(text -> Long.parseLong(text.lines().findFirst().orElseThrow()))
                    .flatMap(ProcessHandle::of)
                    .ifPresent(process -> processes(name, process));
            if (looks % looksPerPage == 0) {
                read(name + ".metrics").ifPresent(url -> service(name, url));
            }
        }
        looks++;
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

    private void say(String subject, String measure, String value) {
        out.println(now + "\t" + subject + "\t" + measure + "\t" + value);
    }

    private void machine() {
        text(Path.of("/proc/loadavg")).ifPresent(text -> say("machine", "load", text.split(" ")[0]));
        text(Path.of("/proc/stat")).ifPresent(text -> {
            // cpu user nice system idle iowait irq softirq steal
            long[] ticks = Arrays.stream(text.lines().findFirst().orElse("").split("\\s+"))
                    .skip(1)
                    .limit(8)
                    .mapToLong(Long::parseLong)
                    .toArray();
            long total = Arrays.stream(ticks).sum();
            say("machine", "total", Long.toString(total));
            say("machine", "busy", Long.toString(total - ticks[3] - ticks[4] - ticks[7]));
            say("machine", "programs", Long.toString(ticks[0] + ticks[1] + ticks[2]));
            say("machine", "steal", Long.toString(ticks[7]));
        });
    }

    private void processes(String name, ProcessHandle first) {
        Processes processes = nameToProcesses.computeIfAbsent(name, any -> new Processes());
        processes.look(first, now);
        say(name, "cpu", Double.toString(processes.seconds()));
        // Processes of PostgreSQL share most of their memory, so their sum says nothing.
        if (!name.equals("postgres")) {
            say(name, "rss", Long.toString(processes.kibibytes()));
        }
    }

    /** A process and what it has started, those that have ended meanwhile too. */
    private static final class Processes {

        /** To find children, all processes of the machine are read, which takes time from what is measured. */
        private static final long CHILDREN_MILLISECONDS = 5_000;

        private final Map<ProcessHandle, Double> processToSeconds = new HashMap<>();
        private List<ProcessHandle> running = List.of();
        private long foundAt;

        void look(ProcessHandle first, long now) {
            if (!running.contains(first) || now - foundAt >= CHILDREN_MILLISECONDS) {
                running = Stream.concat(Stream.of(first), first.descendants()).toList();
                foundAt = now;
            }
            for (ProcessHandle process : running) {
                process.info().totalCpuDuration().ifPresent(used -> processToSeconds.put(process, used.toMillis() / 1000.0));
            }
        }

        double seconds() {
            return processToSeconds.values().stream().mapToDouble(Double::doubleValue).sum();
        }

        long kibibytes() {
            return running.stream().mapToLong(process -> resident(process.pid())).sum();
        }
    }

    private static long resident(long pid) {
        return text(Path.of("/proc/" + pid + "/status"))
                .flatMap(status -> status.lines()
                        .filter(line -> line.startsWith("VmRSS:"))
                        .findFirst())
                .map(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .orElse(0L);
    }

    private void proxy(String port) {
        page("http://127.0.0.1:" + port + "/;csv").ifPresent(page -> {
            List<String> lines = page.lines().toList();
            List<String> columns = List.of(lines.get(0).substring(2).split(","));
            for (String line : lines.subList(1, lines.size())) {
                String[] fields = line.split(",");
                boolean frontend = fields[0].equals("public") && fields[1].equals("FRONTEND");
                boolean backend = fields[0].equals("app") && fields[1].equals("BACKEND");
                for (String column : frontend || backend ? PROXY_COLUMNS : List.<String>of()) {
                    String value = fields[columns.indexOf(column)];
                    if (!value.isEmpty()) {
                        say("haproxy", (frontend ? "clients " : "servers ") + column, value);
                    }
                }
            }
        });
    }

    /** Series of one name are added up: the heap has several pools. */
    private void service(String name, String url) {
        page(url).ifPresent(page -> {
            Map<String, Double> sums = new HashMap<>();
            page.lines()
                    .filter(line -> SERVICE_METRICS.stream().anyMatch(line::startsWith))
                    .filter(line -> !line.contains("area=\"nonheap\""))
                    .filter(line -> !line.contains("pool_type=") || line.contains("pool_type=\"sql\""))
                    .forEach(line -> sums.merge(
                            line.substring(0, line.indexOf(line.contains("{") ? '{' : ' ')),
                            Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)),
                            Double::sum));
            sums.forEach((metric, value) -> say(name, metric, Double.toString(value)));
        });
    }

    private Optional<String> page(String url) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofMillis(900));
        // It is the JVMs', and not for HAProxy.
        token.filter(any -> url.endsWith("/metrics")).ifPresent(value -> request.header("Authorization", "Bearer " + value));
        try {
            HttpResponse<String> answer = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() == 200) {
                return Optional.of(answer.body());
            }
            tellOnce(url, "answered " + answer.statusCode());
            return Optional.empty();
        } catch (IOException e) {
            tellOnce(url, e.toString());
            return Optional.empty();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void tellOnce(String url, String what) {
        if (silent.add(url)) {
            System.err.println(url + ": " + what);
        }
    }
}
