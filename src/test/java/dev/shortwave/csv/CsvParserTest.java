package dev.shortwave.csv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shortwave.bus.ImportRows.Row;
import dev.shortwave.error.ProblemException;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CsvParserTest {

    @Test
    void rowsAndTheirLines() {
        assertThat(parse("id,name\n1,ann\n2,bob\n"))
                .containsExactly(row(1, "id", "name"), row(2, "1", "ann"), row(3, "2", "bob"));
    }

    @Test
    void theLastLineBreakMayBeMissing() {
        assertThat(parse("a,b\n1,2")).containsExactly(row(1, "a", "b"), row(2, "1", "2"));
        assertThat(parse("a,b\r\n1,\"2\"\r")).containsExactly(row(1, "a", "b"), row(2, "1", "2"));
    }

    @Test
    void bothLineBreaksAndEmptyLines() {
        assertThat(parse("a\r\n\r\nb\n\nc\n\n")).containsExactly(row(1, "a"), row(3, "b"), row(5, "c"));
    }

    @Test
    void quotes() {
        assertThat(parse("\"a,b\",\"say \"\"hi\"\"\",\"\",\"two\nlines\",\"with\rreturn\"\nx\n"))
                .containsExactly(row(1, "a,b", "say \"hi\"", "", "two\nlines", "with\rreturn"), row(3, "x"));
    }

    @Test
    void emptyCells() {
        assertThat(parse(",\n,,\n\"\"\n")).containsExactly(row(1, "", ""), row(2, "", "", ""), row(3, ""));
    }

    @Test
    void aQuoteInsideAnUnquotedCellIsLiteral() {
        assertThat(parse("5\" disk,x\n")).containsExactly(row(1, "5\" disk", "x"));
    }

    @Test
    void aByteOrderMarkIsNoText() {
        assertThat(parse("\uFEFFid\n1\n")).containsExactly(row(1, "id"), row(2, "1"));
        assertThat(parse("id\n\uFEFF1\n")).containsExactly(row(1, "id"), row(2, "\uFEFF1"));
    }

    @Test
    void charactersThatBeginLikeAByteOrderMark() {
        assertThat(parse("\uFF05id\n1\n")).containsExactly(row(1, "\uFF05id"), row(2, "1"));
        assertThat(parse("\uFEFDid\n")).containsExactly(row(1, "\uFEFDid"));
    }

    @Test
    void nothing() {
        assertThat(parse("")).isEmpty();
        assertThat(parse("\n\r\n")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a\\nb,\"c| line 2: a quote is never closed",
                "a\\n\"b\\nc\\nd| line 2: a quote is never closed",
                "a\\n\"b\"c\\n| line 2: text behind a closing quote",
                "a\\n\"b\" ,c\\n| line 2: text behind a closing quote",
                "a\\n\"x\\ny\"z\\n| line 3: text behind a closing quote",
                "a\\nb\\rc\\n| line 2: a carriage return without a line feed",
                "a\\r\\rb| line 1: a carriage return without a line feed"
            })
    void whatIsNotCsv(String text, String why) {
        assertThatThrownBy(() -> parse(text.replace("\\n", "\n").replace("\\r", "\r")))
                .isInstanceOf(ProblemException.class)
                .hasMessage(why);
    }

    @Test
    void whatIsNotUtf8() {
        byte[][] broken = {
            {(byte) 0xFF},
            {'a', (byte) 0xC3, '\n'},
            {(byte) 0xC0, (byte) 0x80},
            {(byte) 0xED, (byte) 0xA0, (byte) 0x80},
            {(byte) 0xEF, 'a'}
        };
        for (byte[] bytes : broken) {
            assertThatThrownBy(() -> {
                        CsvParser parser = new CsvParser();
                        parser.feed(Buffer.buffer(bytes));
                        parser.end();
                    })
                    .isInstanceOf(ProblemException.class)
                    .hasMessage("line 1: not UTF-8");
        }
    }

    @Test
    void aQuoteThatNeverClosesTakesNoMemory() {
        CsvParser parser = new CsvParser();
        parser.feed(Buffer.buffer("id\n\""));
        Buffer chunk = Buffer.buffer("x".repeat(64 * 1024));
        assertThatThrownBy(() -> {
                    for (int number = 0; number < 17; number++) {
                        parser.feed(chunk);
                    }
                })
                .isInstanceOf(ProblemException.class)
                .hasMessage("line 2: longer than 1048576 bytes");
    }

    @Test
    void aRowOfMaximumLengthIsAccepted() {
        String cell = "x".repeat(CsvParser.MAX_ROW_BYTES - 1);
        assertThat(parse(cell + "\n" + cell + "\n")).containsExactly(row(1, cell), row(2, cell));
        assertThatThrownBy(() -> parse(cell + "xx\n")).isInstanceOf(ProblemException.class);
    }

    private static Row row(long line, String... cells) {
        return new Row(line, List.of(cells));
    }

    private static List<Row> parse(String text) {
        CsvParser parser = new CsvParser();
        List<Row> rows = new ArrayList<>(parser.feed(Buffer.buffer(text.getBytes(StandardCharsets.UTF_8))));
        rows.addAll(parser.end());
        return rows;
    }
}
