package dev.shortwave.csv;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shortwave.bus.ImportRows.Row;
import dev.shortwave.error.Problem;
import dev.shortwave.error.ProblemException;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class CsvParserPropertiesTest {

    /** How a cell is written: quoted where it need not be, or only where it must. */
    record Cell(String text, boolean quoted) {

        String written(boolean alone) {
            boolean needs = text.isEmpty() && alone
                    || text.startsWith("\"")
                    || text.chars().anyMatch(c -> c == ',' || c == '\n' || c == '\r');
            return quoted || needs ? "\"" + text.replace("\"", "\"\"") + "\"" : text;
        }
    }

    @Property
    void readsWhatWasWritten(
            @ForAll("tables") List<List<Cell>> table,
            @ForAll boolean windows,
            @ForAll boolean ended,
            @ForAll Random cuts) {
        StringBuilder text = new StringBuilder();
        List<Row> expected = new ArrayList<>();
        long line = 1;
        for (int at = 0; at < table.size(); at++) {
            List<Cell> cells = table.get(at);
            List<String> texts = cells.stream().map(Cell::text).toList();
            expected.add(new Row(line, texts));
            for (int cell = 0; cell < cells.size(); cell++) {
                text.append(cell == 0 ? "" : ",").append(cells.get(cell).written(cells.size() == 1));
            }
            if (ended || at < table.size() - 1) {
                text.append(windows ? "\r\n" : "\n");
            }
            line += 1
                    + texts.stream()
                            .flatMapToInt(String::chars)
                            .filter(c -> c == '\n')
                            .count();
        }
        assertThat(parse(text.toString().getBytes(StandardCharsets.UTF_8), cuts))
                .isEqualTo(expected);
    }

    @Property(tries = 3000)
    void anyBytesAreRowsOrAProblemWithALine(@ForAll("bytes") byte[] bytes, @ForAll Random cuts) {
        try {
            assertThat(parse(bytes, cuts))
                    .allSatisfy(row -> assertThat(row.cells()).isNotEmpty());
        } catch (ProblemException e) {
            assertThat(e.problem().kind()).isEqualTo(Problem.Kind.BAD_REQUEST);
            assertThat(e.problem().detail()).matches("line \\d+: .+");
        }
    }

    /** Where the network cuts the text must not matter. */
    @Property
    void cutsDoNotMatter(@ForAll("bytes") byte[] bytes, @ForAll Random cuts) {
        assertThat(outcome(bytes, cuts)).isEqualTo(outcome(bytes, new Random(0) {
            private static final long serialVersionUID = 1L;

            @Override
            public int nextInt(int bound) {
                return bound - 1;
            }
        }));
    }

    private static Object outcome(byte[] bytes, Random cuts) {
        try {
            return parse(bytes, cuts);
        } catch (ProblemException e) {
            return e.problem();
        }
    }

    private static List<Row> parse(byte[] bytes, Random cuts) {
        CsvParser parser = new CsvParser();
        List<Row> rows = new ArrayList<>();
        int from = 0;
        while (from < bytes.length) {
            int length = 1 + cuts.nextInt(bytes.length - from);
            rows.addAll(parser.feed(Buffer.buffer(bytes).slice(from, from + length)));
            from += length;
        }
        rows.addAll(parser.end());
        return rows;
    }

    @Provide
    Arbitrary<List<List<Cell>>> tables() {
        Arbitrary<String> text = Arbitraries.oneOf(
                // A carriage return just before the end of a cell and all kinds of characters that UTF-8 can hold.
                Arbitraries.strings().withChars(",\"\n\rab ä日".toCharArray()).ofMaxLength(8),
                Arbitraries.strings().ofMaxLength(6).map(any -> any.replaceAll("[\ud800-\udfff]", "?")),
                Arbitraries.of("😀", "\uFEFF", "\0", "True", "2025-09-19 22:25:05", "{\"\"a\"\": 1}"));
        Arbitrary<Cell> cell =
                Combinators.combine(text, Arbitraries.of(true, false)).as(Cell::new);
        return cell.list()
                .ofMinSize(1)
                .ofMaxSize(5)
                .list()
                .ofMaxSize(6)
                // A byte order mark at the very start would be dropped, as it should be.
                .filter(table -> table.isEmpty() || !table.get(0).get(0).text().startsWith("\uFEFF"));
    }

    @Provide
    Arbitrary<byte[]> bytes() {
        Arbitrary<Byte> likely = Arbitraries.of(
                (byte) '"',
                (byte) ',',
                (byte) '\n',
                (byte) '\r',
                (byte) 'a',
                (byte) 0,
                (byte) 0xC3,
                (byte) 0xA4,
                (byte) 0xEF,
                (byte) 0xBB,
                (byte) 0xBF,
                (byte) 0xF0,
                (byte) 0xFF);
        return Arbitraries.oneOf(
                likely.array(byte[].class).ofMaxSize(40),
                Arbitraries.bytes().array(byte[].class).ofMaxSize(40));
    }
}
