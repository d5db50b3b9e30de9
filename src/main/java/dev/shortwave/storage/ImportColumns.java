package dev.shortwave.storage;

import dev.shortwave.bus.ImportRows;
import dev.shortwave.problem.Problem;
import dev.shortwave.problem.ProblemException;
import dev.shortwave.problem.Text;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;

/**
 * The cells of a batch as typed columns, ready to be parameters of {@code unnest}. A cell that does not fit throws a
 * problem that names its line.
 */
final class ImportColumns {

    private static final DateTimeFormatter TIMESTAMP = new DateTimeFormatterBuilder()
            .append(DateTimeFormatter.ISO_LOCAL_DATE)
            .optionalStart()
            .appendLiteral('T')
            .optionalEnd()
            .optionalStart()
            .appendLiteral(' ')
            .optionalEnd()
            .appendPattern("HH:mm:ss")
            .optionalStart()
            .appendFraction(ChronoField.NANO_OF_SECOND, 0, 6, true)
            .optionalEnd()
            .optionalStart()
            .appendLiteral('Z')
            .optionalEnd()
            .toFormatter();

    /** The largest number that every reader of JSON keeps exactly; leaves room for the ids behind it. */
    private static final long LARGEST_ID = (1L << 53) - 1;

    private final List<String> header;
    private final List<ImportRows.Row> rows;

    ImportColumns(List<String> header, List<ImportRows.Row> rows) {
        this.header = header;
        this.rows = rows;
        for (ImportRows.Row row : rows) {
            if (row.cells().size() != header.size()) {
                throw Problem.badRequest("line " + row.line() + ": "
                                + row.cells().size() + " cells, but the header has " + header.size())
                        .asException();
            }
        }
    }

    boolean has(String column) {
        return header.contains(column);
    }

    /** Text that must be there; the check may throw a problem of its own. */
    String[] texts(String column, Function<String, String> check) {
        return cells(column, String[]::new, text -> {
            if (text.isEmpty()) {
                throw bad(column, "must not be empty");
            }
            if (!Text.isStorable(text)) {
                throw bad(column, "must not contain control characters");
            }
            return check.apply(text);
        });
    }

    /** Text that may be missing: an empty cell is null. */
    String[] optionalTexts(String column, Function<String, String> check) {
        return cells(column, String[]::new, text -> {
            if (!Text.isStorable(text)) {
                throw bad(column, "must not contain control characters");
            }
            return text.isEmpty() ? null : check.apply(text);
        });
    }

    Long[] ids(String column) {
        return cells(column, Long[]::new, text -> id(column, text));
    }

    Long[] optionalIds(String column) {
        return cells(column, Long[]::new, text -> text.isEmpty() ? null : id(column, text));
    }

    Boolean[] flags(String column) {
        return cells(column, Boolean[]::new, text -> switch (text) {
            case "True", "true", "1", "t" -> true;
            case "False", "false", "0", "f" -> false;
            default -> throw bad(column, "must be True or False");
        });
    }

    OffsetDateTime[] timestamps(String column) {
        return cells(column, OffsetDateTime[]::new, text -> {
            try {
                OffsetDateTime at = LocalDateTime.parse(text, TIMESTAMP).atOffset(ZoneOffset.UTC);
                if (at.getYear() < 1 || at.getYear() > 9999) {
                    throw bad(column, "must lie in the years 1 to 9999");
                }
                return at;
            } catch (DateTimeParseException e) {
                throw bad(column, "must be a time such as 2025-09-19 22:25:05");
            }
        });
    }

    /** A column of nulls, for one that the file does not have. */
    <T> T[] absent(IntFunction<T[]> array) {
        return array.apply(rows.size());
    }

    <T> T[] cells(String column, IntFunction<T[]> array, Function<String, T> parse) {
        int at = header.indexOf(column);
        T[] values = array.apply(rows.size());
        for (int row = 0; row < values.length; row++) {
            try {
                values[row] = parse.apply(rows.get(row).cells().get(at));
            } catch (ProblemException e) {
                Problem problem = e.problem();
                throw new Problem(
                                problem.kind(),
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

    private static long id(String column, String text) {
        try {
            long id = Long.parseLong(text);
            if (id > 0 && id <= LARGEST_ID && text.charAt(0) != '+') {
                return id;
            }
        } catch (NumberFormatException e) {
            // Falls through to the one answer for all that is no id.
        }
        throw bad(column, "must be a positive whole number, at most " + LARGEST_ID);
    }
}
