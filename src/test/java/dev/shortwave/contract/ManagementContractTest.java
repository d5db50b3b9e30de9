package dev.shortwave.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shortwave.fixture.Client;
import dev.shortwave.fixture.EachCacheTest;
import dev.shortwave.fixture.Servers;
import dev.shortwave.fixture.Service;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;

@EachCacheTest
class ManagementContractTest {

    private static final String TOKEN = "a-token-of-some-length";

    private final Service service;

    ManagementContractTest(Service service) {
        this.service = service;
    }

    @Test
    void theConfigurationIsShownWithItsOriginsAndWithoutItsSecrets() {
        JsonObject config = service.management().get("/config").expect(200).json();
        assertThat(config.getJsonObject("http.port").getString("value")).isEqualTo("0");
        assertThat(config.getJsonObject("http.port").getString("origin")).contains("system property");
        assertThat(config.getJsonObject("http.body-limit").getString("value")).isEqualTo("64KiB");
        assertThat(config.encode())
                .doesNotContain(":" + service.database().password() + "@")
                .contains("database.url");
    }

    @Test
    void aWebPageIsRefused() {
        service.management()
                .send("POST", "/admin/cache/warm", null, "Origin", "http://elsewhere.example")
                .problem(403);
    }

    @Test
    void theCacheCanBeWarmedAgain() {
        JsonObject link = service.newLink();
        JsonObject warmed = service.management()
                .send("POST", "/admin/cache/warm", null)
                .expect(200)
                .json();
        assertThat(warmed.getLong("links")).isPositive();
        assertThat(warmed.getLong("milliseconds")).isNotNegative();
        assertThat(service.get("/" + link.getString("short_code")).expect(302).header("X-Cache"))
                .isEqualTo("HIT");
    }

    @Test
    void theFirstRedirectAfterAStartComesFromTheWarmCache(Servers servers) {
        JsonObject link = service.newLink();
        var builder = servers.service().on(service.database());
        try (Service restarted = (service.hasRedis() ? builder.withRedis() : builder).start()) {
            assertThat(restarted
                            .get("/" + link.getString("short_code"))
                            .expect(302)
                            .header("X-Cache"))
                    .isEqualTo("HIT");
        }
    }

    @Test
    void theManagementPortSpeaksTheSameLanguageOfErrors() {
        service.management().get("/no/such/route").problem(404);
        service.management().get("/admin/cache/warm").problem(405);
        service.management().get("/users").problem(404);
    }

    @Test
    void thePublicPortHasNoneOfTheOperatorsRoutes() {
        service.get("/config").problem(404);
        service.post("/admin/cache/warm", new JsonObject()).problem(404);
        service.post("/admin/seeds/users", new JsonObject()).problem(404);
    }

    @Test
    void aTokenIsAskedForWhereThereIsOne(Servers servers) {
        try (Service guarded = servers.service()
                .on(service.database())
                .set("management.token", TOKEN)
                .start()) {
            Client management = guarded.management();
            for (String path : new String[] {"/config", "/metrics", "/health", "/no/such/route"}) {
                var answer = management.get(path);
                answer.problem(401);
                assertThat(answer.header("WWW-Authenticate")).startsWith("Bearer");
                management.get(path, "Authorization", "Bearer wrong").problem(401);
                management.get(path, "Authorization", "Bearer " + TOKEN + "x").problem(401);
                management.get(path, "Authorization", "Basic " + TOKEN).problem(401);
            }
            management.send("POST", "/admin/cache/warm", null).problem(401);
            var config = management
                    .get("/config", "Authorization", "Bearer " + TOKEN)
                    .expect(200);
            assertThat(config.text()).doesNotContain(TOKEN);
            guarded.get("/health").expect(200);
        }
    }

    @Test
    void metricsOnThePublicPortCanBeSwitchedOff(Servers servers) {
        try (Service quiet = servers.service()
                .on(service.database())
                .set("http.metrics", "false")
                .start()) {
            quiet.get("/metrics").problem(404);
            quiet.management().get("/metrics").expect(200);
            assertThat(quiet.get("/").expect(200).json().containsKey("metrics")).isFalse();
        }
    }

    @Test
    void theManagementPortCanBeSwitchedOff(Servers servers) {
        try (Service alone = servers.service()
                .on(service.database())
                .set("management.enabled", "false")
                .start()) {
            alone.get("/health").expect(200);
            assertThat(alone.management().port()).isZero();
        }
    }
}
