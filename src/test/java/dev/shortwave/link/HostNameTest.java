package dev.shortwave.link;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostNameTest {

    @ParameterizedTest
    @CsvSource({
        "Example.COM, example.com",
        "example.com., example.com",
        "ＥＸＡＭＰＬＥ.com, example.com",
        "Bücher.de, xn--bcher-kva.de",
        "faß.de, xn--fa-hia.de",
        "ex%61mple.com, example.com",
        "192.0.2.7, 192.0.2.7",
        "192.0.519, 192.0.2.7",
        "0xC0000207, 192.0.2.7",
        "127.0.0.1, localhost",
        "127.1, localhost",
        "0, localhost",
        "a.localhost, localhost",
        "[::1], localhost",
        "[::ffff:127.0.0.1], localhost",
        "[2001:DB8::7], 2001:db8:0:0:0:0:0:7"
    })
    void equalHostsAreEqualTexts(String host, String canonical) {
        assertThat(HostName.canonical(host)).isEqualTo(canonical);
    }

    @ParameterizedTest
    @CsvSource({"1.2.3.4.5", "256.1.1.1", "4294967296", "089", "0xg", "[nonsense]", "[", "a..b", "''"})
    void whatIsNoHostStaysAsItIs(String host) {
        assertThat(HostName.canonical(host)).isEqualTo(host);
    }
}
