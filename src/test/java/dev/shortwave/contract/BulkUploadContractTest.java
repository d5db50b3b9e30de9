package dev.shortwave.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shortwave.fixture.Answer;
import dev.shortwave.fixture.Client;
import dev.shortwave.fixture.Servers;
import dev.shortwave.fixture.Service;
import dev.shortwave.fixture.ServiceTest;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ServiceTest
class BulkUploadContractTest {

    private static final String HEADER = "id,username,email,created_at\n";
    private static final String TIME = "2025-09-19 22:25:05";

    /** Ids of files lie above all others; each test takes some. */
    private static final AtomicLong FREE_IDS = new AtomicLong(10_000_000);

    private final Service service;

    BulkUploadContractTest(Service service) {
        this.service = service;
    }

    private Answer upload(String csv) {
        return service.upload("/users/bulk", "file", csv);
    }

    private static String row(long id, String name) {
        return id + "," + name + "," + name + "@example.com," + TIME + "\n";
    }

    private void expectNothingStored(long id) {
        service.get("/users/" + id).problem(404);
    }

    @Test
    void theRowsAreStoredUnderTheirIds() {
        long id = FREE_IDS.getAndAdd(10);
        String name = Client.word();
        JsonObject imported = upload(HEADER + row(id, name) + row(id + 1, name + "x"))
                .expect(201)
                .json();
        assertThat(imported.getLong("count")).isEqualTo(2);
        assertThat(imported.getLong("imported")).isEqualTo(2);
        assertThat(service.get("/users/" + id).expect(200).json())
                .isEqualTo(JsonObject.of(
                        "id",
                        id,
                        "username",
                        name,
                        "email",
                        name + "@example.com",
                        "created_at",
                        "2025-09-19T22:25:05"));
        service.get("/users/" + (id + 1)).expect(200);
    }

    @Test
    void laterUsersGetIdsAboveTheLargestOfTheFile() {
        long id = FREE_IDS.getAndAdd(10_000) + 5_000;
        upload(HEADER + row(id, Client.word())).expect(201);
        assertThat(service.newUser().getLong("id")).isGreaterThan(id);
        service.newUser();
    }

    @Test
    void repeatedNamesAndAddressesAreAllKeptAndCounted() {
        long id = FREE_IDS.getAndAdd(10);
        String name = Client.word();
        JsonObject imported = upload(HEADER + row(id, name) + row(id + 1, name) + row(id + 2, name))
                .expect(201)
                .json();
        assertThat(imported.getLong("count")).isEqualTo(3);
        for (long each = id; each < id + 3; each++) {
            assertThat(service.get("/users/" + each).expect(200).json().getString("username"))
                    .isEqualTo(name);
        }
        service.post("/users", JsonObject.of("username", name, "email", Client.word() + "@example.com"))
                .problem(409, "username");
        assertThat(service.patch("/users/" + id, JsonObject.of("username", name))
                        .expect(200)
                        .json()
                        .getString("username"))
                .isEqualTo(name);
    }

    @Test
    void aUserOfAFileOwnsLinksAsAnyOther() {
        long id = FREE_IDS.getAndAdd(10);
        upload(HEADER + row(id, Client.word())).expect(201);
        service.post("/urls", JsonObject.of("user_id", id, "original_url", "https://example.com/"))
                .expect(201);
    }

    @Test
    void aRowWhoseIdExistsIsUpdated() {
        JsonObject user = service.newUser();
        String name = Client.word();
        assertThat(upload(HEADER + row(user.getLong("id"), name))
                        .expect(201)
                        .json()
                        .getLong("count"))
                .isEqualTo(1);
        JsonObject updated = service.get("/users/" + user.getLong("id")).json();
        assertThat(updated.getString("username")).isEqualTo(name);
        assertThat(updated.getString("created_at")).isEqualTo("2025-09-19T22:25:05");
    }

    @Test
    void theSameFileAgainChangesNothing() {
        long id = FREE_IDS.getAndAdd(10);
        String name = Client.word();
        String csv = HEADER + row(id, name) + row(id + 1, name);
        upload(csv).expect(201);
        assertThat(upload(csv).expect(201).json().getLong("count")).isEqualTo(2);
        assertThat(service.get("/users?after=" + (id - 1) + "&limit=2").array()).hasSize(2);
        assertThat(service.newUser().getLong("id")).isGreaterThan(id);
    }

    @ParameterizedTest
    @ValueSource(strings = {"username,email", "email,username,created_at", "created_at,email,username"})
    void idsAndTimesMayBeMissingAndColumnsMayComeInAnyOrder(String header) {
        String name = Client.word();
        String row = header.replace("username", name)
                .replace("email", name + "@example.com")
                .replace("created_at", TIME);
        assertThat(upload(header + "\n" + row + "\n").expect(201).json().getLong("count"))
                .isEqualTo(1);
        JsonObject next = service.newUser();
        JsonObject user = service.get("/users?order=desc&after=" + next.getLong("id") + "&limit=1")
                .array()
                .getJsonObject(0);
        assertThat(user.getString("username")).isEqualTo(name);
        assertThat(user.getString("created_at")).isNotBlank();
    }

    @Test
    void quotesCommasLineBreaksAndAMarkAtTheStartAreUnderstood() {
        long id = FREE_IDS.getAndAdd(10);
        String name = Client.word();
        String csv = "\uFEFFid,username,email,created_at\r\n\"" + id + "\",\"" + name + ", \"\"the great\"\"\","
                + name + "@example.com," + TIME + "\r\n\r\n" + (id + 1) + ",Zoë 🚀 " + name + ",b" + name
                + "@example.com," + TIME;
        assertThat(upload(csv).expect(201).json().getLong("count")).isEqualTo(2);
        assertThat(service.get("/users/" + id).json().getString("username")).isEqualTo(name + ", \"the great\"");
        assertThat(service.get("/users/" + (id + 1)).json().getString("username"))
                .isEqualTo("Zoë 🚀 " + name);
    }

    @Test
    void aFileWithoutRowsImportsNothing() {
        assertThat(upload(HEADER).expect(201).json().getLong("count")).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "%d,,a@example.com,2025-09-19 22:25:05",
                "%d,name,,2025-09-19 22:25:05",
                "%d,name,no address,2025-09-19 22:25:05",
                "%d,name,a@example.com,yesterday",
                "%d,name,a@example.com,2025-13-19 22:25:05",
                "%d,name,a@example.com,",
                "%d,name,a@example.com",
                "%d,name,a@example.com,2025-09-19 22:25:05,more",
                "abc,name,a@example.com,2025-09-19 22:25:05",
                "0,name,a@example.com,2025-09-19 22:25:05",
                "-5,name,a@example.com,2025-09-19 22:25:05",
                "1.5,name,a@example.com,2025-09-19 22:25:05",
                "99999999999999999999,name,a@example.com,2025-09-19 22:25:05",
                "%d,nul\u0000byte,a@example.com,2025-09-19 22:25:05",
                "%d,\"name\"x,a@example.com,2025-09-19 22:25:05"
            })
    void aBadRowIsNamedByItsLineAndNothingIsStored(String bad) {
        long id = FREE_IDS.getAndAdd(10);
        String csv = HEADER + row(id, Client.word()) + bad.formatted(id + 1) + "\n" + row(id + 2, Client.word());
        assertThat(upload(csv).problem(400).getString("detail")).contains("line 3");
        expectNothingStored(id);
        expectNothingStored(id + 2);
    }

    @Test
    void aBadRowFarBehindUndoesTheWholeFile() {
        long id = FREE_IDS.getAndAdd(20_000);
        StringBuilder csv = new StringBuilder(HEADER);
        for (int row = 0; row < 10_000; row++) {
            csv.append(row(id + row, "u" + row));
        }
        csv.append("bad,row\n");
        assertThat(upload(csv.toString()).problem(400).getString("detail")).contains("line 10002");
        expectNothingStored(id);
        expectNothingStored(id + 9_999);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\n",
                "username\nx\n",
                "id,username\n1,x\n",
                "id,username,email,created_at,password\n",
                "username,username,email\nx,y,z@example.com\n",
                "<html></html>",
                "1,name,a@example.com,2025-09-19 22:25:05\n",
                "\"username,email\n"
            })
    void aFileThatIsNotOneOfUsersIsRefused(String csv) {
        upload(csv).problem(400);
    }

    @Test
    void aFileThatIsNotUtf8IsRefused() {
        byte[] latin = (HEADER + row(FREE_IDS.getAndAdd(10), "Zo\u00eb")).getBytes(StandardCharsets.ISO_8859_1);
        assertThat(service.upload("/users/bulk", "file", latin).problem(400).getString("detail"))
                .contains("line 2");
    }

    @Test
    void withoutAFileInTheFieldItIsRefused() {
        service.upload("/users/bulk", "document", HEADER).problem(400, "file");
        service.post("/users/bulk", new JsonObject()).problem(400, "file");
        service.send("POST", "/users/bulk", null).problem(400, "file");
        service.send("POST", "/users/bulk", BodyPublishers.ofString(HEADER), "Content-Type", "text/csv")
                .problem(400, "file");
        service.send(
                        "POST",
                        "/users/bulk",
                        BodyPublishers.ofString("--x--\r\n"),
                        "Content-Type",
                        "multipart/form-data; boundary=x")
                .problem(400, "file");
        service.send("POST", "/users/bulk", BodyPublishers.ofString("junk"), "Content-Type", "multipart/form-data")
                .problem(400);
    }

    @Test
    void aBodyThatIsNoFormIsRefused() {
        service.send(
                        "POST",
                        "/users/bulk",
                        BodyPublishers.ofString("this is not the form that was announced"),
                        "Content-Type",
                        "multipart/form-data; boundary=x")
                .problem(400);
    }

    @Test
    void aHundredThousandRowsAreTaken() {
        long id = FREE_IDS.getAndAdd(200_000);
        StringBuilder csv = new StringBuilder(HEADER);
        for (int row = 0; row < 100_000; row++) {
            csv.append(row(id + row, "many" + row));
        }
        assertThat(upload(csv.toString()).expect(201).json().getLong("count")).isEqualTo(100_000);
        service.get("/users/" + id).expect(200);
        service.get("/users/" + (id + 99_999)).expect(200);
        assertThat(service.newUser().getLong("id")).isGreaterThan(id + 99_999);
    }

    @Test
    void aFileBeyondTheLimitIsTooLargeAndNothingIsStored(Servers servers) {
        long id = FREE_IDS.getAndAdd(10_000);
        StringBuilder csv = new StringBuilder(HEADER);
        for (int row = 0; row < 5_000; row++) {
            csv.append(row(id + row, "big" + row));
        }
        try (Service small = servers.service()
                .on(service.database())
                .set("http.upload-limit", "64KiB")
                .start()) {
            small.upload("/users/bulk", "file", csv.toString()).problem(413);
            expectNothingStored(id);
        }
    }

    @Test
    void anUploadThatStallsIsGivenUpAndNothingIsStored(Servers servers) {
        long id = FREE_IDS.getAndAdd(10);
        String part = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"u.csv\"\r\n\r\n" + HEADER
                + row(id, Client.word());
        try (Service hasty = servers.service()
                .on(service.database())
                .set("http.upload-stall-timeout", "300ms")
                .start()) {
            String answer = hasty.raw("POST /users/bulk HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n"
                    + "Content-Type: multipart/form-data; boundary=b\r\n\r\n" + part);
            assertThat(answer).startsWith("HTTP/1.1 408").contains("content-type: application/json\r\n");
            expectNothingStored(id);
        }
    }

    @Test
    void theServiceGoesOnWhileAFileIsTaken() throws Exception {
        long id = FREE_IDS.getAndAdd(100_000);
        StringBuilder csv = new StringBuilder(HEADER);
        for (int row = 0; row < 30_000; row++) {
            csv.append(row(id + row, "busy" + row));
        }
        JsonObject link = service.newLink();
        try (var threads = new Threads(2)) {
            threads.each(number -> {
                if (number == 0) {
                    return upload(csv.toString()).expect(201);
                }
                for (int round = 0; round < 50; round++) {
                    service.get("/" + link.getString("short_code")).expect(302);
                    service.newUser();
                }
                return null;
            });
        }
    }
}
