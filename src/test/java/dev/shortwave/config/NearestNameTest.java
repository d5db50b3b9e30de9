package dev.shortwave.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestNameTest {

    private static final List<String> KNOWN = List.of("http.port", "http.host", "cache.ttl");

    @Test
    void findsWhatWasMostLikelyMeant() {
        assertThat(NearestName.to("http.prot", KNOWN)).isEqualTo("http.port");
        assertThat(NearestName.to("htp.host", KNOWN)).isEqualTo("http.host");
        assertThat(NearestName.to("cache.tl", KNOWN)).isEqualTo("cache.ttl");
    }

    @Test
    void guessesNothingWhereNothingIsNear() {
        assertThat(NearestName.to("kubernetes", KNOWN)).isNull();
        assertThat(NearestName.to("", KNOWN)).isNull();
        assertThat(NearestName.to("http.port", List.of())).isNull();
    }
}
