package dev.shortwave.postgres.embedded;

import dev.shortwave.file.OwnerOnly;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The file that PostgreSQL's programs write their messages to. Blocking. */
final class ServerLog {

    private static final int MAX_BYTES = 1 << 16;

    private static final Pattern FATAL = Pattern.compile("\\b(?:FATAL|PANIC):\\s+(.*)");
    private static final Pattern ERROR = Pattern.compile("(?:\\bERROR:|\\berror:|\\berror while|could not bind)\\s+.*");
    private static final Pattern DETAIL = Pattern.compile("\\bDETAIL:\\s+(.*)");

    private final Path file;
    private long start;

    ServerLog(Path file) {
        this.file = file;
    }

    Path file() {
        return file;
    }

    /** Remembers the end of the log before a program starts; {@link #failure} reads from there. */
    void begin() throws IOException {
        OwnerOnly.createFileIfMissing(file);
        OwnerOnly.restrict(file);
        start = Files.size(file);
    }

    /** Why the program ended: its last fatal message with the detail, else its last error, else its last line. */
    @Nullable
    String failure() {
        List<String> lines = lines();
        String fatal = null;
        String error = null;
        String last = null;
        for (String line : lines) {
            Matcher detail = DETAIL.matcher(line);
            Matcher found = FATAL.matcher(line);
            if (found.find()) {
                // A response to clients that connected too early.
                fatal = found.group(1).startsWith("the database system is") ? fatal : found.group(1);
            } else if (detail.find() && fatal != null) {
                fatal += ". " + detail.group(1);
            } else if (ERROR.matcher(line).find()) {
                Matcher message = ERROR.matcher(line);
                error = message.find() ? message.group() : line;
            }
            last = line.isBlank() ? last : line.strip();
        }
        // The message about sockets follows from the error before it.
        boolean isConsequence = fatal != null && fatal.contains("TCP/IP sockets") && error != null;
        return fatal != null && !isConsequence ? fatal : error != null ? error : last;
    }

    private List<String> lines() {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long from = Math.max(start, channel.size() - MAX_BYTES);
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.max(0, channel.size() - from));
            while (bytes.hasRemaining() && channel.read(bytes, from + bytes.position()) >= 0) {
                // Until the end.
            }
            return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }
}
