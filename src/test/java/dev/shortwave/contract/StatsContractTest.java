package dev.shortwave.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shortwave.fixture.Answer;
import dev.shortwave.fixture.Client;
import dev.shortwave.fixture.EachCacheTest;
import dev.shortwave.fixture.Service;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

    // What the clicks were

    private static final String FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0";

    private void click(JsonObject link, String... headers) {
        service.get("/" + link.getString("short_code"), headers).expect(302);
    }

    private Answer stats(JsonObject link, String query) {
        return service.get("/stats/" + link.getString("short_code") + query);
    }

    @Test
    void botsAreToldFromPeople() {
        JsonObject link = service.newLink();
        click(link, "User-Agent", FIREFOX);
        click(link, "User-Agent", FIREFOX);
        click(link, "User-Agent", "curl/8.5.0");
        JsonObject stats = byId(link);
        assertThat(stats.getJsonObject("totals")).isEqualTo(JsonObject.of("clicks", 3, "people", 2, "bots", 1));
        assertThat(stats.getJsonArray("agents"))
                .isEqualTo(JsonArray.of(
                        JsonObject.of("family", "Firefox", "bot", false, "clicks", 2),
                        JsonObject.of("family", "curl", "bot", true, "clicks", 1)));
    }

    @Test
    void referrersAreCountedByHost() {
        JsonObject link = service.newLink();
        click(link);
        click(link, "Referer", "https://news.example/one");
        click(link, "Referer", "https://NEWS.example:8443/two?x");
        click(link, "Referer", "https://blog.example/");
        click(link, "Referer", "nowhere at all");
        assertThat(byId(link).getJsonObject("referrers"))
                .isEqualTo(JsonObject.of(
                        "direct",
                        1,
                        "hosts",
                        JsonArray.of(
                                JsonObject.of("host", "news.example", "clicks", 2),
                                JsonObject.of("host", "blog.example", "clicks", 1)),
                        "other",
                        1));
    }

    @Test
    void onlyTheTopReferrersAreShownAndTheRestIsOther() {
        JsonObject link = service.newLink();
        for (int site = 0; site < 12; site++) {
            click(link, "Referer", "https://site" + site + ".example/");
        }
        JsonObject referrers = byId(link).getJsonObject("referrers");
        assertThat(referrers.getJsonArray("hosts")).hasSize(10);
        assertThat(referrers.getLong("other")).isEqualTo(2);
    }

    @Test
    void theUsualSeriesIsTheLastThirtyDays() {
        JsonObject link = service.newLink();
        click(link);
        JsonObject series = byId(link).getJsonObject("series");
        assertThat(series.getString("interval")).isEqualTo("day");
        JsonArray points = series.getJsonArray("points");
        assertThat(points).hasSize(30);
        assertThat(points.getJsonObject(0).getString("at")).isEqualTo(series.getString("from"));
        assertThat(clicksOf(points)).isEqualTo(1);
        assertThat(points.getJsonObject(29).getLong("clicks")).isEqualTo(1);
    }

    private static long clicksOf(JsonArray points) {
        return points.stream()
                .mapToLong(point -> ((JsonObject) point).getLong("clicks"))
                .sum();
    }

    @Test
    void aSeriesOfHoursIsADayLong() {
        JsonObject link = service.newLink();
        click(link, "User-Agent", FIREFOX);
        click(link, "User-Agent", "curl/8");
        JsonArray points = stats(link, "?interval=hour")
                .expect(200)
                .json()
                .getJsonObject("series")
                .getJsonArray("points");
        assertThat(points).hasSize(24);
        JsonObject last = points.getJsonObject(23);
        assertThat(last.getLong("clicks")).isEqualTo(2);
        assertThat(last.getLong("people")).isEqualTo(1);
        assertThat(last.getLong("bots")).isEqualTo(1);
    }

    @Test
    void aRangeIsWidenedToWholeIntervals() {
        JsonObject link = service.newLink();
        JsonObject series = stats(link, "?interval=hour&from=2026-03-14T09:26:53&to=2026-03-14T11:00:01Z")
                .expect(200)
                .json()
                .getJsonObject("series");
        assertThat(series.getString("from")).isEqualTo("2026-03-14T09:00:00");
        assertThat(series.getString("to")).isEqualTo("2026-03-14T12:00:00");
        assertThat(series.getJsonArray("points")).hasSize(3);
        assertThat(clicksOf(series.getJsonArray("points"))).isZero();
        assertThat(stats(link, "?from=2026-03-01&to=2026-03-03")
                        .expect(200)
                        .json()
                        .getJsonObject("series")
                        .getJsonArray("points"))
                .hasSize(2);
    }

    @Test
    void aPostedClickCountsLikeAnyOther() {
        JsonObject link = service.newLink();
        service.post(
                        "/events",
                        JsonObject.of(
                                "event_type",
                                "click",
                                "url_id",
                                link.getLong("id"),
                                "details",
                                JsonObject.of("user_agent", "curl/8", "referrer", "https://news.example/")))
                .expect(201);
        service.post("/events", JsonObject.of("event_type", "seen", "url_id", link.getLong("id")))
                .expect(201);
        JsonObject stats = byId(link);
        assertThat(stats.getLong("click_count")).isEqualTo(1);
        assertThat(stats.getJsonObject("totals").getLong("bots")).isEqualTo(1);
        assertThat(stats.getJsonObject("referrers").getJsonArray("hosts")).hasSize(1);
        assertThat(clicksOf(stats.getJsonObject("series").getJsonArray("points")))
                .isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "interval, interval=week",
        "interval, interval=HOUR",
        "interval, interval=",
        "interval, interval=day&interval=day",
        "from, from=yesterday",
        "from, from=2026-02-30",
        "from, from=2026-03-14T25:00:00",
        "from, from=2026-03-14T09:26:53%2B02:00",
        "from, from=99999-01-01",
        "from, from=%00",
        "to, to=1773480413",
        "to, to=2026-3-14",
        "to, to=Z",
        "from, from=2026-03-14&to=2026-03-14",
        "from, from=2026-03-15&to=2026-03-14",
        "from, from=2999-01-01",
        "from, from=2024-01-01&to=2025-06-01",
        "from, interval=hour&from=2026-01-01&to=2026-03-01"
    })
    void junkInTheRangeIsNamed(String field, String query) {
        JsonObject link = service.newLink();
        assertThat(stats(link, "?" + query).problem(400).getString("field")).isEqualTo(field);
    }

    @Test
    void rangesMayBeAsLongAsTheyMay() {
        JsonObject link = service.newLink();
        assertThat(stats(link, "?from=2025-01-01&to=2026-01-02").expect(200).json())
                .isNotNull();
        stats(link, "?interval=hour&from=2026-01-01&to=2026-02-01").expect(200);
        stats(link, "?to=0001-01-01").expect(200);
    }
}
