package dev.shortwave.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

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
