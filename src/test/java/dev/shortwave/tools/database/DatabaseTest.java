package dev.shortwave.tools.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatabaseTest {

    @Test
    void takesAUrl() throws IOException {
        String url = "postgresql://user:password@host:5432/name";
        assertThat(Database.url(url)).isEqualTo(url);
    }

    @Test
    void takesTheFolderOfAnEmbeddedServer(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("postmaster.pid"), "4711\n/data\n1700000000\n54321\n/tmp\n127.0.0.1\n");
        Files.writeString(folder.resolve("shortwave-password"), "secret\n");
        assertThat(Database.url(folder.toString())).isEqualTo("postgresql://postgres:secret@127.0.0.1:54321/postgres");
    }
}
