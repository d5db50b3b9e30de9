package dev.shortwave.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.shortwave.error.Problem;
import dev.shortwave.error.ProblemException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DestinationsTest {

    private static final String FIELD = "original_url";

    private final Destinations destinations = new Destinations(
            List.of(
                    "sho.rt",
                    "links.example:8443",
                    "127.0.0.1:8080",
                    "my_host:8080",
                    "bücher.example",
                    "faß.example:443"),
            2048);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://example.com",
                "https://example.com/",
                "HTTPS://EXAMPLE.COM/Path?query=1&b=%20#fragment",
                "http://example.com:65535/",
                "http://example.com:/",
                "http://example.com./",
                "http://192.0.2.7/x",
                "http://[2001:db8::1]:8080/x",
                "http://under_score.example/",
                "http://under_score.example:81/",
                "https://bücher.de/ä?ö=ü",
                "https://日本.example/日本",
                "http://xn--bcher-kva.de/",
                "http://a/b@c:d",
                "https://example.com/?u=http://sho.rt/",
                "https://example.com#@sho.rt/",
                "https://notsho.rt/",
                "https://sho.rt.example/",
                "https://links.example/",
                "http://127.0.0.1:8081/",
                "http://localhost/",
                "https://my_host/",
                "http://_/",
                "https://भारत.भारत/",
                "https://faß.de/",
                "http://example.com/a b{c}|^`?\\#<#>\"",
                "http://example.com/%zz",
                "http://example.com/a\\b",
                "https://fass.example:443/"
            })
    void areAcceptedUnchanged(String url) {
        assertThat(destinations.validate(FIELD, url, null)).isSameAs(url);
        assertThat(wellFormed(url)).isSameAs(url);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``| must not be empty",
                "` `| must not be blank",
                "example.com| must be an absolute http or https URL",
                "//example.com| must be an absolute http or https URL",
                "/path| must be an absolute http or https URL",
                "ftp://example.com| must be an absolute http or https URL",
                "javascript:alert(1)| must be an absolute http or https URL",
                "data:text/html,x| must be an absolute http or https URL",
                "file:///etc/passwd| must be an absolute http or https URL",
                "httpx://example.com| must be an absolute http or https URL",
                "http:\\\\example.com| must be an absolute http or https URL",
                "http:/\\example.com| must be an absolute http or https URL",
                "http:example.com| must be an absolute http or https URL",
                "http:/example.com| must be an absolute http or https URL",
                "http:///path| must name a host",
                "http://?x| must name a host",
                "http://:80/| must name a host",
                "http://\\example.com| must not have a backslash before its path",
                "http://example.com\\@sho.rt| must not have a backslash before its path",
                "http://example.com\\path| must not have a backslash before its path",
                "http://exa mple.com| must name a valid host",
                "http://.../| must name a valid host",
                "http://a..b.com/| must name a valid host",
                "http://.a.com/| must name a valid host",
                "http://a.com../| must name a valid host",
                "http://xn--a/| must name a valid host",
                "http://xn--/| must name a valid host",
                "http://a\u200db.com/| must name a valid host",
                "http://a%00b/| must name a valid host",
                "http://a%2Fb/| must name a valid host",
                "http://a^b/| must name a valid host",
                "http://256.1.1.1/| must name a valid host",
                "http://1.2.3.4.5/| must name a valid host",
                "http://a.08/| must name a valid host",
                "http://[::1/| must name a valid host",
                "http://[1::2::3]/| must name a valid host",
                "http://[fe80::1%eth0]/| must name a valid host",
                "http://host:port/| must have a port of at most 65535",
                "http://host:8 0/| must have a port of at most 65535",
                "http://under_score:99999/| must have a port of at most 65535",
                "http://host:99999/| must have a port of at most 65535",
                "http://user@example.com| must not carry credentials",
                "http://user:password@example.com| must not carry credentials",
                "http://@example.com| must not carry credentials",
                "http://example.com@sho.rt| must not carry credentials",
                "http://under_score@host_name| must not carry credentials"
            })
    void areRefused(String url, String why) {
        assertThat(refusal(url, null).detail()).isEqualTo(FIELD + " " + why);
    }

    @Test
    void controlCharactersAreRefused() {
        for (char control : "\0\t\n\r\u001b\u007f\u0085\u009f".toCharArray()) {
            assertThat(refusal("http://example.com/a" + control + "b", null).detail())
                    .isEqualTo("original_url must not contain control characters");
        }
        assertThat(refusal("http://example.com/\ud800", null).detail())
                .isEqualTo("original_url must not contain half of a surrogate pair");
    }

    @Test
    void haveALongestLength() {
        String start = "http://example.com/";
        String longest = start + "x".repeat(2048 - start.length());
        assertThat(destinations.validate(FIELD, longest, null)).isSameAs(longest);
        String why = "original_url must have at most 2048 characters when it is percent-encoded";
        assertThat(refusal(longest + "x", null).detail()).isEqualTo(why);
        // Nine characters each when it is sent.
        String wide = start + "例".repeat((2048 - start.length()) / 9);
        assertThat(destinations.validate(FIELD, wide, null)).isSameAs(wide);
        assertThat(refusal(wide + "例", null).detail()).isEqualTo(why);
        assertThat(refusal(start + "例".repeat(1750), null).detail()).isEqualTo(why);
        assertThat(wellFormed(longest + "x")).hasSize(2049);
    }

    @ParameterizedTest
    @ValueSource(strings = {" ", "\n", "\r\n", "\t", "\u00a0", "\u2028", "\u3000", "\ufeff", " \n\t "})
    void whiteSpaceAroundIsCut(String space) {
        String url = "http://example.com/a b";
        assertThat(destinations.validate(FIELD, space + url + space, null)).isEqualTo(url);
        assertThat(wellFormed(space + url + space)).isEqualTo(url);
        assertThat(refusal(space, null).detail()).isEqualTo("original_url must not be blank");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://sho.rt",
                "https://sho.rt/abc",
                "https://SHO.RT/abc",
                "https://sho.rt./abc",
                "https://sho.rt:8443/abc",
                "https://sho.rt:/abc",
                "https://ｓｈｏ.rt/abc",
                "https://links.example:8443/abc",
                "https://links.example:00000008443/abc",
                "https://Links.Example.:08443/abc",
                "http://127.0.0.1:8080/abc",
                "http://127.1:8080/abc",
                "http://127.0.0.2:8080/abc",
                "http://2130706433:8080/abc",
                "http://0x7f000001:8080/abc",
                "http://0x7f.1:8080/abc",
                "http://0177.0.0.1:8080/abc",
                "http://0:8080/abc",
                "http://0.0.0.0:8080/abc",
                "http://[::1]:8080/abc",
                "http://[0:0:0:0:0:0:0:1]:8080/abc",
                "http://[::]:8080/abc",
                "http://[::ffff:127.0.0.1]:8080/abc",
                "http://[::ffff:7f00:1]:8080/abc",
                "http://localhost:8080/abc",
                "http://LOCALHOST.:8080/abc",
                "http://any.localhost:8080/abc",
                "http://my_host:8080/abc",
                "http://MY_HOST.:8080/abc",
                "https://bücher.example/abc",
                "https://BÜCHER.example/abc",
                "https://xn--bcher-kva.example/abc",
                "https://sho%2Ert/abc",
                "https://sho。rt/abc",
                "https://s\u00adho.rt/abc",
                "http://faß.example/abc",
                "https://xn--fa-hia.example/abc"
            })
    void ownHostsAreRefusedInEverySpelling(String url) {
        assertThat(refusal(url, null).detail()).isEqualTo("original_url must not lead back to this service");
    }

    @ParameterizedTest
    @CsvSource({
        "s.example:9000, http://s.example:9000/x",
        "s.example:9000, http://S.EXAMPLE.:9000/x",
        "s.example, http://s.example/x",
        "s.example, https://s.example/x",
        "s.example, https://s.example:443/x",
        "S.Example, http://s.example:80/x",
        "s.example:80, http://s.example/x",
        "s.example:443, https://s.example/x",
        "s.example:443, http://s.example/x",
        "s.example:80, https://s.example/x",
        "127.0.0.1:9000, http://localhost:9000/x",
        "localhost:9000, http://[::1]:9000/x",
        "[::1]:9000, http://127.0.0.1:9000/x",
        "under_score:9000, http://under_score:9000/x"
    })
    void theHostThatTheCallerAskedIsOurs(String host, String url) {
        assertThat(refusal(url, host).detail()).isEqualTo("original_url must not lead back to this service");
    }

    @ParameterizedTest
    @CsvSource({
        "s.example:9000, http://s.example/x",
        "s.example:9000, http://s.example:9001/x",
        "s.example, http://s.example:9000/x",
        "s.example, http://t.example/x",
        "'', http://t.example/x",
        ":, http://t.example/x",
        "::::, http://t.example/x"
    })
    void anotherHostOrPortIsNot(String host, String url) {
        assertThat(destinations.validate(FIELD, url, host)).isSameAs(url);
    }

    private Problem refusal(String url, String host) {
        Problem problem = catchThrowableOfType(ProblemException.class, () -> destinations.validate(FIELD, url, host))
                .problem();
        assertThat(problem.kind()).isEqualTo(Problem.Kind.BAD_REQUEST);
        assertThat(problem.field()).isEqualTo(FIELD);
        return problem;
    }

    /** Checked by a service without names of its own. */
    private static String wellFormed(String url) {
        return new Destinations(List.of(), Destinations.MAX_LENGTH).validate(FIELD, url, null);
    }
}
