package dev.shortwave.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shortwave.fixture.Client;
import dev.shortwave.fixture.EachCacheTest;
import dev.shortwave.fixture.Service;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;

@EachCacheTest
class StatsContractTest {

    private final Service service;

    StatsContractTest(Service service) {
        this.service = service;
    }

    private JsonObject byId(JsonObject link) {
        return service.get("/urls/" + link.getLong("id") + "/stats").expect(200).json();
    }

    private JsonObject byCode(JsonObject link) {
        return service.get("/stats/" + link.getString("short_code")).expect(200).json();
    }

    @Test
    void aNewLinkHasNoClicks() {
        JsonObject link = service.newLink();
        JsonObject stats = byId(link);
        for (String field :
                new String[] {"short_code", "original_url", "title", "is_active", "created_at", "updated_at"}) {
            assertThat(stats.getValue(field)).as(field).isEqualTo(link.getValue(field));
        }
        assertThat(stats.getLong("click_count")).isZero();
        assertThat(stats.containsKey("last_clicked_at")).isTrue();
        assertThat(stats.getValue("last_clicked_at")).isNull();
        assertThat(byCode(link)).isEqualTo(stats);
    }

    @Test
    void eachClickIsInTheVeryNextStats() {
        JsonObject link = service.newLink();
        for (int clicks = 1; clicks <= 5; clicks++) {
            service.get("/" + link.getString("short_code")).expect(302);
            assertThat(byId(link).getLong("click_count")).isEqualTo(clicks);
            assertThat(byCode(link).getLong("click_count")).isEqualTo(clicks);
        }
        assertThat(byId(link).getString("last_clicked_at"))
                .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d")
                .isGreaterThanOrEqualTo(link.getString("created_at"));
    }

    @Test
    void readingALinkIsNoClick() {
        JsonObject link = service.newLink();
        service.get("/urls/" + link.getLong("id")).expect(200);
        service.head("/" + link.getString("short_code")).expect(302);
        service.get("/urls?short_code=" + link.getString("short_code")).expect(200);
        assertThat(byId(link).getLong("click_count")).isZero();
    }

    @Test
    void anInactiveLinkKeepsItsStats() {
        JsonObject link = service.newLink();
        service.get("/" + link.getString("short_code")).expect(302);
        service.patch("/urls/" + link.getLong("id"), JsonObject.of("is_active", false))
                .expect(200);
        assertThat(byCode(link).getLong("click_count")).isEqualTo(1);
        assertThat(byCode(link).getBoolean("is_active")).isFalse();
    }

    @Test
    void anEditOfTheLinkLeavesItsClicks() {
        JsonObject link = service.newLink();
        service.get("/" + link.getString("short_code")).expect(302);
        service.patch("/urls/" + link.getLong("id"), JsonObject.of("original_url", "https://example.com/elsewhere"))
                .expect(200);
        service.get("/" + link.getString("short_code")).expect(302);
        assertThat(byId(link).getLong("click_count")).isEqualTo(2);
        assertThat(byId(link).getString("original_url")).isEqualTo("https://example.com/elsewhere");
    }

    @Test
    void anUnknownLinkHasNoStats() {
        service.get("/urls/999999999/stats").problem(404);
        service.get("/stats/" + Client.word()).problem(404);
        service.get("/stats/not%20a%20code").problem(404);
    }
}
