package dev.shortwave.click;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.StringLength;
import net.jqwik.api.constraints.WithNull;
import org.junit.jupiter.api.Test;

public class ClickCodecTest {

    private static final int AT = 24;

    private final ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 16);

    @Property
    void decodesWhatItEncoded(
            @ForAll long at,
            @ForAll long link,
            @ForAll @WithNull @LongRange(min = 1) Long owner,
            @ForAll @StringLength(min = 1, max = 32) String code,
            @ForAll @StringLength(max = 2048) String destination,
            @ForAll @WithNull @StringLength(max = 1500) String referrer,
            @ForAll @WithNull @StringLength(max = 1500) String userAgent) {
        Click click = new Click(at, link, owner, whole(code), whole(destination), plain(referrer), plain(userAgent));

        int length = Clicks.encode(click, buffer, AT);

        assertThat(length).isLessThanOrEqualTo(Clicks.bound(click));
        assertThat(ClickCodec.decode(buffer, AT, length))
                .isEqualTo(new Click(
                        at,
                        link,
                        owner,
                        click.code(),
                        click.destination(),
                        cut(click.referrer()),
                        cut(click.userAgent())));
    }

    /** Netty gives each byte of a header as one character. */
    @Test
    void headersAreUtf8OrElseLatin1() {
        assertThat(referrerOf(asBytes("https://bücher.example/例?q=😀"))).isEqualTo("https://bücher.example/例?q=😀");
        assertThat(referrerOf("https://b\u00fccher.example/")).isEqualTo("https://bücher.example/");
        // Overlong, half a character, a surrogate: no UTF-8.
        for (String latin1 : new String[] {"\u00c0\u00af", "a\u00c3", "\u00ed\u00a0\u0080"}) {
            assertThat(referrerOf(latin1)).isEqualTo(latin1);
        }
    }

    @Test
    void aHeaderInUtf8IsCutBetweenCharacters() {
        for (String character : new String[] {"é", "例", "😀"}) {
            for (int before = 0; before < 4; before++) {
                String read = referrerOf("x".repeat(before) + asBytes(character.repeat(ClickCodec.MAX_HEADER_LENGTH)));
                assertThat(read).matches("x{" + before + "}(" + character + ")+");
                assertThat(asBytes(read).length())
                        .isBetween(ClickCodec.MAX_HEADER_LENGTH - 3, ClickCodec.MAX_HEADER_LENGTH);
            }
        }
    }

    private String referrerOf(String header) {
        Click click = new Click(1, 2, null, "code", "https://a.example/例", header, header);
        Click read = ClickCodec.decode(buffer, AT, Clicks.encode(click, buffer, AT));
        assertThat(read.destination()).isEqualTo("https://a.example/例");
        assertThat(read.userAgent()).isEqualTo(read.referrer());
        return read.referrer();
    }

    private static String asBytes(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    @Property
    void decodesAnyBytesWithoutAnException(@ForAll byte[] bytes) {
        ByteBuffer garbage = ByteBuffer.wrap(bytes);

        ClickCodec.decode(garbage, 0, bytes.length);
    }

    @Test
    void cutsHeadersOf64KilobytesAndKeepsTheirNeighbours() {
        Click click = new Click(1, 2, 3L, "code", "https://a.example/", "é".repeat(65_536), "x".repeat(65_536));

        int length = Clicks.encode(click, buffer, AT);
        Click read = ClickCodec.decode(buffer, AT, length);

        assertThat(read).isNotNull();
        assertThat(read.referrer()).isEqualTo("é".repeat(ClickCodec.MAX_HEADER_LENGTH));
        assertThat(read.userAgent()).isEqualTo("x".repeat(ClickCodec.MAX_HEADER_LENGTH));
        assertThat(read.code()).isEqualTo("code");
    }

    @Test
    void detailsOmitWhatPostgresqlCannotStore() {
        Click click = new Click(1, 2, null, "code", "https://a.example/", "a\u0000b\ud800c", "d\ne");

        assertThat(click.details())
                .isEqualTo(
                        "{\"short_code\":\"code\",\"original_url\":\"https://a.example/\",\"referrer\":\"abc\",\"user_agent\":\"de\"}");
    }

    /** UTF-8 knows no half characters: they become question marks on the way, which is right for headers. */
    private static String whole(String text) {
        return text == null ? null : text.replaceAll("[\\ud800-\\udfff]", "?");
    }

    /** With no letters that could be bytes of UTF-8. */
    private static String plain(String header) {
        return header == null ? null : whole(header).replaceAll("[\\u0080-\\u00bf]", "é");
    }

    private static String cut(String header) {
        return header == null || header.length() <= ClickCodec.MAX_HEADER_LENGTH
                ? header
                : header.substring(0, ClickCodec.MAX_HEADER_LENGTH);
    }

    public static Click random(Random random, long number) {
        return new Click(
                number,
                1 + random.nextInt(5),
                random.nextBoolean() ? null : 7L,
                "c" + number,
                "https://a.example/" + "x".repeat(random.nextInt(200)),
                random.nextBoolean() ? null : "r".repeat(random.nextInt(100)),
                random.nextBoolean() ? null : "agent é " + number);
    }
}
