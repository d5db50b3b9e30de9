package dev.shortwave.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpNetworksTest {

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.255.1.2, true",
        "10.0.0.0/8, 11.0.0.0, false",
        "10.0.0.99/8, 10.0.0.1, true",
        "172.16.0.0/12, 172.31.255.255, true",
        "172.16.0.0/12, 172.32.0.0, false",
        "192.0.2.7, 192.0.2.7, true",
        "192.0.2.7, 192.0.2.8, false",
        "0.0.0.0/0, 203.0.113.1, true",
        "0.0.0.0/0, 2001:db8::1, false",
        "::1, ::1, true",
        "::1, 0:0:0:0:0:0:0:1, true",
        "2001:db8::/32, 2001:db8:ffff::1, true",
        "2001:db8::/32, 2001:db9::1, false",
        "::/0, 10.0.0.1, false"
    })
    void anAddressIsInANetworkThatBeginsAsItDoes(String network, String address, boolean expected) {
        assertThat(read(network).contains(address)).isEqualTo(expected);
    }

    @Test
    void anyOfThemIsEnough() {
        IpNetworks networks = read("127.0.0.0/8, ::1");
        assertThat(networks.contains("::1")).isTrue();
        assertThat(networks.contains("127.0.0.1")).isTrue();
        assertThat(networks.contains("10.0.0.1")).isFalse();
    }

    @Test
    void noAddressIsInAnEmptyList() {
        assertThat(read("").contains("127.0.0.1")).isFalse();
        assertThat(read("0.0.0.0/0").contains(null)).isFalse();
        assertThat(read("0.0.0.0/0").contains("localhost")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost",
                "10.0.0.0/33",
                "10.0.0/8",
                "::1/129",
                "10.0.0.0/-1",
                "10.0.0.0/٨",
                "10.0.0.0/+8",
                "10.0.0.0/",
                "/8",
                "1.2.3.4/a"
            })
    void invalidAddressesAreRefused(String text) {
        assertThatThrownBy(() -> read(text)).isInstanceOf(IllegalArgumentException.class);
    }

    private static IpNetworks read(String text) {
        return SettingType.networks().parse().apply(text);
    }
}
