package dev.shortwave.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shortwave.fixture.Client;
import dev.shortwave.fixture.Servers;
import dev.shortwave.fixture.Service;
import dev.shortwave.fixture.ServiceBuilder;
import dev.shortwave.fixture.ServiceTest;
import dev.shortwave.fixture.TcpProxy;
import dev.shortwave.fixture.TestDatabase;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** Dashboards and alerts speak of what the service really tells. */
@ServiceTest
class ObservabilityTest {

    private static final Path FOLDER = ServiceBuilder.root().resolve("docker/observability");
    private static final Path RUNBOOKS = ServiceBuilder.root().resolve("docs/runbooks");
    private static final Path RULES = FOLDER.resolve("prometheus/alerts/shortwave.yaml");
    private static final Path DASHBOARD = FOLDER.resolve("grafana/dashboards/shortwave.json");

    /** What a name of ours begins with; HAProxy's own are compared by scripts/alerts-test.sh. */
    private static final Pattern METRIC = Pattern.compile("\\b(?:shortwave|vertx|jvm|process|system)_[a-z0-9_]+");

    private static final Pattern WORKER_TASKS =
            Pattern.compile("vertx_pool_completed_total\\{pool_name=\"vert\\.x-worker-thread\"[^}]*} (\\S+)");

    private static final Pattern UUID = Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-");

    private static final Pattern SAMPLE = Pattern.compile("(?m)^[a-z0-9_]+");

    private static TcpProxy proxy;
    private static Service service;

    @BeforeAll
    static void start(Servers servers) {
        TestDatabase database = servers.postgres().newDatabase();
        proxy = TcpProxy.to(database);
        service = servers.service().on(database.through(proxy)).withRedis().start();
    }

    @AfterAll
    static void stop() {
        service.close();
        proxy.close();
    }

    @Test
    void everyMetricOfAlertsAndDashboardsIsThere() throws IOException {
        service.newLink();
        // The collector's time is told after its first run only.
        System.gc();
        Set<String> used = matches(METRIC, Files.readString(RULES) + Files.readString(DASHBOARD));
        assertThat(used).hasSizeGreaterThan(30);
        await().untilAsserted(() -> assertThat(matches(SAMPLE, metrics())).containsAll(used));
    }

    @Test
    void thePanelsAskTheProvisionedDatasource() throws IOException {
        Map<String, List<Map<String, Object>>> provisioned =
                yaml(FOLDER.resolve("grafana/provisioning/datasources/prometheus.yaml"));
        Object uid = provisioned.get("datasources").get(0).get("uid");
        List<JsonObject> panels = new JsonObject(Files.readString(DASHBOARD))
                .getJsonArray("panels").stream().map(JsonObject.class::cast).toList();
        assertThat(panels).extracting(panel -> panel.getInteger("id")).doesNotHaveDuplicates();
        assertThat(panels)
                .filteredOn(panel -> !panel.getString("type").equals("row"))
                .isNotEmpty()
                .allSatisfy(
                        panel -> assertThat(panel.getJsonObject("datasource").getString("uid"))
                                .isEqualTo(uid));
    }

    @Test
    void everyAlertHasARunbookAndEveryRunbookAnAlert() throws IOException {
        Set<String> alerts = new TreeSet<>();
        for (Map<String, Object> rule : rules()) {
            Object alert = rule.get("alert");
            if (alert != null) {
                alerts.add(alert.toString());
                assertThat(rule).extracting("annotations.runbook_url").isEqualTo("docs/runbooks/" + alert + ".md");
            }
        }
        try (Stream<Path> files = Files.list(RUNBOOKS)) {
            assertThat(files.map(file -> file.getFileName().toString()).filter(Predicate.not("README.md"::equals)))
                    .containsExactlyInAnyOrderElementsOf(
                            alerts.stream().map(alert -> alert + ".md").toList());
        }
        String unitTests = Files.readString(FOLDER.resolve("prometheus/alerts_test.yaml"))
                + Files.readString(FOLDER.resolve("prometheus/objectives_test.yaml"));
        String causes = Files.readString(ServiceBuilder.root().resolve("scripts/alerts-test.sh"));
        assertThat(alerts).allSatisfy(alert -> {
            assertThat(unitTests).contains(alert);
            assertThat(causes).contains(alert);
        });
    }

    @Test
    void redirectsDoNotWaitForWhoeverReadsTheMetrics() {
        long before = tasksOfWorkers();
        for (int read = 0; read < 10; read++) {
            metrics();
        }
        assertThat(tasksOfWorkers()).isGreaterThanOrEqualTo(before + 10);
    }

    /** The second of two floods of odd requests says nothing that the first did not, but in other words. */
    @Test
    void noRequestAddsASeries() {
        flood(1);
        metrics();
        Set<String> before = series();
        flood(2);
        assertThat(series()).isEqualTo(before);
        assertThat(before)
                .noneMatch(one -> one.contains("odd"))
                .as("names that are made up anew for each connection")
                .noneMatch(one -> UUID.matcher(one).find());
    }

    private static void flood(int seed) {
        Random random = new Random(seed);
        String link = service.newLink().getString("short_code");
        List<String> methods = List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT");
        List<String> paths = List.of(
                "/",
                "/users",
                "/users/1",
                "/urls/1/stats",
                "/stats/" + link,
                "/" + link,
                "/health",
                "/events",
                "/docs");
        for (int connection = 0; connection < 20; connection++) {
            StringBuilder requests = new StringBuilder();
            for (int number = 0; number < 100; number++) {
                String odd = "odd" + Long.toString(random.nextLong() >>> 1, 36);
                String method = methods.get(number % methods.size());
                String path = paths.get(number % paths.size());
                requests.append(
                        switch (number % 5) {
                            case 0 -> head(odd.repeat(1 + random.nextInt(300)), path, "1.1", "X-A: b");
                            case 1 -> head("GET", "/" + odd + "/" + odd + path, "1.1", "X-A: b");
                            case 2 -> head(method, path + "?" + odd + "=" + odd, "1.1", "X-" + odd + ": " + odd);
                            case 3 -> head(method, "http://" + odd + path, "1.1", "User-Agent: " + odd);
                            default -> head(method, path, "1." + (1 + random.nextInt(9)), "Accept: " + odd + "/" + odd);
                        });
            }
            Client client = connection % 4 == 0 ? service.management() : service;
            client.raw(requests + "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
            String odd = "odd" + random.nextInt();
            client.raw(head("GET", "/", (2 + random.nextInt(8)) + ".0", "X-A: b"));
            client.raw(head("GET", "/", "1.1", "Transfer-Encoding: " + odd));
            client.raw(odd + "\r\n\r\n");
        }
    }

    private static String head(String method, String path, String version, String header) {
        return method + " " + path + " HTTP/" + version + "\r\nHost: odd.example\r\n" + header + "\r\n\r\n";
    }

    private static Set<String> series() {
        // Buffers and memory pools come and go by themselves.
        return metrics()
                .lines()
                .filter(line -> !line.startsWith("#") && !line.startsWith("jvm_"))
                .map(line -> line.substring(0, line.lastIndexOf(' ')))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void itIsToldThatPostgresIsAwayAndThatItIsBack() {
        await().until(() -> metrics().contains("shortwave_database_up 1.0"));
        proxy.cut();
        await().until(() -> metrics().contains("shortwave_database_up 0.0"));
        proxy.restore();
        await().until(() -> metrics().contains("shortwave_database_up 1.0"));
    }

    private static long tasksOfWorkers() {
        return WORKER_TASKS
                .matcher(metrics())
                .results()
                .mapToLong(found -> (long) Double.parseDouble(found.group(1)))
                .findFirst()
                .orElseThrow();
    }

    private static String metrics() {
        return service.management().get("/metrics").expect(200).text();
    }

    private static Set<String> matches(Pattern pattern, String text) {
        return pattern.matcher(text).results().map(MatchResult::group).collect(Collectors.toCollection(TreeSet::new));
    }

    private static List<Map<String, Object>> rules() throws IOException {
        Map<String, List<Map<String, List<Map<String, Object>>>>> file = yaml(RULES);
        return file.get("groups").stream()
                .flatMap(group -> group.get("rules").stream())
                .toList();
    }

    private static <T> T yaml(Path file) throws IOException {
        return new Yaml().load(Files.readString(file));
    }
}
