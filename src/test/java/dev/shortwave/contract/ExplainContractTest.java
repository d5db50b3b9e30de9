package dev.shortwave.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shortwave.fixture.Answer;
import dev.shortwave.fixture.Client;
import dev.shortwave.fixture.EachCacheTest;
import dev.shortwave.fixture.Servers;
import dev.shortwave.fixture.Service;
import dev.shortwave.fixture.TcpProxy;
import dev.shortwave.fixture.TestDatabase;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What is explained is what is then answered. */
@EachCacheTest
class ExplainContractTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Service service;

    ExplainContractTest(Service service) {
        this.service = service;
    }

    private static JsonObject explain(Service service, String code) {
        return service.management()
                .get("/admin/links/" + code + "/explain")
                .expect(200)
                .json();
    }

    /** The explanation, after it was compared with the answer that follows it. */
    private static JsonObject explained(Service service, String code) {
        JsonObject explanation = explain(service, code);
        JsonObject answer = explanation.getJsonObject("answer");
        Answer given = service.get("/" + code).expect(answer.getInteger("status"));
        if (answer.containsKey("headers")) {
            answer.getJsonObject("headers")
                    .forEach(header -> assertThat(given.header(header.getKey()))
                            .as(header.getKey())
                            .isEqualTo(header.getValue()));
        }
        if (answer.containsKey("error")) {
            assertThat(given.problem(404).getString("error")).isEqualTo(answer.getString("error"));
        }
        return explanation;
    }

    @Test
    void anActiveLinkInMemory() {
        JsonObject link = service.newLink();
        String code = link.getString("short_code");
        service.get("/" + code).expect(302);
        JsonObject explanation = explained(service, code);
        assertThat(explanation.getJsonObject("answer").getString("from")).isEqualTo("memory");
        assertThat(explanation.getJsonObject("answer").getString("why")).contains("in memory", "active");
        assertThat(explanation.getJsonObject("memory").getString("state")).isEqualTo("active");
        assertThat(explanation.getJsonObject("memory").getString("destination"))
                .isEqualTo(link.getString("original_url"));
        assertThat(explanation.getJsonObject("database").getLong("link_id")).isEqualTo(link.getLong("id"));
        assertThat(explanation.getJsonObject("database").getLong("version"))
                .isEqualTo(explanation.getJsonObject("memory").getLong("version"));
        if (service.hasRedis()) {
            assertThat(explanation.getJsonObject("redis").getString("state")).isEqualTo("active");
        } else {
            assertThat(explanation.getJsonObject("redis").getString("why")).isEqualTo("there is no Redis");
        }
        assertThat(explanation.getJsonArray("notes")).isEmpty();
    }

    @Test
    void anExplanationIsNoClick() {
        JsonObject link = service.newLink();
        explain(service, link.getString("short_code"));
        assertThat(service.eventsOf(link, "click")).isEmpty();
    }

    @Test
    void anInactiveLink() {
        JsonObject link = service.newLink();
        service.patch("/urls/" + link.getLong("id"), JsonObject.of("is_active", false))
                .expect(200);
        JsonObject explanation = explained(service, link.getString("short_code"));
        assertThat(explanation.getJsonObject("answer").getInteger("status")).isEqualTo(404);
        assertThat(explanation.getJsonObject("answer").getString("why")).contains("not active");
        assertThat(explanation.getJsonObject("database").getString("state")).isEqualTo("inactive");
    }

    @Test
    void aDeletedLink() {
        JsonObject link = service.newLink();
        service.delete("/urls/" + link.getLong("id")).expect(204);
        JsonObject explanation = explained(service, link.getString("short_code"));
        assertThat(explanation.getJsonObject("memory").getString("state")).isEqualTo("unknown");
        assertThat(explanation.getJsonObject("answer").getString("why")).contains("deleted");
        assertThat(explanation.getJsonObject("database").getString("why")).isEqualTo("there is no row");
    }

    @Test
    void aCodeThatNeverWas() {
        String code = Client.word();
        assertThat(explain(service, code).getJsonObject("memory").getValue("state"))
                .isNull();
        assertThat(explained(service, code).getJsonObject("answer").getString("from"))
                .isEqualTo("database");
        JsonObject again = explained(service, code);
        assertThat(again.getJsonObject("answer").getString("from")).isEqualTo("memory");
        assertThat(again.getJsonObject("answer").getString("why")).contains("no such code");
    }

    @Test
    void whatIsNoCode() {
        assertThat(explain(service, "shorten").getJsonObject("answer").getString("why"))
                .contains("reserved");
        assertThat(explain(service, "no.code").getJsonObject("answer").getString("why"))
                .contains("can't be a code");
    }

    @Test
    void aLinkThatIsInPostgresOnly(Servers servers) {
        JsonObject link = service.newLink();
        var builder = servers.service().on(service.database()).set("cache.warm-at-start", "false");
        try (Service cold = (service.hasRedis() ? builder.withRedis() : builder).start()) {
            JsonObject explanation = explained(cold, link.getString("short_code"));
            assertThat(explanation.getJsonObject("answer").getString("from")).isEqualTo("database");
            assertThat(explanation.getJsonObject("memory").getString("why")).isEqualTo("nothing is there");
            assertThat(explain(cold, link.getString("short_code"))
                            .getJsonObject("answer")
                            .getString("from"))
                    .isEqualTo("memory");
        }
    }

    @Test
    void aLinkThatIsTooOldInMemory(Servers servers) {
        JsonObject link = service.newLink();
        try (Service hasty =
                servers.service().on(service.database()).set("cache.ttl", "1s").start()) {
            hasty.get("/" + link.getString("short_code")).expect(302);
            await().atMost(PATIENCE)
                    .until(() -> !explain(hasty, link.getString("short_code"))
                            .getJsonObject("memory")
                            .getBoolean("counts"));
            JsonObject explanation = explained(hasty, link.getString("short_code"));
            assertThat(explanation.getJsonObject("memory").getString("why")).contains("too old");
            assertThat(explanation.getJsonObject("answer").getString("from")).isEqualTo("database");
        }
    }

    @Test
    void postgresAway(Servers servers) {
        TestDatabase database = service.database();
        JsonObject link = service.newLink();
        try (TcpProxy proxy = TcpProxy.to(database);
                Service alone = servers.service()
                        .on(database.through(proxy))
                        .set("database.connect-timeout", "500ms")
                        .set("cache.ttl", "1s")
                        .start()) {
            alone.get("/" + link.getString("short_code")).expect(302);
            proxy.cut();
            await().atMost(PATIENCE)
                    .until(() -> !explain(alone, link.getString("short_code"))
                            .getJsonObject("memory")
                            .getBoolean("counts"));
            JsonObject known = explained(alone, link.getString("short_code"));
            assertThat(known.getJsonObject("answer").getString("from")).isEqualTo("last_known");
            assertThat(known.getJsonObject("database").getString("why")).startsWith("PostgreSQL did not answer");
            JsonObject unknown = explained(alone, Client.word());
            assertThat(unknown.getJsonObject("answer").getInteger("status")).isEqualTo(503);
            proxy.restore();
        }
    }

    @Test
    void redisAway(Servers servers) {
        if (!service.hasRedis()) {
            return;
        }
        JsonObject link = service.newLink();
        try (TcpProxy proxy = TcpProxy.to(servers.redis());
                Service node = servers.service()
                        .on(service.database())
                        .withRedis(servers.redis().urlThrough(proxy))
                        .start()) {
            node.get("/" + link.getString("short_code")).expect(302);
            proxy.cut();
            await().atMost(PATIENCE)
                    .until(() -> !explain(node, link.getString("short_code"))
                            .getJsonObject("memory")
                            .getBoolean("counts"));
            JsonObject explanation = explained(node, link.getString("short_code"));
            assertThat(explanation.getJsonObject("answer").getString("from")).isEqualTo("database");
            assertThat(explanation.getJsonArray("notes").encode()).contains("no lease");
            proxy.restore();
        }
    }
}
