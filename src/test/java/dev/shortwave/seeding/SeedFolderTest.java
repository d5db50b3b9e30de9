package dev.shortwave.seeding;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shortwave.bus.AbortImport;
import dev.shortwave.bus.Addresses;
import dev.shortwave.bus.BeginImport;
import dev.shortwave.bus.Bus;
import dev.shortwave.bus.Codecs;
import dev.shortwave.bus.FinishImport;
import dev.shortwave.bus.ImportRows;
import dev.shortwave.error.Problem;
import dev.shortwave.error.StartupException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The folder's side of an import, against a storage that only writes down what it is asked. */
@ExtendWith(VertxExtension.class)
class SeedFolderTest {

    private static final String SESSION = "imports.test";

    @TempDir
    private Path folder;

    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final List<String> progress = new ArrayList<>();
    private SeedFolder seeds;

    @BeforeEach
    void makeStorage(Vertx vertx) throws IOException {
        Codecs.registerAll(vertx.eventBus());
        Bus.serve(vertx.eventBus(), Addresses.IMPORTS_BEGIN, this::begin);
        Bus.serve(vertx.eventBus(), SESSION + ".begin", this::begin);
        Bus.serve(vertx.eventBus(), SESSION, (ImportRows rows) -> {
            asked.add("rows " + rows.rows().size());
            return rows.rows().stream().flatMap(row -> row.cells().stream()).anyMatch("bad"::equals)
                    ? Future.failedFuture(Problem.badRequest("line 3: user_id must be a positive whole number")
                            .asException())
                    : Future.succeededFuture(true);
        });
        Bus.serve(vertx.eventBus(), SESSION + ".finish", (FinishImport finish) -> {
            asked.add("finish");
            return Future.succeededFuture(new FinishImport.Imported(7, 7));
        });
        Bus.serve(vertx.eventBus(), SESSION + ".abort", (AbortImport abort) -> {
            asked.add("abort");
            return Future.succeededFuture(true);
        });
        Bus bus = new Bus(vertx.eventBus(), Duration.ofSeconds(10), 10);
        seeds = new SeedFolder(vertx, bus, folder, (file, bytes) -> progress.add(file + " " + bytes));
        Files.writeString(folder.resolve("users.csv"), "id,username\n1,ann\n2,bob\n");
        Files.writeString(folder.resolve("urls.csv"), "id,user_id\n1,1\n");
        Files.writeString(folder.resolve("events.csv"), "id,url_id\n1,1\n2,1\n3,1\n4,1\n");
    }

    private Future<BeginImport.Opened> begin(BeginImport request) {
        asked.add("begin " + request.kind() + " " + request.columns() + (request.session() == null ? "" : " in it"));
        return Future.succeededFuture(new BeginImport.Opened(SESSION));
    }

    @Test
    void allFilesAreOneImportInTheOrderOfTheirReferences() throws TimeoutException {
        assertThat(seeds.load().await(10, TimeUnit.SECONDS).rows()).isEqualTo(7);
        assertThat(asked)
                .containsExactly(
                        "begin USERS [id, username]",
                        "rows 2",
                        "begin URLS [id, user_id] in it",
                        "rows 1",
                        "begin EVENTS [id, url_id] in it",
                        "rows 4",
                        "finish");
        assertThat(progress).contains("users.csv 24", "urls.csv 15", "events.csv 26");
    }

    @Test
    void aMissingFileIsNamedAndNothingIsCommitted() throws IOException {
        Files.delete(folder.resolve("urls.csv"));
        assertThat(failure())
                .startsWith("The seeds can't be read: " + folder.resolve("urls.csv") + " is missing or not readable.")
                .contains("embedded.seed-directory");
        assertThat(asked).doesNotContain("finish").contains("abort");
    }

    @Test
    void aMissingFirstFileStartsNoImport() throws IOException {
        Files.delete(folder.resolve("users.csv"));
        assertThat(failure()).contains("users.csv");
        assertThat(asked).isEmpty();
    }

    @Test
    void aBadRowIsNamedByFileAndLineAndNothingIsCommitted() throws IOException {
        Files.writeString(folder.resolve("urls.csv"), "id,user_id\n1,1\n2,bad\n");
        assertThat(failure())
                .isEqualTo("The seeds can't be loaded: " + folder.resolve("urls.csv")
                        + ", line 3: user_id must be a positive whole number. Nothing of them was stored.");
        assertThat(asked).doesNotContain("finish").contains("abort");
    }

    @Test
    void invalidCsvIsNamedByFileAndLine() throws IOException {
        Files.writeString(folder.resolve("events.csv"), "id,url_id\n\"1,1\n");
        assertThat(failure())
                .isEqualTo("The seeds can't be loaded: " + folder.resolve("events.csv")
                        + ", line 2: a quote is never closed. Nothing of them was stored.");
        assertThat(asked).doesNotContain("finish").contains("abort");
    }

    @Test
    void anEmptyFileIsRefused() throws IOException {
        Files.writeString(folder.resolve("users.csv"), "");
        assertThat(failure()).contains("users.csv", "the file is empty, not even a header");
    }

    @Test
    void aFolderInPlaceOfAFile() throws IOException {
        Files.delete(folder.resolve("users.csv"));
        Files.createDirectory(folder.resolve("users.csv"));
        assertThat(failure()).contains("users.csv");
    }

    private String failure() {
        Future<FinishImport.Imported> loaded = seeds.load();
        try {
            loaded.await(10, TimeUnit.SECONDS);
        } catch (Exception e) {
            assertThat(e).isInstanceOf(StartupException.class);
            return e.getMessage();
        }
        throw new AssertionError("loaded");
    }
}
