package dev.shortwave.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shortwave.error.ProblemException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The public test data of the URL standard, and what people paste. */
class HttpUrlTest {

    static Stream<JsonObject> testData() throws IOException {
        try (InputStream file = HttpUrlTest.class.getResourceAsStream("/url/http-urls.json")) {
            return new JsonArray(new String(file.readAllBytes(), StandardCharsets.UTF_8))
                    .stream().map(JsonObject.class::cast);
        }
    }

    @ParameterizedTest
    @MethodSource("testData")
    void isReadAndSentAsBrowsersDo(JsonObject data) {
        String input = data.getString("input");
        if (data.getBoolean("failure", false)) {
            assertThatThrownBy(() -> HttpUrl.parse("url", input)).isInstanceOf(ProblemException.class);
            return;
        }
        HttpUrl url = HttpUrl.parse("url", input);
        assertThat(HostName.canonical(url.host())).isEqualTo(HostName.canonical(data.getString("host")));
        assertThat(url.port()).isEqualTo(data.getInteger("port"));
        String location = HttpUrl.location(input);
        assertThat(location).matches("[!-~]+");
        assertThat(HttpUrl.parse("url", location)).isEqualTo(url);
        assertThat(HttpUrl.location(location)).isSameAs(location);
        if (data.containsKey("sent")) {
            assertThat(location).endsWith(data.getString("sent"));
            String start = location.substring(
                    0, location.length() - data.getString("sent").length());
            assertThat(start).matches("(?i)https?://[^/?#]*");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " => ",
            quoteCharacter = '\0',
            value = {
                "https://faß.de/ => https://xn--fa-hia.de/",
                "https://βόλος.com => https://xn--nxasmm1c.com",
                "https://भारत.भारत/ => https://xn--h2brj9c.xn--h2brj9c/",
                "https://நாமம்.இந்தியா/ => https://xn--vlcma6dxd.xn--xkc2dl3a5ee0h/",
                "https://BÜCHER.de:81/ä?ö=ü#é => https://xn--bcher-kva.de:81/%C3%A4?%C3%B6=%C3%BC#%C3%A9",
                "https://ex%61mple.com/ => https://example.com/",
                "https://matrix.to/#/#room:matrix.org => https://matrix.to/#/#room:matrix.org",
                "https://fonts.example/css?family=Roboto|Open+Sans => https://fonts.example/css?family=Roboto|Open+Sans",
                "https://a.example/{a,b}?{a,b}#{a} => https://a.example/%7Ba,b%7D?{a,b}#{a}",
                "https://a.example/50%off?50%off#50% => https://a.example/50%off?50%off#50%",
                "https://a.example/\"x\"?\"x\"#\"x\" => https://a.example/%22x%22?%22x%22#%22x%22",
                "https://a.example/a^b?a^b#a^b => https://a.example/a%5Eb?a^b#a^b",
                "https://a.example/a b?a b#a b => https://a.example/a%20b?a%20b#a%20b",
                "https://a.example/<a>?<a>#<a> => https://a.example/%3Ca%3E?%3Ca%3E#%3Ca%3E",
                "https://a.example/`a`?`a`#`a` => https://a.example/%60a%60?`a`#%60a%60",
                "https://a.example/a\\b?a\\b#a\\b => https://a.example/a/b?a\\b#a\\b",
                "https://a.example/it's?it's#it's => https://a.example/it's?it's#it's",
                "https://a.example/a%20b|[c] => https://a.example/a%20b|[c]",
                "HTTPS://A.Example:0443/../x/./y => HTTPS://A.Example:0443/../x/./y",
                "https://a.example/😀 => https://a.example/%F0%9F%98%80"
            })
    void isSentEncodedWhereItMustBe(String url, String location) {
        assertThat(HttpUrl.location(url)).isEqualTo(location);
        HttpUrl.parse("url", url);
    }

    /** What has been stored without today's checks still redirects, to nothing that it should not. */
    @ParameterizedTest
    @CsvSource(
            delimiterString = " => ",
            quoteCharacter = '\0',
            value = {
                "https://a..ü/ä => https://a..%C3%BC/%C3%A4",
                "https://xn--a.ü:8ü/ => https://xn--a.%C3%BC:8%C3%BC/",
                "https://exa mple.com/ => https://exa%20mple.com/",
                "mailto:ä => mailto:%C3%A4",
                "ä => %C3%A4",
                "https:// => https://"
            })
    void storedTextIsSentWhateverItIs(String stored, String location) {
        assertThat(HttpUrl.location(stored)).isEqualTo(location);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://a.example/\r\nSet-Cookie: a=b",
                "https://a\r\n.example/",
                "\r\n",
                "https://a.example:8\n0/"
            })
    void storedControlCharactersAreEncoded(String stored) {
        assertThat(HttpUrl.location(stored)).matches("[!-~]*");
    }
}
