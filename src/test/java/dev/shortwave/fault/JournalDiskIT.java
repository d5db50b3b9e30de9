package dev.shortwave.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shortwave.fixture.Answer;
import dev.shortwave.fixture.Folders;
import dev.shortwave.fixture.LogLines;
import dev.shortwave.fixture.Servers;
import dev.shortwave.fixture.Service;
import dev.shortwave.fixture.ServiceTest;
import dev.shortwave.fixture.SmallDisk;
import dev.shortwave.fixture.TcpProxy;
import dev.shortwave.fixture.TestDatabase;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The click journal on a disk that fails: every redirect is answered, and booked or counted as refused. */
@ServiceTest
class JournalDiskIT {

    private static final Duration RECOVERY = Duration.ofSeconds(30);
    private static final int SEGMENT_BYTES = 256 * 1024;

    /** With this agent some hundred clicks fill a segment. */
    private static final String AGENT = "x".repeat(1000);

    @TempDir
    Path folder;

    private Path clicks;
    private Servers servers;
    private TestDatabase database;
    private TcpProxy proxy;
    private LogLines log;
    private long redirected;

    @BeforeEach
    void open(Servers given) {
        clicks = folder.resolve("clicks");
        servers = given;
        database = servers.postgres().newDatabase();
        proxy = TcpProxy.to(database);
        log = new LogLines("dev.shortwave.click");
    }

    @AfterEach
    void close() {
        log.close();
        proxy.close();
    }

    private Service service() {
        return servers.service()
                .on(database.through(proxy))
                .impatient()
                .set("clicks.directory", clicks.toString())
                .set("clicks.segment-size", Integer.toString(SEGMENT_BYTES))
                // A disk that is slow to write through is another fault.
                .set("clicks.fsync-interval", "1h")
                .set("verticles.http.instances", "2")
                .start();
    }

    private List<String> errors() {
        return log.all().stream().filter(line -> line.startsWith("ERROR")).toList();
    }

    private void click(Service service, JsonObject link, int times) {
        List<CompletableFuture<Answer>> answers = new ArrayList<>();
        for (int request = 0; request < times; request++) {
            answers.add(service.getSoon("/" + link.getString("short_code"), "User-Agent", AGENT));
        }
        for (CompletableFuture<Answer> answer : answers) {
            answer.join().expect(302);
            redirected++;
        }
    }

    private void clickUntilRefused(Service service, JsonObject link, int clicks) {
        while (service.metric("clicks_dropped_total{reason=\"journal_full\"}") < clicks) {
            click(service, link, 100);
        }
        assertThat(errors()).singleElement().asString().contains("full");
        assertThat(service.metric("clicks_appended_total"))
                .isEqualTo(redirected - service.metric("clicks_dropped_total{reason=\"journal_full\"}"));
    }

    private void awaitRoom(Service service, JsonObject link) {
        await().atMost(RECOVERY).until(() -> {
            double before = service.metric("clicks_dropped_total{reason=\"journal_full\"}");
            click(service, link, 20);
            return service.metric("clicks_dropped_total{reason=\"journal_full\"}") == before;
        });
    }

    private void expectEachBookedOrRefused(Service service, JsonObject link) {
        proxy.restore();
        await().atMost(RECOVERY)
                .untilAsserted(() -> assertThat(database.clicks(link))
                        .isEqualTo(
                                redirected - (long) service.metric("clicks_dropped_total{reason=\"journal_full\"}")));
        await().atMost(RECOVERY).until(() -> service.metric("clicks_pending") == 0);
    }

    /** Room for nothing, and for part of a file: then the disk gets full while one is made. */
    @ParameterizedTest
    @ValueSource(ints = {0, SEGMENT_BYTES / 2})
    void aFullDiskRefusesAndCountsClicksUntilItHasRoom(int freeBytes) {
        try (SmallDisk disk = SmallDisk.ofBytes(32 * SEGMENT_BYTES, folder);
                Service service = service()) {
            JsonObject link = service.newLink();
            disk.fillUpTo(freeBytes);
            proxy.cut();
            clickUntilRefused(service, link, 200);
            // Files come and go, as it tries again and again.
            await().atMost(RECOVERY).ignoreExceptions().untilAsserted(() -> {
                assertThat(segments())
                        .isNotEmpty()
                        .allSatisfy(file -> assertThat(file).hasSize(SEGMENT_BYTES));
                assertThat(service.metric("journal_size_bytes"))
                        .isEqualTo((double) segments().size() * SEGMENT_BYTES);
            });

            disk.makeRoom();
            awaitRoom(service, link);
            expectEachBookedOrRefused(service, link);
        }
    }

    @Test
    void aFolderThatCanNotBeWrittenToRefusesAndCountsClicksUntilItCanBe() {
        try (Service service = service()) {
            JsonObject link = service.newLink();
            click(service, link, 10);
            proxy.cut();
            SmallDisk over = SmallDisk.readOnlyOver(folder);
            try {
                clickUntilRefused(service, link, 200);
            } finally {
                over.close();
            }
            awaitRoom(service, link);
            expectEachBookedOrRefused(service, link);
        }
    }

    @Test
    void aFolderThatIsDeletedIsMadeAgainAndCostsNoClick() throws IOException {
        try (Service service = service()) {
            JsonObject link = service.newLink();
            proxy.cut();
            click(service, link, 10);
            for (int time = 1; time <= 2; time++) {
                Folders.delete(clicks);
                // Into several new files.
                for (int round = 0; round < 40; round++) {
                    click(service, link, 50);
                }
                assertThat(errors())
                        .hasSize(time)
                        .allSatisfy(error -> assertThat(error).contains("deleted while in use"));
                await().atMost(RECOVERY)
                        .ignoreExceptions()
                        .until(() -> !segments().isEmpty());
                expectEachBookedOrRefused(service, link);
            }
            assertThat(service.metric("clicks_dropped_total{reason=\"journal_full\"}"))
                    .isZero();
        }
        assertThat(segments()).isEmpty();
    }

    private List<Path> segments() throws IOException {
        try (var files = Files.walk(clicks)) {
            return files.filter(file -> file.toString().endsWith(".clicks")).toList();
        }
    }
}
