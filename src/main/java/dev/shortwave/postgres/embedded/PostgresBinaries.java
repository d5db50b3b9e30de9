package dev.shortwave.postgres.embedded;

import dev.shortwave.file.OwnerOnly;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;
import org.tukaani.xz.XZInputStream;

/**
 * The programs of PostgreSQL: an archive on the class path, unpacked once to a folder that only its owner can read or
 * change. Blocking.
 */
final class PostgresBinaries {

    private PostgresBinaries() {}

    /** The archive for this system, or null if it is not on the class path. */
    static @Nullable URL archive() {
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("mac") ? "darwin" : "linux";
        String machine = System.getProperty("os.arch").equals("aarch64") ? "arm_64" : "x86_64";
        return PostgresBinaries.class.getResource("/postgres-" + system + "-" + machine + ".txz");
    }

    /** Unpacks the archive below this folder unless it is unpacked; returns the folder of the programs. */
    static Path unpack(URL archive, Path folder) throws IOException {
        OwnerOnly.createFolders(folder);
        // What is executed must not be for others to change.
        OwnerOnly.restrict(folder);
        URLConnection connection = archive.openConnection();
        Path unpacked = folder.resolve("postgres-" + identity(connection));
        if (!Files.isDirectory(unpacked)) {
            Path unfinished = OwnerOnly.createTemporaryFolder(folder, "unpacking-");
            try {
                try (InputStream content = connection.getInputStream()) {
                    unpack(content, unfinished);
                }
                moveUnlessPresent(unfinished, unpacked);
            } finally {
                delete(unfinished);
            }
        }
        return unpacked.resolve("bin");
    }

    /** The checksum in the jar: reading the archive at each start would take longer than the server's start. */
    private static String identity(URLConnection archive) throws IOException {
        long checksum =
                archive instanceof JarURLConnection jar ? jar.getJarEntry().getCrc() : archive.getLastModified();
        return HexFormat.of().toHexDigits(checksum, 8);
    }

    private static void unpack(InputStream content, Path folder) throws IOException {
        try (TarArchiveInputStream files =
                new TarArchiveInputStream(new XZInputStream(new BufferedInputStream(content)))) {
            for (TarArchiveEntry entry = files.getNextEntry(); entry != null; entry = files.getNextEntry()) {
                Path path = folder.resolve(entry.getName()).normalize();
                if (!path.startsWith(folder)) {
                    throw new IOException("the archive has a file outside of its folder: " + entry.getName());
                }
                if (entry.isDirectory()) {
                    OwnerOnly.createFolders(path);
                    continue;
                }
                Path parent = path.getParent();
                if (parent != null) {
                    OwnerOnly.createFolders(parent);
                }
                if (entry.isSymbolicLink()) {
                    Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
                } else {
                    write(files, path, (entry.getMode() & 0100) != 0);
                }
            }
        }
    }

    private static void write(InputStream content, Path file, boolean isProgram) throws IOException {
        Set<StandardOpenOption> options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try (FileChannel channel = isProgram ? OwnerOnly.openProgram(file, options) : OwnerOnly.open(file, options)) {
            content.transferTo(Channels.newOutputStream(channel));
        }
    }

    /** Another process may unpack the same archive at the same time. */
    private static void moveUnlessPresent(Path unfinished, Path unpacked) throws IOException {
        try {
            Files.move(unfinished, unpacked, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            if (!Files.isDirectory(unpacked)) {
                throw e;
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            List<Path> paths;
            try (Stream<Path> all = Files.walk(folder)) {
                paths = all.sorted(Comparator.reverseOrder()).toList();
            }
            for (Path path : paths) {
                Files.delete(path);
            }
        }
    }
}
