package dev.shortwave.stats;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReferrerHostsTest {

    @ParameterizedTest
    @CsvSource({
        "https://news.example/a/b?c=d#e, news.example",
        "https://News.EXAMPLE:8443/, news.example",
        "http://news.example, news.example",
        "http://news.example?q=https://other.example/, news.example",
        "http://user:secret@news.example/, news.example",
        "android-app://com.example.reader/, com.example.reader",
        "http://localhost:3000/, localhost",
        "http://192.0.2.7/x, 192.0.2.7",
        "https://Bücher.example/例, xn--bcher-kva.example",
        "https://faß.example/, xn--fa-hia.example",
        "https://xn--bcher-kva.example/, xn--bcher-kva.example"
    })
    void countsTheHostAlone(String referrer, String host) {
        assertThat(ReferrerHosts.host(referrer)).isEqualTo(host);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "news.example",
                "://x",
                "https://",
                "https:///path",
                "about:blank",
                "http://a b/",
                "http://[::1]/",
                "http://ü\uD800.example/"
            })
    void withoutAHostThereIsNone(String referrer) {
        assertThat(ReferrerHosts.host(referrer)).isNull();
        assertThat(ReferrerHosts.host("http://" + "a".repeat(254) + "/")).isNull();
    }

    @Property
    void anythingIsAHostInLowerCaseOrNone(@ForAll String referrer) {
        for (String text : new String[] {referrer, "http://" + referrer}) {
            String host = ReferrerHosts.host(text);
            assertThat(host == null || host.matches("[a-z0-9._-]{1,253}")).isTrue();
        }
    }
}
