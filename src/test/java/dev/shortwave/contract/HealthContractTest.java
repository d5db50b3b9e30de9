package dev.shortwave.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shortwave.fixture.Client;
import dev.shortwave.fixture.EachCacheTest;
import dev.shortwave.fixture.Service;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import org.junit.jupiter.api.Test;

@EachCacheTest
class HealthContractTest {

    private final Service service;

    HealthContractTest(Service service) {
        this.service = service;
    }

    @Test
    void healthNamesTheStateOfPostgresAndRedis() {
        JsonObject health = service.get("/health").expect(200).json();
        assertThat(health.getString("status")).isEqualTo("ok");
        assertThat(health.getString("database")).isEqualTo("ok");
        assertThat(health.getString("redis")).isEqualTo(service.hasRedis() ? "ok" : "disabled");
        assertThat(health.getString("version")).isNotBlank();
        assertThat(health.getLong("uptime_seconds")).isNotNegative();
    }

    @Test
    void liveAndReadyAnswerWhileAllIsWell() {
        assertThat(service.get("/health/live").expect(200).json().getString("status"))
                .isEqualTo("ok");
        assertThat(service.get("/health/ready").expect(200).json().getString("status"))
                .isEqualTo("ok");
    }

    @Test
    void healthAnswersOnTheManagementPortToo() {
        assertThat(service.management().get("/health").expect(200).json().getString("database"))
                .isEqualTo("ok");
        service.management().get("/health/live").expect(200);
        service.management().get("/health/ready").expect(200);
    }

    @Test
    void operatorsSeeSinceWhenADependencyIsInItsState() {
        JsonObject first =
                service.management().get("/health").expect(200).json().getJsonObject("dependencies");
        assertThat(first.getJsonObject("database").getString("state")).isEqualTo("ok");
        assertThat(first.getJsonObject("database").getDouble("milliseconds")).isPositive();
        JsonObject redis = first.getJsonObject("redis");
        assertThat(redis.getString("state")).isEqualTo(service.hasRedis() ? "ok" : "disabled");
        assertThat(redis.getInstant("since")).isBefore(Instant.now());
        assertThat(redis.containsKey("milliseconds")).isEqualTo(service.hasRedis());
        assertThat(first.getJsonObject("lease").getString("state")).isEqualTo(service.hasRedis() ? "ok" : "disabled");
        JsonObject second =
                service.management().get("/health/ready").expect(200).json().getJsonObject("dependencies");
        assertThat(second.getJsonObject("database").getInstant("since"))
                .isEqualTo(first.getJsonObject("database").getInstant("since"))
                .isBefore(Instant.now());
        assertThat(service.get("/health").expect(200).json().containsKey("dependencies"))
                .isFalse();
    }

    @Test
    void metricsTellOfTheSameDependencies() {
        JsonObject health =
                service.management().get("/health").expect(200).json().getJsonObject("dependencies");
        assertThat(health.fieldNames()).containsExactly("database", "redis", "lease", "clicks");
        assertThat(sample("shortwave_database_up ")).isEqualTo(1);
        assertThat(sample("shortwave_clicks_failing_seconds ")).isZero();
        assertThat(health.getJsonObject("clicks").getString("state")).isEqualTo("ok");
        assertThat(sample("shortwave_database_clock_offset_seconds ")).isBetween(-60.0, 60.0);
        assertThat(health.getJsonObject("database").getDouble("clock_offset_seconds"))
                .isBetween(-60.0, 60.0);
        assertThat(sample("shortwave_dependency_probe_duration_seconds{dependency=\"database\"}"))
                .isPositive();
        if (service.hasRedis()) {
            await().untilAsserted(() -> assertThat(
                            sample("shortwave_dependency_probe_duration_seconds{dependency=\"redis\"}"))
                    .isPositive());
            assertThat(sample("shortwave_redis_up ")).isEqualTo(1);
        }
    }

    @Test
    void metricsArePrometheusTextOnBothPorts() {
        service.newLink();
        for (var client : new Client[] {service, service.management()}) {
            var answer = client.get("/metrics").expect(200);
            assertThat(answer.header("Content-Type")).startsWith("text/plain");
            assertThat(answer.text())
                    .contains("# TYPE shortwave_redirects_total counter")
                    .contains("shortwave_clicks_booked_total")
                    .contains("http_route=\"/urls\"");
        }
    }

    @Test
    void metricsNeverCarryACode() {
        JsonObject link = service.newLink();
        service.get("/" + link.getString("short_code")).expect(302);
        service.get("/urls/" + link.getString("short_code") + "/redirect").expect(302);
        service.get("/stats/" + link.getString("short_code")).expect(200);
        assertThat(service.get("/metrics").expect(200).text()).doesNotContain(link.getString("short_code"));
    }

    @Test
    void metricsShowVerticlesAndEventLoops() {
        String metrics = service.management().get("/metrics").expect(200).text();
        assertThat(metrics)
                .contains("shortwave_verticle_instances{verticle=\"url-storage\"} 1.0")
                .contains("shortwave_verticle_active_requests{verticle=\"http\"}")
                .contains("shortwave_event_loop_lag_seconds{loop=\"0\"}");
        assertThat(sample("shortwave_event_loop_cpu_seconds_total{loop=\"0\"}")).isPositive();
    }

    @Test
    void metricsSayWhatRuns() {
        assertThat(sample("shortwave_build_info{")).isEqualTo(1);
        String version = service.get("/health").json().getString("version");
        assertThat(service.get("/metrics").expect(200).text())
                .containsPattern("(?m)^shortwave_build_info\\{commit=\"[^\"$]+\",java=\"[0-9][^\"]*\",version=\""
                        + version + "\",vertx=\"5\\.[^\"]+\"}");
    }

    @Test
    void redirectsAreCounted() {
        String found = "shortwave_redirects_total{outcome=\"found\",source=\"memory\"}";
        JsonObject link = service.newLink();
        double before = sample(found);
        service.get("/" + link.getString("short_code")).expect(302);
        service.get("/" + link.getString("short_code")).expect(302);
        assertThat(sample(found)).isGreaterThanOrEqualTo(before + 2);
    }

    private double sample(String name) {
        return service.get("/metrics")
                .text()
                .lines()
                .filter(line -> line.startsWith(name))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .findFirst()
                .orElseThrow();
    }
}
