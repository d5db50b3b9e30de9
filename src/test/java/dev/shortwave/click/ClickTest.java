package dev.shortwave.click;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shortwave.error.TextRules;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.OffsetDateTime;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ClickTest {

    private static final Instant AT = Instant.parse("2026-01-02T03:04:05Z");

    @Test
    void itsDetailsAreThoseOfTheContract() {
        Click click = click(null, null);
        assertThat(new JsonObject(click.details()).getMap())
                .containsOnlyKeys("short_code", "original_url")
                .containsEntry("short_code", "abc")
                .containsEntry("original_url", "https://example.com/\"quoted\"?a=b");
        assertThat(click.timestamp()).isEqualTo(OffsetDateTime.parse("2026-01-02T03:04:05Z"));
        assertThat(new Click(-1, 7, null, "abc", "", null, null).timestamp())
                .isEqualTo(OffsetDateTime.parse("1969-12-31T23:59:59.999Z"));
    }

    @Test
    void headersArePresentIfTheyWereSent() {
        Click click = click("https://blog.example/", "curl/8");
        assertThat(new JsonObject(click.details()).getMap())
                .containsEntry("referrer", "https://blog.example/")
                .containsEntry("user_agent", "curl/8");
    }

    @Test
    void headersAreCleaned() {
        assertThat(referrer("a\0b\u001bc\ud800d")).isEqualTo("abcd");
        assertThat(referrer("x".repeat(5000))).hasSize(1024);
        assertThat(referrer("\ud83d\ude00".repeat(2000)))
                .hasSize(1024)
                .satisfies(text -> assertThat(TextRules.isStorable(text)).isTrue());
        assertThat(referrer("x" + "\ud83d\ude00".repeat(2000))).hasSize(1023);
    }

    @Test
    void aHeaderThatIsEmptyAfterCleaningIsAbsent() {
        assertThat(new JsonObject(click("\0", "").details()).getMap()).doesNotContainKeys("referrer", "user_agent");
    }

    @Property
    void itsDetailsAreAlwaysJson(@ForAll String code, @ForAll String destination, @ForAll String userAgent) {
        Click click = new Click(1, 2, null, code, destination, null, userAgent);
        JsonObject details = new JsonObject(click.details());
        assertThat(details.getString("short_code")).isEqualTo(code);
        assertThat(details.getString("original_url")).isEqualTo(destination);
        assertThat(details.getString("user_agent", "")).isEqualTo(TextRules.sanitize(userAgent, 1024));
    }

    private static Click click(String referrer, String userAgent) {
        return new Click(AT.toEpochMilli(), 7, 3L, "abc", "https://example.com/\"quoted\"?a=b", referrer, userAgent);
    }

    private static String referrer(String header) {
        return new JsonObject(click(header, null).details()).getString("referrer");
    }
}
