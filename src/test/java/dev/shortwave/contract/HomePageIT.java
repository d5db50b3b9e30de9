package dev.shortwave.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shortwave.fixture.Chromium;
import dev.shortwave.fixture.Client;
import dev.shortwave.fixture.Service;
import dev.shortwave.fixture.ServiceTest;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;

/** The home page in a real browser. */
@ServiceTest
class HomePageIT {

    private final Service service;

    HomePageIT(Service service) {
        this.service = service;
    }

    /** With hidden characters and letters that look like others, one link could pretend to be another. */
    @Test
    void theNewestLinksShowWhereTheyReallyLead() {
        Chromium.assumeInstalled();
        String path = Client.word();
        shorten(
                "https://example.com/" + path + "/\u202Egpj.exe\u200B?\u2066a",
                "a \u202Etitle\uFEFF of \u05D0\u200D\u05D1");
        shorten("https://\u0430\u0440\u0440\u04CF\u0435.com/" + path + "/\u4F8B", "a homograph");
        String dom = Chromium.dom("http://127.0.0.1:" + service.port() + "/");
        assertThat(dom)
                .contains(">https://example.com/" + path + "/%E2%80%AEgpj.exe%E2%80%8B?%E2%81%A6a<")
                .contains(">a [U+202E]title[U+FEFF] of \u05D0\u200D\u05D1<")
                .contains(">https://xn--80ak6aa92e.com/" + path + "/\u4F8B<")
                .contains("title=\"https://xn--80ak6aa92e.com/" + path + "/\u4F8B\"")
                .contains("dir=\"ltr\"");
        assertThat(dom.replaceAll("href=\"[^\"]*\"", ""))
                .doesNotContain("\u202E", "\u200B", "\u2066", "\uFEFF", "\u0430");
    }

    private void shorten(String url, String title) {
        service.post("/shorten", JsonObject.of("url", url, "title", title)).expect(201);
    }

    /** A browser cuts what is longer than a field may be, and says nothing. */
    @Test
    void theFormCutsNothingThatIsPastedIntoIt() {
        String page = service.get("/", "Accept", "text/html").expect(200).text();
        assertThat(page).contains("<input id=\"url\"").doesNotContain("maxlength");
    }
}
