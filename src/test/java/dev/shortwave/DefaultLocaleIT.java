package dev.shortwave;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shortwave.fixture.Client;
import dev.shortwave.fixture.Servers;
import dev.shortwave.fixture.ServiceTest;
import dev.shortwave.fixture.TestDatabase;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The service in a JVM whose default locale has digits of its own or other rules for letters, and whose default charset
 * has no umlauts. Error Prone refuses calls that ask for these defaults; this covers those within libraries.
 */
@ServiceTest
class DefaultLocaleIT {

    @TempDir
    Path folder;

    /** {@code String.format} writes {@code $۸} for {@code $8} there. */
    @Test
    void persianDigitsAndAnAsciiCharset(Servers servers) {
        serves(servers, "fa", "IR", "US-ASCII");
    }

    /** The small letter of I has no dot there. */
    @Test
    void turkishLetters(Servers servers) {
        serves(servers, "tr", "TR", "ISO-8859-9");
    }

    private void serves(Servers servers, String language, String country, String charset) {
        TestDatabase database = servers.postgres().newDatabase();
        try (Program program = new Program.Start(folder)
                .property("user.language", language)
                .property("user.country", country)
                .property("file.encoding", charset)
                .with("LC_ALL", "C")
                .with("DATABASE_URL", database.url())
                .with("LOG_LEVEL", "INFO")
                .with("LOG_FORMAT", "TEXT")
                .run()) {
            Client client = new Client(program.awaitReady());
            JsonObject user = client.post(
                            "/users",
                            new JsonObject().put("username", "İpek Çelik").put("email", "IPEK@EXAMPLE.COM"))
                    .expect(201)
                    .json();
            assertThat(user.getString("username")).isEqualTo("İpek Çelik");
            client.upload(
                            "/users/bulk",
                            "file",
                            "id,username,email,created_at\n12345,ılık,I@I.ORG,2025-01-02 03:04:05\n")
                    .expect(201);
            assertThat(client.get("/users/12345").expect(200).json())
                    .isEqualTo(new JsonObject()
                            .put("id", 12345)
                            .put("username", "ılık")
                            .put("email", "I@I.ORG")
                            .put("created_at", "2025-01-02T03:04:05"));

            JsonObject link = client.post(
                            "/urls",
                            new JsonObject()
                                    .put("user_id", user.getLong("id"))
                                    .put("original_url", "https://EXAMPLE.com/İ/ğ?q=ü")
                                    .put("title", "ığüşöç"))
                    .expect(201)
                    .json();
            assertThat(link.getString("title")).isEqualTo("ığüşöç");
            client.get("/" + link.getString("short_code"), "Referer", "https://INFO.example/", "User-Agent", "CURL/8")
                    .expect(302);
            JsonObject clicks = new JsonObject().put("event_type", "checked").put("url_id", link.getLong("id"));
            client.post("/events", clicks).expect(201);
            assertThat(client.get("/events?event_type=click&url_id=" + link.getLong("id"))
                            .expect(200)
                            .array())
                    .hasSize(1);
            JsonObject stats = client.get("/urls/" + link.getLong("id") + "/stats")
                    .expect(200)
                    .json();
            assertThat(stats.getLong("click_count")).isEqualTo(1);
            assertThat(stats.encode()).contains("info.example");
            assertThat(database.clicks(link)).isEqualTo(1);

            assertThat(client.get("/metrics").expect(200).text())
                    .contains("shortwave_clicks_booked_total")
                    .doesNotContainPattern("[\\u0600-\\u06ff]");
            assertThat(program.output()).contains("Started 1 × ");
            assertThat(program.terminate().awaitExit()).as(program::toString).isZero();
        }
    }
}
