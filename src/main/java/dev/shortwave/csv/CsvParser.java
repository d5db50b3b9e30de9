package dev.shortwave.csv;

import dev.shortwave.bus.ImportRows;
import dev.shortwave.error.Problem;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Parses CSV (RFC 4180, UTF-8, LF or CRLF) from chunks cut anywhere. The libraries for this pull from a blocking reader;
 * here the network pushes. Keeps one unfinished row and nothing else. Errors name the line. Not thread-safe.
 */
public final class CsvParser {

    /** Maximum of bytes in a row; a longer one is most likely an unclosed quote. Bounds the memory. */
    static final int MAX_ROW_BYTES = 1 << 20;

    private enum State {
        START_OF_ROW,
        START_OF_CELL,
        PLAIN,
        QUOTED,
        QUOTE_IN_QUOTED
    }

    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    private final ByteArrayOutputStream cell = new ByteArrayOutputStream();
    private List<String> cells = new ArrayList<>();
    private State state = State.START_OF_ROW;
    private boolean carriageReturn;
    private long line = 1;
    private long rowLine = 1;
    private int rowBytes;

    /** Bytes of a byte order mark matched at the start, -1 after it. */
    private int markBytes;

    /**
     * Takes the next chunk.
     *
     * @return the rows that it completes; empty lines are skipped
     * @throws dev.shortwave.error.ProblemException if the text is not CSV
     */
    public List<ImportRows.Row> feed(Buffer chunk) {
        List<ImportRows.Row> rows = new ArrayList<>();
        for (int at = 0; at < chunk.length(); at++) {
            byte next = chunk.getByte(at);
            if (markBytes >= 0 && next == BYTE_ORDER_MARK[markBytes]) {
                markBytes = markBytes + 1 == BYTE_ORDER_MARK.length ? -1 : markBytes + 1;
            } else {
                endMark(rows);
                accept(next, rows);
            }
        }
        return rows;
    }

    /** Ends the text; returns the last row if no line break ended it. */
    public List<ImportRows.Row> end() {
        List<ImportRows.Row> rows = new ArrayList<>();
        endMark(rows);
        if (state == State.QUOTED) {
            throw bad(rowLine, "a quote is never closed");
        }
        if (state != State.START_OF_ROW || carriageReturn) {
            endRow(rows);
        }
        return rows;
    }

    /** Bytes that began like a byte order mark belong to the text if the mark is incomplete. */
    private void endMark(List<ImportRows.Row> rows) {
        int seen = markBytes;
        markBytes = -1;
        for (int at = 0; at < seen; at++) {
            accept(BYTE_ORDER_MARK[at], rows);
        }
    }

    private void accept(byte next, List<ImportRows.Row> rows) {
        if (++rowBytes > MAX_ROW_BYTES) {
            throw bad(rowLine, "longer than " + MAX_ROW_BYTES + " bytes");
        }
        if (carriageReturn) {
            carriageReturn = false;
            if (next != '\n') {
                throw bad(line, "a carriage return without a line feed");
            }
        } else if (next == '\r' && state != State.QUOTED) {
            carriageReturn = true;
            return;
        }
        if (next == '\n') {
            line++;
            if (state != State.QUOTED) {
                endRow(rows);
                return;
            }
        }
        switch (state) {
            case START_OF_ROW, START_OF_CELL -> startCell(next);
            case PLAIN -> {
                if (next == ',') {
                    endCell();
                } else {
                    cell.write(next);
                }
            }
            case QUOTED -> {
                if (next == '"') {
                    state = State.QUOTE_IN_QUOTED;
                } else {
                    cell.write(next);
                }
            }
            case QUOTE_IN_QUOTED -> {
                if (next == '"') {
                    cell.write(next);
                    state = State.QUOTED;
                } else if (next == ',') {
                    endCell();
                } else {
                    throw bad(line, "text behind a closing quote");
                }
            }
        }
    }

    private void startCell(byte next) {
        if (next == '"') {
            state = State.QUOTED;
        } else if (next == ',') {
            endCell();
        } else {
            cell.write(next);
            state = State.PLAIN;
        }
    }

    private void endCell() {
        try {
            cells.add(StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(cell.toByteArray()))
                    .toString());
        } catch (CharacterCodingException e) {
            throw bad(rowLine, "not UTF-8");
        }
        cell.reset();
        state = State.START_OF_CELL;
    }

    private void endRow(List<ImportRows.Row> rows) {
        if (state != State.START_OF_ROW) {
            endCell();
            rows.add(new ImportRows.Row(rowLine, cells));
            cells = new ArrayList<>(cells.size());
        }
        state = State.START_OF_ROW;
        carriageReturn = false;
        rowLine = line;
        rowBytes = 0;
    }

    private static RuntimeException bad(long line, String why) {
        return Problem.badRequest("line " + line + ": " + why).asException();
    }
}
