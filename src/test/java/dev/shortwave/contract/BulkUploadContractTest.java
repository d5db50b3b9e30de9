package dev.shortwave.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.shortwave.fixture.Answer;
import dev.shortwave.fixture.Client;
import dev.shortwave.fixture.Servers;
import dev.shortwave.fixture.Service;
import dev.shortwave.fixture.ServiceTest;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ServiceTest
class BulkUploadContractTest {

    private static final String HEADER = "id,username,email,created_at\n";
    private static final String TIME = "2025-09-19 22:25:05";

    /** Ids of files lie above all others; each test takes some. */
    private static final AtomicLong FREE_IDS = new AtomicLong(10_000_000);

    /** The largest id that a file may bring, and the largest that JSON readers keep exactly. */
    private static final long MAX_IMPORTED_ID = 9_000_000_000_000_000L;

    private static final long MAX_ID = (1L << 53) - 1;

    /** Gives up soon, and has a database of its own. */
    private static Service impatient;

    private final Service service;

    BulkUploadContractTest(Service service) {
        this.service = service;
    }

    @BeforeAll
    static void start(Servers servers) {
        impatient = servers.service()
                .set("http.upload-idle-timeout", "300ms")
                .set("http.upload-min-rate", "4KiB")
                .set("http.upload-timeout", "1s")
                .set("http.body-timeout", "1s")
                .start();
    }

    @AfterAll
    static void stop() {
        impatient.close();
    }

    private Answer upload(String csv) {
        return service.upload("/users/bulk", "file", csv);
    }

    private static final String UPLOAD = "POST /users/bulk HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n"
            + "Content-Type: multipart/form-data; boundary=b\r\n\r\n";

    private static final String REQUEST =
            UPLOAD + "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"u.csv\"\r\n\r\n";

    private static final String OTHER_FIELD = REQUEST.replace("name=\"file\"", "name=\"other\"");

    /** An upload that goes on as long as a test likes. */
    private static final class SlowUpload implements AutoCloseable {

        private final Socket socket;

        SlowUpload(Service to) throws IOException {
            this(to, REQUEST);
        }

        SlowUpload(Service to, String request) throws IOException {
            socket = new Socket("127.0.0.1", to.port());
            send(request);
        }

        void send(String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
            socket.getOutputStream().flush();
        }

        /** Sends the first text, then the second again and again, until there is an answer, and gives that. */
        String send(String first, String then, int pauseMilliseconds) throws IOException {
            send(first);
            await().pollInterval(Duration.ofMillis(pauseMilliseconds))
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> {
                        if (socket.getInputStream().available() == 0) {
                            send(then);
                        }
                        return socket.getInputStream().available() > 0;
                    });
            byte[] answer = new byte[8192];
            int length = socket.getInputStream().read(answer);
            return new String(answer, 0, length, StandardCharsets.UTF_8);
        }

        /** Sends the text again and again, until the connection is closed. */
        void awaitClose(String text, int pauseMilliseconds) throws IOException {
            socket.setSoTimeout(1);
            await().pollInterval(Duration.ofMillis(pauseMilliseconds))
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> {
                        try {
                            send(text);
                            return socket.getInputStream().read() < 0;
                        } catch (SocketTimeoutException e) {
                            return false;
                        } catch (IOException e) {
                            return true;
                        }
                    });
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private static String rows(long id, int count) {
        StringBuilder rows = new StringBuilder();
        for (int row = 0; row < count; row++) {
            rows.append(row(id + row, "u" + row));
        }
        return rows.toString();
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
                "%d,name,a@example.com,2025-02-30 22:25:05",
                "%d,name,a@example.com,2025-04-31 00:00:00",
                "%d,name,a@example.com,2025-02-29 00:00:00",
                "%d,name,a@example.com,2025-09-19 24:00:00",
                "%d,name,a@example.com,2016-12-31 23:59:60",
                "%d,name,a@example.com,2025-09-19 22:25:05+02:00",
                "%d,name,a@example.com,2025-09-19T 22:25:05",
                "%d,name,a@example.com,2025-09-1922:25:05",
                "%d,name,a@example.com,0000-09-19 22:25:05",
                "%d,name,a@example.com,+12025-09-19 22:25:05",
                "%d,name,a@example.com,٢٠٢٥-09-19 22:25:05",
                "%d,\u00a0,a@example.com,2025-09-19 22:25:05",
                "%d,\u200e\u2066\u00ad,a@example.com,2025-09-19 22:25:05",
                "%d,name,a\u00a0b@example.com,2025-09-19 22:25:05",
                "%d,name,a@example.com",
                "%d,name,a@example.com,2025-09-19 22:25:05,more",
                "abc,name,a@example.com,2025-09-19 22:25:05",
                "0,name,a@example.com,2025-09-19 22:25:05",
                "-5,name,a@example.com,2025-09-19 22:25:05",
                "1.5,name,a@example.com,2025-09-19 22:25:05",
                "٤٠,name,a@example.com,2025-09-19 22:25:05",
                "+40,name,a@example.com,2025-09-19 22:25:05",
                " 40,name,a@example.com,2025-09-19 22:25:05",
                "9000000000000001,name,a@example.com,2025-09-19 22:25:05",
                "9007199254740991,name,a@example.com,2025-09-19 22:25:05",
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
                .set("http.max-upload-size", "64KiB")
                .start()) {
            small.upload("/users/bulk", "file", csv.toString()).problem(413);
            expectNothingStored(id);
        }
    }

    @Test
    void anUploadThatStallsIsGivenUpAndNothingIsStored() {
        long id = FREE_IDS.getAndAdd(10);
        String answer = impatient.raw(REQUEST + HEADER + row(id, Client.word()));
        assertThat(answer).startsWith("HTTP/1.1 408").contains("sent nothing");
        impatient.get("/users/" + id).problem(404);
        assertThat(impatient.database().number("SELECT count(*) FROM import_batches"))
                .isZero();
    }

    @Test
    void anUploadThatIsTooSlowIsGivenUpAndNothingIsStored() throws IOException {
        long id = FREE_IDS.getAndAdd(10_000);
        try (SlowUpload upload = new SlowUpload(impatient)) {
            assertThat(upload.send(HEADER + rows(id, 2_000), row(id + 2_000, "slow"), 50))
                    .startsWith("HTTP/1.1 408")
                    .contains("bytes a second");
        }
        impatient.get("/users/" + id).problem(404);
    }

    @Test
    void anUploadThatNeverEndsIsGivenUpHoweverFastItIs() throws IOException {
        long id = FREE_IDS.getAndAdd(10_000);
        try (SlowUpload upload = new SlowUpload(impatient)) {
            assertThat(upload.send(HEADER, rows(id, 200), 20))
                    .startsWith("HTTP/1.1 408")
                    .contains("took more than");
        }
        impatient.get("/users/" + id).problem(404);
    }

    @Test
    void anUploadWhoseFileNeverBeginsIsGivenUpToo() throws IOException {
        try (SlowUpload upload = new SlowUpload(impatient, OTHER_FIELD)) {
            assertThat(upload.send("", "x".repeat(1_000), 20))
                    .startsWith("HTTP/1.1 408")
                    .contains("took more than");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "--b\r\nContent-Dispo",
                "--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n",
                "--b\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\n",
                "--b\r\nContent-Disposition: form-data; name=\"other\"; filename=\"u.csv\"\r\n\r\n"
            })
    void whatPrecedesTheFileMustNotBeSlow(String body) throws IOException {
        try (SlowUpload upload = new SlowUpload(impatient, UPLOAD + body)) {
            assertThat(upload.send("", "x", 50)).startsWith("HTTP/1.1 408").contains("bytes a second");
        }
        assertThat(impatient.raw(UPLOAD + body)).startsWith("HTTP/1.1 408").contains("the upload sent ");
    }

    @Test
    void whatFollowsTheFileHasTheDeadlineOfABody() throws IOException {
        try (SlowUpload upload = new SlowUpload(impatient)) {
            assertThat(upload.send(HEADER, "\r\n--b--\r\n", 50)).startsWith("HTTP/1.1 201");
            upload.awaitClose("x", 50);
        }
    }

    @Test
    void usersInFilesThatAreOnTheirWayCanBeChangedAndOtherFilesImported() throws IOException {
        JsonObject user = service.newUser();
        String path = "/users/" + user.getLong("id");
        StringBuilder csv = new StringBuilder(HEADER);
        for (int row = 0; row < 3_000; row++) {
            csv.append(row(user.getLong("id"), "renamed"));
        }
        try (SlowUpload one = new SlowUpload(service);
                SlowUpload another = new SlowUpload(service);
                SlowUpload third = new SlowUpload(service)) {
            for (SlowUpload upload : List.of(one, another, third)) {
                upload.send(csv.toString());
            }
            // As long as it takes that the service has read all of them.
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(500);
            do {
                service.patch(path, JsonObject.of("username", Client.word())).expect(200);
                upload(HEADER).expect(201);
            } while (System.nanoTime() < end);
        }
        assertThat(service.get(path).json().getString("username")).isNotEqualTo("renamed");
    }

    @Test
    void idsOfFilesLeaveRoomForTheIdsBehindThem() {
        impatient
                .upload("/users/bulk", "file", HEADER + row(MAX_IMPORTED_ID, Client.word()))
                .expect(201);
        assertThat(impatient.get("/users/" + MAX_IMPORTED_ID).json().getLong("id"))
                .isEqualTo(MAX_IMPORTED_ID);
        long next = impatient.newUser().getLong("id");
        assertThat(next).isBetween(MAX_IMPORTED_ID + 1, MAX_ID);
        impatient
                .upload("/users/bulk", "file", HEADER + row(MAX_ID, Client.word()))
                .problem(400, "id");
        assertThat(impatient.newUser().getLong("id")).isEqualTo(next + 1);

        Client management = impatient.management();
        String url = "id,user_id,short_code,original_url,title,is_active,created_at,updated_at\n%d,%d,maxAA%s,"
                + "https://example.com/,,True,2025-06-01 00:00:00,2025-06-01 00:00:00\n";
        String event = "id,url_id,user_id,event_type,timestamp,details\n%d,%d,,seen,2025-06-01 00:00:00,\n";
        load(management, "urls", url.formatted(MAX_IMPORTED_ID, next, "1")).expect(200);
        load(management, "events", event.formatted(MAX_IMPORTED_ID, MAX_IMPORTED_ID))
                .expect(200);
        load(management, "urls", url.formatted(MAX_IMPORTED_ID + 1, next, "2")).problem(400, "id");
        load(management, "urls", url.formatted(MAX_IMPORTED_ID, MAX_ID + 1, "2"))
                .problem(400, "user_id");
        load(management, "events", event.formatted(MAX_ID, 1)).problem(400, "id");
        load(management, "events", event.formatted(1, MAX_ID + 1)).problem(400, "url_id");
        JsonObject link = impatient.newLink();
        assertThat(link.getLong("id")).isBetween(MAX_IMPORTED_ID + 1, MAX_ID);
        assertThat(impatient.eventsOf(link).getJsonObject(0).getLong("id")).isBetween(MAX_IMPORTED_ID + 1, MAX_ID);
        impatient.delete("/urls/" + link.getLong("id")).expect(204);
    }

    private static Answer load(Client management, String kind, String csv) {
        return management.send(
                "POST", "/admin/seeds/" + kind, BodyPublishers.ofString(csv), "Content-Type", "text/csv");
    }

    @Test
    void anEmptyTimeIsNowAndThatOfAKnownUserStays() {
        long id = FREE_IDS.getAndAdd(10);
        String name = Client.word();
        upload(HEADER + row(id, name)).expect(201);
        String csv = HEADER + id + "," + name + "x," + name + "@example.com,\n" + (id + 1) + "," + name + "," + name
                + "@example.com,\n";
        upload(csv).expect(201);
        JsonObject known = service.get("/users/" + id).json();
        assertThat(known.getString("username")).isEqualTo(name + "x");
        assertThat(known.getString("created_at")).isEqualTo("2025-09-19T22:25:05");
        assertThat(LocalDateTime.parse(service.get("/users/" + (id + 1)).json().getString("created_at")))
                .isCloseTo(LocalDateTime.now(ZoneOffset.UTC), within(1, ChronoUnit.HOURS));
    }

    @Test
    void rowsOfEmptyCellsAreNoRows() {
        long id = FREE_IDS.getAndAdd(10);
        String csv = ",,,\n" + HEADER + ",,,\n" + row(id, Client.word()) + ",,\n \n\"\",,,,\n"
                + row(id + 1, Client.word()) + ",,,";
        assertThat(upload(csv).expect(201).json().getLong("count")).isEqualTo(2);
        service.get("/users/" + (id + 1)).expect(200);
    }

    @Test
    void namesOfAFileAreNormalisedAsThoseOfTheApi() {
        long id = FREE_IDS.getAndAdd(10);
        String name = Client.word();
        upload(HEADER + id + ",\u00a0" + name + "e\u0301 ,\u2003" + name + "@example.com\t," + TIME + "\n")
                .problem(400);
        upload(HEADER + id + ",\u00a0" + name + "e\u0301 ,\u2003" + name + "@example.com ," + TIME + "\n")
                .expect(201);
        JsonObject user = service.get("/users/" + id).json();
        assertThat(user.getString("username")).isEqualTo(name + "\u00e9");
        assertThat(user.getString("email")).isEqualTo(name + "@example.com");
    }

    @Test
    void aPartWithoutTheNameOfAFileIsTakenToo() {
        long id = FREE_IDS.getAndAdd(10_000);
        String csv = HEADER + "%s,Zo\u00eb,z@example.com,\n".formatted(id) + rows(id + 1, 399);
        assertThat(uploadWithoutFileName(csv.getBytes(StandardCharsets.UTF_8))
                        .expect(201)
                        .json()
                        .getLong("count"))
                .isEqualTo(400);
        assertThat(service.get("/users/" + id).json().getString("username")).isEqualTo("Zo\u00eb");
        uploadWithoutFileName("name,email\n".getBytes(StandardCharsets.UTF_8)).problem(400);
        uploadWithoutFileName(csv.getBytes(StandardCharsets.ISO_8859_1)).problem(400, "file");
        uploadWithoutFileName((HEADER + rows(id, 2_000)).getBytes(StandardCharsets.UTF_8))
                .problem(400);
    }

    private Answer uploadWithoutFileName(byte[] file) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(
                "--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n".getBytes(StandardCharsets.UTF_8));
        body.writeBytes(file);
        body.writeBytes("\r\n--b--\r\n".getBytes(StandardCharsets.UTF_8));
        return service.send(
                "POST",
                "/users/bulk",
                BodyPublishers.ofByteArray(body.toByteArray()),
                "Content-Type",
                "multipart/form-data; boundary=b");
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
