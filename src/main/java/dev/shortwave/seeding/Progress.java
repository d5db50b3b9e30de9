package dev.shortwave.seeding;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Prints the progress of a file to the standard output, at each tenth. */
final class Progress {

    private final Path file;
    private final long size;
    private final long started = System.nanoTime();
    private long bytes;
    private long tenthsReported;

    Progress(Path file) {
        this.file = file;
        try {
            this.size = Files.size(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The file as a stream that reports its progress. */
    InputStream open() {
        try {
            return new FilterInputStream(Files.newInputStream(file)) {
                @Override
                public int read(byte[] buffer, int offset, int length) throws IOException {
                    int read = super.read(buffer, offset, length);
                    if (read > 0) {
                        at(bytes + read);
                    }
                    return read;
                }
            };
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reports the number of bytes read so far. */
    void at(long readBytes) {
        bytes = readBytes;
        long tenths = size == 0 ? 10 : bytes * 10 / size;
        if (tenths > tenthsReported && tenths < 10 && size > 1_000_000) {
            tenthsReported = tenths;
            System.out.println(file.getFileName() + ": " + tenths * 10 + " % of " + size + " bytes");
        }
    }

    void done(long rows, long changed) {
        long milliseconds = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - started);
        System.out.println(file.getFileName() + ": " + rows + " rows, " + changed + " of them new or changed, "
                + milliseconds + " ms");
    }
}
