package dev.shortwave.storage.imports;

import dev.shortwave.bus.ImportRows;
import dev.shortwave.error.Ids;
import dev.shortwave.error.Numbers;
import dev.shortwave.error.Problem;
import dev.shortwave.error.ProblemException;
import dev.shortwave.error.TextRules;
import dev.shortwave.error.Times;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a batch as they are staged. Each method checks the cells of one column and adds them to their rows; a cell
 * that does not fit throws a problem that names its line.
 */
final class ColumnReader {

    /** The key of each row's line in the file. It increases with the rows, and so defines their order. */
    static final String LINE = "line";

    private final List<String> header;
    private final List<ImportRows.Row> rows;
    private final JsonArray staged = new JsonArray();

    ColumnReader(List<String> header, List<ImportRows.Row> rows) {
        this.header = header;
        this.rows = rows;
        for (ImportRows.Row row : rows) {
            if (row.cells().size() != header.size()) {
                throw Problem.badRequest("line " + row.line() + ": "
                                + row.cells().size() + " cells, but the header has " + header.size())
                        .asException();
            }
            staged.add(new JsonObject().put(LINE, row.line()));
        }
    }

    /** The rows with all columns that were added, as a JSON array. */
    String toJson() {
        return staged.encode();
    }

    boolean has(String column) {
        return header.contains(column);
    }

    /** Required text; the check may throw its own problem. */
    void texts(String column, Function<String, String> check) {
        add(column, text -> {
            if (text.isEmpty()) {
                throw bad(column, "must not be empty");
            }
            if (!TextRules.isStorable(text)) {
                throw bad(column, "must not contain control characters");
            }
            return check.apply(text);
        });
    }

    /** Optional text: a blank cell is null. */
    void optionalTexts(String column, Function<String, String> check) {
        add(column, text -> {
            if (!TextRules.isStorable(text)) {
                throw bad(column, "must not contain control characters");
            }
            return TextRules.isVisible(text) ? check.apply(text) : null;
        });
    }

    /** Ids of the rows, bounded to leave room for later ids. Returns the largest. */
    long ids() {
        return add("id", text -> id("id", text, Ids.MAX_IMPORTED)).stream()
                .mapToLong(Long::longValue)
                .max()
                .orElse(0);
    }

    /** Ids of rows of another table. */
    void references(String column) {
        add(column, text -> id(column, text, Ids.MAX));
    }

    /** As {@link #references}; an empty cell is null. */
    void optionalReferences(String column) {
        add(column, text -> text.isEmpty() ? null : id(column, text, Ids.MAX));
    }

    void flags(String column) {
        add(column, text -> switch (text) {
            case "True", "true", "1", "t" -> true;
            case "False", "false", "0", "f" -> false;
            default -> throw bad(column, "must be True or False");
        });
    }

    List<OffsetDateTime> times(String column) {
        return add(column, text -> time(column, text), OffsetDateTime::toString);
    }

    /** Optional times: an empty cell is null. */
    void optionalTimes(String column) {
        add(column, text -> text.isBlank() ? null : time(column, text).toString());
    }

    <T extends @Nullable Object> List<T> add(String column, Function<String, T> parse) {
        return add(column, parse, value -> value);
    }

    private <T extends @Nullable Object> List<T> add(
            String column, Function<String, T> parse, Function<T, @Nullable Object> toJson) {
        int at = header.indexOf(column);
        List<T> values = new ArrayList<>(rows.size());
        for (int row = 0; row < rows.size(); row++) {
            try {
                T value = parse.apply(rows.get(row).cells().get(at));
                values.add(value);
                staged.getJsonObject(row).put(column, toJson.apply(value));
            } catch (ProblemException e) {
                Problem problem = e.problem();
                // The file is the whole request: any error in it is bad input.
                throw new Problem(
                                Problem.Kind.BAD_REQUEST,
                                "line " + rows.get(row).line() + ": " + problem.detail(),
                                problem.field())
                        .asException();
            }
        }
        return values;
    }

    static ProblemException bad(String column, String why) {
        return Problem.badField(column, column + " " + why).asException();
    }

    private static OffsetDateTime time(String column, String text) {
        try {
            return Times.parse(text);
        } catch (DateTimeException e) {
            throw bad(column, "must be a time in UTC such as 2025-09-19 22:25:05");
        }
    }

    private static long id(String column, String text, long max) {
        try {
            return Numbers.parseLong(text, 1, max);
        } catch (NumberFormatException e) {
            throw bad(column, "must be a whole number from 1 to " + max);
        }
    }
}
