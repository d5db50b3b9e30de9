package dev.shortwave.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class DidYouMeanTest {

    private static final List<String> KNOWN = List.of("http.port", "http.host", "cache.ttl");

    @Test
    void suggestsTheNearestName() {
        assertThat(DidYouMean.nearest("http.prot", KNOWN)).isEqualTo("http.port");
        assertThat(DidYouMean.nearest("htp.host", KNOWN)).isEqualTo("http.host");
        assertThat(DidYouMean.nearest("cache.tl", KNOWN)).isEqualTo("cache.ttl");
    }

    @Test
    void suggestsNothingIfNoNameIsNear() {
        assertThat(DidYouMean.nearest("kubernetes", KNOWN)).isNull();
        assertThat(DidYouMean.nearest("", KNOWN)).isNull();
        assertThat(DidYouMean.nearest("http.port", List.of())).isNull();
    }
}
