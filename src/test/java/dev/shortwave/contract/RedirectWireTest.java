package dev.shortwave.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shortwave.fixture.EachCacheTest;
import dev.shortwave.fixture.Service;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Redirects in all forms that HTTP has for one, down to the bytes. {@code #} stands for the code. */
@EachCacheTest
class RedirectWireTest {

    private static final String CLOSE = "Host: a\nConnection: close\n\n";

    private final Service service;
    private final JsonObject link;

    RedirectWireTest(Service service) {
        this.service = service;
        this.link = service.newLink();
    }

    private String code() {
        return link.getString("short_code");
    }

    /** What comes back until the service closes the connection. */
    private String[] answers(String requests) {
        String answers = service.raw(requests.replace("#", code()).replace("\n", "\r\n"));
        return Arrays.stream(answers.split("(?=HTTP/1\\.[01] )")).toArray(String[]::new);
    }

    private void expectRedirect(String answer) {
        assertThat(answer)
                .startsWith("HTTP/1.")
                .contains(" 302 Found\r\n", "\r\nlocation: " + link.getString("original_url") + "\r\n")
                .contains("\r\nx-cache: ", "\r\ncontent-length: 0\r\n")
                .endsWith("\r\n\r\n");
    }

    private void expectClicks(int clicks) {
        assertThat(service.eventsOf(link, "click")).hasSize(clicks);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /# HTTP/1.1",
                "GET /#?a=/b&c=%zz%#d HTTP/1.1",
                "GET http://elsewhere.example/# HTTP/1.1",
                "GET HTTPS://elsewhere.example:8443/#?a=/b HTTP/1.1",
                "GET /urls/#/redirect HTTP/1.1",
                "GET /urls/#/redirect/?a=/b&c=%zz%#d HTTP/1.1",
                "GET http://elsewhere.example/urls/#/redirect?% HTTP/1.1"
            })
    void oneTargetInEachForm(String line) {
        for (String answer : answers(line + "\n" + CLOSE)) {
            expectRedirect(answer);
        }
        expectClicks(1);
    }

    @Test
    void aPercentEncodedCodeIsTheSameCode() {
        StringBuilder encoded = new StringBuilder();
        code().chars().forEach(character -> encoded.append('%').append(Integer.toHexString(character)));
        for (String path : new String[] {encoded.toString(), encoded.substring(0, 3) + code().substring(1)}) {
            expectRedirect(answers("GET /" + path + " HTTP/1.1\n" + CLOSE)[0]);
        }
        expectClicks(2);
    }

    /** As programs send them that do not encode: in UTF-8, or in Latin-1. */
    @Test
    void headersInLettersBeyondAsciiAreKept() {
        String referrer = "https://bücher.example/例";
        String utf8 = new String(referrer.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        expectRedirect(answers("GET /# HTTP/1.1\nReferer: " + utf8 + "\nUser-Agent: caf\u00e9\n" + CLOSE)[0]);
        JsonObject details = service.eventsOf(link, "click").getJsonObject(0).getJsonObject("details");
        assertThat(details.getString("referrer")).isEqualTo(referrer);
        assertThat(details.getString("user_agent")).isEqualTo("café");
        assertThat(service.get("/urls/" + link.getLong("id") + "/stats")
                        .expect(200)
                        .text())
                .contains("xn--bcher-kva.example");
    }

    @Test
    void manyInOneGoAreAnsweredInTheirOrderEachOnce() {
        String three = "GET /# HTTP/1.1\nHost: a\n\nHEAD /# HTTP/1.1\nHost: a\n\nGET /none-# HTTP/1.1\nHost: a\n\n";
        String[] answers = answers(three.repeat(20) + "GET /# HTTP/1.1\n" + CLOSE);
        assertThat(answers).hasSize(61);
        for (int at = 0; at < answers.length; at++) {
            if (at % 3 == 2) {
                assertThat(answers[at]).contains(" 404 ");
            } else {
                expectRedirect(answers[at]);
            }
        }
        expectClicks(21);
    }

    @Test
    void anOldClientIsAnsweredAndLeft() {
        expectRedirect(answers("GET /# HTTP/1.0\n\n")[0]);
        expectClicks(1);
    }

    @Test
    void anOldClientMayStay() {
        String[] answers = answers("GET /# HTTP/1.0\nConnection: keep-alive\n\n".repeat(2) + "GET /# HTTP/1.0\n\n");
        assertThat(answers).hasSize(3).allSatisfy(this::expectRedirect);
        assertThat(answers[0]).containsIgnoringCase("\r\nconnection: keep-alive\r\n");
        expectClicks(3);
    }

    @Test
    void aBodyThatNobodyAskedForIsNoRequest() {
        String body = "GET /# HTTP/1.1\n\n".replace("#", code());
        int length = body.replace("\n", "\r\n").length();
        String[] answers = answers(
                "GET /# HTTP/1.1\nHost: a\nContent-Length: " + length + "\n\n" + body + "GET /# HTTP/1.1\n" + CLOSE);
        assertThat(answers).hasSize(2).allSatisfy(this::expectRedirect);
        expectClicks(2);
    }
}
