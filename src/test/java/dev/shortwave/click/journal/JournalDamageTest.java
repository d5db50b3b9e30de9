package dev.shortwave.click.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shortwave.click.Click;
import dev.shortwave.click.ClickCodecTest;
import dev.shortwave.click.Clicks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is read of a dead process's journal of three files, when one of them is harmed at any of its bytes. */
class JournalDamageTest {

    private static final int SEGMENT_BYTES = 4096;
    private static final int MOST = 1000;

    @TempDir
    Path folder;

    private final List<Click> written = new ArrayList<>();
    private final List<Long> ends = new ArrayList<>();
    private final List<Segment> segments = new ArrayList<>();
    private final List<byte[]> segmentBytes = new ArrayList<>();

    /** What came of reading a journal to its end. */
    private record Outcome(List<Click> clicks, long damagedBytes) {}

    @BeforeEach
    void write() throws IOException {
        JournalDirectory files = new JournalDirectory(folder, SEGMENT_BYTES, 1 << 20);
        files.open();
        ClickStream stream = new ClickStream(files.streamId(0));
        ClickWriter writer = new ClickWriter(stream, taken -> {});
        for (int segment = 0; segment < 3; segment++) {
            Segment made = files.newSegment(stream);
            segments.add(made);
            writer.offer(made);
        }
        Random random = new Random(1);
        while (stream.appendedPosition() < 2.5 * SEGMENT_BYTES) {
            Click click = ClickCodecTest.random(random, written.size());
            assertThat(Clicks.append(writer, click)).isTrue();
            written.add(click);
            ends.add(stream.appendedPosition());
        }
        for (Segment segment : segments) {
            segmentBytes.add(Files.readAllBytes(segment.file()));
        }
        files.close();
    }

    @Test
    void anIntactFileIsReadToItsEnd() throws IOException {
        assertThat(read(0, 0, bytes -> bytes)).isEqualTo(new Outcome(written, 0));
    }

    @Test
    void allClicksBeforeATruncationAreRead() throws IOException {
        for (int file = 0; file < segments.size(); file++) {
            Segment cut = segments.get(file);
            for (int length = 0; length < SEGMENT_BYTES; length += file == 1 ? 1 : 13) {
                int kept = length;
                Outcome outcome = read(file, length, bytes -> Arrays.copyOf(bytes, kept));
                long behind = cut.position(Math.max(length, Segment.HEADER_BYTES));

                // The zeros that fill the last record up are nothing that it needs.
                assertThat(outcome.clicks())
                        .as("file %d cut at %d", file, length)
                        .isIn(without(behind, cut.nextBase()), without(behind + Long.BYTES - 1, cut.nextBase()));
                // A last file that is truncated in its header leaves no trace.
                if (file < 2 || length >= Segment.HEADER_BYTES) {
                    assertThat(outcome.damagedBytes())
                            .as("damage of file %d cut at %d", file, length)
                            .isPositive();
                }
            }
        }
    }

    /** All clicks, but for those that end between these positions. */
    private List<Click> without(long from, long to) {
        List<Click> rest = new ArrayList<>(written.subList(0, clicksUpTo(from)));
        rest.addAll(written.subList(clicksUpTo(to), written.size()));
        return rest;
    }

    /** How many clicks end at this position of the stream or before. */
    private int clicksUpTo(long position) {
        return (int) ends.stream().filter(end -> end <= position).count();
    }

    @Test
    void aCorruptByteLosesAtMostItsClick() throws IOException {
        Random random = new Random(2);
        for (int file = 0; file < segments.size(); file++) {
            for (int place = 0; place < SEGMENT_BYTES; place += file == 1 ? 1 : 13) {
                int garbled = place;
                Outcome outcome = read(file, place, bytes -> {
                    byte[] harmed = bytes.clone();
                    harmed[garbled] ^= (byte) (1 + random.nextInt(255));
                    return harmed;
                });
                List<Click> lost = new ArrayList<>(written);
                lost.removeAll(outcome.clicks());
                List<Click> rest = new ArrayList<>(written);
                rest.removeAll(lost);

                assertThat(outcome.clicks())
                        .as("file %d garbled at %d", file, place)
                        .isEqualTo(rest);
                assertThat(lost)
                        .as("lost of file %d garbled at %d", file, place)
                        .hasSizeLessThanOrEqualTo(1);
                if (!lost.isEmpty()) {
                    assertThat(outcome.damagedBytes())
                            .as("damage of file %d garbled at %d", file, place)
                            .isBetween(1L, 1000L);
                }
            }
        }
    }

    @Test
    void bookedClicksAreNotReadAgainAfterCorruption() throws IOException {
        Random random = new Random(3);
        long checkpoint = segments.get(1).nextBase();
        List<Click> expected = written.subList(clicksUpTo(checkpoint), written.size());
        for (int place = 0; place < SEGMENT_BYTES; place += 3) {
            int garbled = place;
            Outcome outcome = read(1, place, checkpoint, bytes -> {
                byte[] harmed = bytes.clone();
                harmed[garbled] ^= (byte) (1 + random.nextInt(255));
                return harmed;
            });
            assertThat(outcome).as("garbled at %d", place).isEqualTo(new Outcome(expected, 0));
        }
    }

    private Outcome read(int file, int number, UnaryOperator<byte[]> harm) throws IOException {
        return read(file, number, 0, harm);
    }

    /** Reads the journal with one of its files changed, from a position on. */
    private Outcome read(int file, int number, long position, UnaryOperator<byte[]> harm) throws IOException {
        Path copy = folder.resolve("copy-" + number);
        Files.write(copy, harm.apply(segmentBytes.get(file)));
        Segment harmed = Segment.open(copy);
        Files.delete(copy);
        List<Segment> left = new ArrayList<>(segments);
        left.remove(file);
        if (harmed.isValid()) {
            left.add(file, harmed);
        }
        ClickReader reader = new ClickReader(ClickStream.recover("harmed", left), position);
        List<Click> clicks = new ArrayList<>();
        long damagedBytes = 0;
        ClickReader.Batch batch;
        do {
            batch = reader.next(MOST);
            clicks.addAll(batch.clicks());
            damagedBytes += batch.damagedBytes();
        } while (!batch.isLast());
        return new Outcome(clicks, damagedBytes);
    }
}
