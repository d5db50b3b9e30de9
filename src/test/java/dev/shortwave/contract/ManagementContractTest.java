package dev.shortwave.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shortwave.fixture.Answer;
import dev.shortwave.fixture.Client;
import dev.shortwave.fixture.EachCacheTest;
import dev.shortwave.fixture.Servers;
import dev.shortwave.fixture.Service;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

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
        assertThat(config.getJsonObject("http.max-body-size").getString("value"))
                .isEqualTo("64KiB");
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

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/config",
                "/health/live",
                "/admin/verticles/url-storage",
                "/admin/loggers",
                "/admin/links/nosuchcode/explain",
                "/problems",
                "/no/such/route"
            })
    void headAndASlashAtTheEndAnswerAsGetDoesHereToo(String path) {
        Answer get = service.management().get(path);
        Answer head = service.management().head(path).expect(get.status());
        assertThat(head.body()).isEmpty();
        for (String header : new String[] {"Content-Type", "Content-Length"}) {
            assertThat(head.header(header)).as(header).isEqualTo(get.header(header));
        }
        assertThat(service.management().get(path + "/").expect(get.status()).text())
                .isEqualTo(get.text());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "/admin/verticles/url-storage | {}                   | instances is missing",
                "/admin/verticles/url-storage | {'instances':null}   | instances must not be null",
                "/admin/verticles/url-storage | {'instances':true}   | instances must be a whole number or a word",
                "/admin/verticles/url-storage | {'instances':[]}     | instances must be a whole number or a word",
                "/admin/verticles/url-storage | {'instances':''}     | instances must not be empty",
                "/admin/loggers/dev.shortwave | {'level':5}          | level must be a string",
                "/admin/loggers/dev.shortwave | {'level':' '}        | level must not be blank",
                "/admin/loggers/dev.shortwave | []                   | the body must be a JSON object",
            })
    void aBodyOfTheManagementPortSaysWhyItIsRefused(String path, String body, String error) {
        assertThat(service.management()
                        .patch(path, body.replace('\'', '"'))
                        .problem(400)
                        .getString("error"))
                .isEqualTo(error);
    }

    @Test
    void thePublicPortHasNoneOfTheOperatorsRoutes() {
        service.get("/config").problem(404);
        service.post("/admin/cache/warm", new JsonObject()).problem(404);
        service.post("/admin/seeds/users", new JsonObject()).problem(404);
        for (String path : new String[] {
            "/admin/verticles",
            "/admin/threads",
            "/admin/log",
            "/admin/loggers",
            "/admin/links/abcdef/explain",
            "/admin/jfr"
        }) {
            service.get(path).problem(404);
        }
        service.patch("/admin/verticles/http", JsonObject.of("instances", 1)).problem(404);
    }

    @Test
    void aTokenIsAskedForWhereThereIsOne(Servers servers) {
        try (Service guarded = servers.service()
                .on(service.database())
                .set("management.token", TOKEN)
                .start()) {
            Client management = guarded.management();
            for (String path : new String[] {
                "/config",
                "/metrics",
                "/health",
                "/admin/verticles",
                "/admin/threads",
                "/admin/log",
                "/admin/loggers",
                "/admin/links/abcdef/explain",
                "/no/such/route"
            }) {
                var answer = management.get(path);
                answer.problem(401);
                assertThat(answer.header("WWW-Authenticate")).startsWith("Bearer");
                management.get(path, "Authorization", "Bearer wrong").problem(401);
                management.get(path, "Authorization", "Bearer " + TOKEN + "x").problem(401);
                management.get(path, "Authorization", "Basic " + TOKEN).problem(401);
            }
            management.send("POST", "/admin/cache/warm", null).problem(401);
            management.send("POST", "/admin/jfr", null).problem(401);
            management
                    .patch("/admin/verticles/http", JsonObject.of("instances", 1))
                    .problem(401);
            var config = management
                    .get("/config", "Authorization", "Bearer " + TOKEN)
                    .expect(200);
            assertThat(config.text()).doesNotContain(TOKEN);
            guarded.get("/health").expect(200);
        }
    }

    @Test
    void aThreadDumpShowsTheEventLoops() {
        Answer dump = service.management().get("/admin/threads").expect(200);
        assertThat(dump.header("Content-Type")).startsWith("text/plain");
        assertThat(dump.text()).contains("vert.x-eventloop-thread-0", "java.lang.Thread.State");
    }

    @Test
    void theLastLinesOfTheLogAreThere() {
        String line = "line " + Client.word();
        LoggerFactory.getLogger(ManagementContractTest.class).warn(line);
        assertThat(service.management().get("/admin/log").expect(200).text())
                .contains("WARN  " + ManagementContractTest.class.getName() + " " + line + "\n");
    }

    @Test
    void logLevelsChangeAtRunTime() {
        Client management = service.management();
        String logger = "test." + Client.word();
        assertThat(management
                        .patch("/admin/loggers/" + logger, JsonObject.of("level", "debug"))
                        .expect(200)
                        .json()
                        .getString(logger))
                .isEqualTo("debug");
        assertThat(LoggerFactory.getLogger(logger + ".below").isDebugEnabled()).isTrue();
        management
                .patch("/admin/loggers/" + logger, JsonObject.of("level", "default"))
                .expect(200);
        assertThat(LoggerFactory.getLogger(logger).isDebugEnabled()).isFalse();
        assertThat(management.get("/admin/loggers").expect(200).json().containsKey(logger))
                .isFalse();
        management
                .patch("/admin/loggers/" + logger, JsonObject.of("level", "loud"))
                .problem(400, "level");
        management
                .patch("/admin/loggers/no%20logger", JsonObject.of("level", "info"))
                .problem(404);
    }

    @Test
    void theLevelOfTheServiceIsItsSetting() {
        Client management = service.management();
        management
                .patch("/admin/loggers/dev.shortwave", JsonObject.of("level", "warn"))
                .expect(200);
        JsonObject level = management.get("/config").expect(200).json().getJsonObject("log.level");
        assertThat(level.getString("value")).isEqualTo("warn");
        assertThat(level.getString("origin")).isEqualTo("PATCH /admin/loggers/dev.shortwave");
    }

    @Test
    void aRecordingTellsNoSecrets() throws IOException {
        byte[] recording = service.management()
                .send("POST", "/admin/jfr?seconds=1", null)
                .expect(200)
                .body();
        Path file = Files.createTempFile("recording", ".jfr");
        try {
            Files.write(file, recording);
            assertThat(RecordingFile.readAllEvents(file).stream()
                            .map(event -> event.getEventType().getName()))
                    .contains("jdk.CPULoad")
                    .doesNotContain(
                            "jdk.InitialEnvironmentVariable",
                            "jdk.InitialSystemProperty",
                            "jdk.JVMInformation",
                            "jdk.SystemProcess");
        } finally {
            Files.delete(file);
        }
        service.management().send("POST", "/admin/jfr?seconds=0", null).problem(400, "seconds");
    }

    @Test
    void metricsOnThePublicPortCanBeSwitchedOff(Servers servers) {
        try (Service quiet = servers.service()
                .on(service.database())
                .set("http.metrics-enabled", "false")
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
