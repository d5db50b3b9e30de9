package dev.shortwave.file;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Creates files and folders that only the owner of this process may read, whatever its umask: they hold clicks,
 * addresses, passwords and logs. Existing ones keep their permissions, because an operator may have opened them to a
 * group on purpose. File systems without POSIX permissions create with their own defaults.
 */
public final class OwnerOnly {

    private static final String FILE = "rw-------";
    private static final String PROGRAM = "rwx------";
    private static final String FOLDER = "rwx------";
    private static final FileAttribute<?>[] FILE_ATTRIBUTES = attributes(FILE);
    private static final FileAttribute<?>[] PROGRAM_ATTRIBUTES = attributes(PROGRAM);
    private static final FileAttribute<?>[] FOLDER_ATTRIBUTES = attributes(FOLDER);

    private OwnerOnly() {}

    private static FileAttribute<?>[] attributes(String permissions) {
        return hasPermissions()
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }

    private static boolean hasPermissions() {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    }

    /** As {@link Files#createDirectories}. */
    public static void createFolders(Path folder) throws IOException {
        Files.createDirectories(folder, FOLDER_ATTRIBUTES);
    }

    /** As {@link Files#createTempDirectory}, whatever the umask. */
    public static Path createTemporaryFolder(Path in, String prefix) throws IOException {
        return Files.createTempDirectory(in, prefix, FOLDER_ATTRIBUTES);
    }

    /** As {@link Files#createFile}. */
    public static void createFile(Path file) throws IOException {
        Files.createFile(file, FILE_ATTRIBUTES);
    }

    /** Creates the file if it is missing. */
    public static void createFileIfMissing(Path file) throws IOException {
        try {
            createFile(file);
        } catch (FileAlreadyExistsException e) {
            // It exists.
            return;
        }
    }

    /** Opens a file, and creates it if the options say so. */
    public static FileChannel open(Path file, Set<? extends OpenOption> options) throws IOException {
        return FileChannel.open(file, options, FILE_ATTRIBUTES);
    }

    /** As {@link #open}, for a file that can be executed. */
    public static FileChannel openProgram(Path file, Set<? extends OpenOption> options) throws IOException {
        return FileChannel.open(file, options, PROGRAM_ATTRIBUTES);
    }

    /** Removes the permissions of all others from an existing file or folder, if this process owns it. */
    public static void restrict(Path path) throws IOException {
        if (hasPermissions()) {
            Files.setPosixFilePermissions(
                    path, PosixFilePermissions.fromString(Files.isDirectory(path) ? FOLDER : FILE));
        }
    }
}
