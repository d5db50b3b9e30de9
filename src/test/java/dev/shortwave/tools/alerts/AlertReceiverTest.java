package dev.shortwave.tools.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AlertReceiverTest {

    @Test
    void readsStateAndNameOfEachAlert() {
        String message = """
                {"version":"4","status":"firing","commonLabels":{"alertname":"Common"},"alerts":[
                  {"status":"firing","labels":{"alertname":"RedisDown","job":"a{b}"},"annotations":{"summary":"\\"status\\""}},
                  {"status":"resolved","labels":{"alertname":"DatabaseDown"}}]}
                """;
        assertThat(AlertReceiver.alerts(message)).containsExactly("firing RedisDown", "resolved DatabaseDown");
    }
}
