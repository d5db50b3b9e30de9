package dev.shortwave.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shortwave.error.Problem;
import dev.shortwave.error.ProblemException;
import java.util.List;
import java.util.Locale;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class DestinationsPropertiesTest {

    private static final String FIELD = "original_url";

    private final Destinations destinations = new Destinations(List.of("sho.rt", "127.0.0.1:8080"), 2048);

    @Property
    void validUrlsAreAcceptedUnchanged(@ForAll("urls") String url) {
        assertThat(destinations.validate(FIELD, url, "s.example")).isSameAs(url);
    }

    @Property
    void aControlCharacterAnywhereIsRefused(
            @ForAll("urls") String url, @ForAll("controls") char control, @ForAll @IntRange(max = 200) int at) {
        int place = Math.min(at, url.length());
        // Around it is cut what is white space.
        refused("h" + control + url.substring(1));
        if (place > 0 && place < url.length()) {
            refused(url.substring(0, place) + control + url.substring(place));
        }
    }

    @Property
    void credentialsAreRefused(
            @ForAll("urls") String url, @ForAll("words") String user, @ForAll("words") String password) {
        refused(url.replaceFirst("://", "://" + user + "@"));
        refused(url.replaceFirst("://", "://" + user + ":" + password + "@"));
    }

    @Property
    void otherSchemesAreRefused(@ForAll("urls") String url, @ForAll("schemes") String scheme) {
        refused(url.replaceFirst("^https?(?=:)", scheme));
        refused(url.replaceFirst("^https?:", ""));
    }

    @Property
    void ownHostsAreRefused(@ForAll("spellings") String host, @ForAll("tails") String tail, @ForAll boolean secure) {
        refused((secure ? "https://" : "http://") + host + tail);
    }

    @Property(tries = 3000)
    void whateverIsSentNothingElseIsThrown(@ForAll("anything") String text, @ForAll("anything") String host) {
        try {
            String url = destinations.validate(FIELD, text, host);
            assertThat(text).contains(url);
            assertThat(url.toLowerCase(Locale.ROOT)).startsWith("http");
            assertThat(url.chars()).noneMatch(Character::isISOControl);
            assertThat(Destinations.location(url)).matches("[!-~]+");
        } catch (ProblemException e) {
            assertThat(e.problem().kind()).isEqualTo(Problem.Kind.BAD_REQUEST);
        }
    }

    private void refused(String url) {
        assertThatThrownBy(() -> destinations.validate(FIELD, url, "s.example"))
                .as(url)
                .isInstanceOf(ProblemException.class);
    }

    @Provide
    Arbitrary<String> urls() {
        Arbitrary<String> label = Arbitraries.strings()
                .withCharRange('a', 'z')
                .withCharRange('A', 'Z')
                .numeric()
                .ofMinLength(1)
                .ofMaxLength(12);
        // The last label begins with a letter, as all top-level domains do.
        Arbitrary<String> last = Arbitraries.strings().alpha().ofMinLength(2).ofMaxLength(8);
        Arbitrary<String> name = Combinators.combine(label.list().ofMaxSize(3), last)
                .as((labels, top) -> (labels.isEmpty() ? "" : String.join(".", labels) + ".") + top)
                .filter(host -> !host.equalsIgnoreCase("localhost"));
        Arbitrary<String> address = Arbitraries.integers().between(1, 255).map(last8 -> "192.0.2." + last8);
        Arbitrary<String> port = Arbitraries.integers().between(1, 65535).map(number -> ":" + number);
        return Combinators.combine(
                        Arbitraries.of("http", "https", "HTTP", "Https"),
                        Arbitraries.oneOf(name, address, Arbitraries.of("[2001:db8::7]", "under_score.example")),
                        port.injectNull(0.5),
                        tails())
                .as((scheme, host, number, tail) -> scheme + "://" + host + (number == null ? "" : number) + tail)
                .map(url -> url.replaceFirst("^HTTP:", "http:").replaceFirst("^Https:", "https:"));
    }

    @Provide
    Arbitrary<String> tails() {
        String allowed = "abcXYZ019-._~!$&'()*+,;=:@%éü日本";
        Arbitrary<String> segment = Arbitraries.strings()
                .withChars(allowed.toCharArray())
                .ofMaxLength(15)
                .map(text -> text.replace("%", "%2F"));
        return Combinators.combine(segment.list().ofMaxSize(4), segment.injectNull(0.5), segment.injectNull(0.7))
                .as((path, query, fragment) -> (path.isEmpty() ? "" : "/" + String.join("/", path))
                        + (query == null ? "" : "?" + query)
                        + (fragment == null ? "" : "#" + fragment));
    }

    @Provide
    Arbitrary<Character> controls() {
        return Arbitraries.oneOf(
                Arbitraries.chars().range('\0', '\u001f'), Arbitraries.chars().range('\u007f', '\u009f'));
    }

    @Provide
    Arbitrary<String> words() {
        return Arbitraries.strings().alpha().numeric().ofMaxLength(8);
    }

    @Provide
    Arbitrary<String> schemes() {
        return Arbitraries.oneOf(
                Arbitraries.of("ftp", "file", "javascript", "data", "ws", "mailto", "httpss", "xhttp", "h"),
                Arbitraries.strings()
                        .alpha()
                        .ofMinLength(1)
                        .ofMaxLength(9)
                        .filter(scheme -> !scheme.toLowerCase(Locale.ROOT).matches("https?")));
    }

    /** The own hosts, with letters in any case, dots behind, wide letters, and addresses in any notation. */
    @Provide
    Arbitrary<String> spellings() {
        Arbitrary<String> name = Combinators.combine(
                        Arbitraries.of("s", "S", "ｓ", "Ｓ"),
                        Arbitraries.of("h", "H", "ｈ"),
                        Arbitraries.of("o", "O", "ｏ"),
                        Arbitraries.of("rt", "RT", "Rt", "ｒｔ"),
                        Arbitraries.of("", "."),
                        Arbitraries.of("", ":80", ":443", ":8080", ":"))
                .as((s, h, o, rt, dot, port) -> s + h + o + "." + rt + dot + port);
        Arbitrary<String> address = Combinators.combine(
                        Arbitraries.of("127", "0177", "0x7f", "0X7F"),
                        Arbitraries.integers().between(0, 255),
                        Arbitraries.integers().between(1, 255))
                .as((first, second, last) -> first + "." + second + "." + last + ":8080");
        return Arbitraries.oneOf(name, address);
    }

    @Provide
    Arbitrary<String> anything() {
        Arbitrary<String> pieces = Arbitraries.of(
                        "http",
                        "https",
                        "://",
                        ":",
                        "/",
                        "//",
                        "@",
                        "[",
                        "]",
                        "::1",
                        "%",
                        "%00",
                        "%2",
                        "\\",
                        "#",
                        "?",
                        ".",
                        "sho.rt",
                        "example.com",
                        "0x",
                        "127",
                        "99999999999999999999",
                        "_",
                        "-",
                        "ä",
                        "xn--",
                        "xn--a",
                        "。",
                        " ",
                        "\n",
                        "\0",
                        "\ud800",
                        "ß",
                        "\u200d",
                        "\u00ad",
                        "localhost")
                .list()
                .ofMaxSize(10)
                .map(parts -> String.join("", parts));
        return Arbitraries.oneOf(
                Arbitraries.strings().ofMaxLength(60),
                pieces,
                pieces.map(text -> "http://" + text),
                Arbitraries.strings().ofMaxLength(20).map(text -> "https://" + text));
    }
}
