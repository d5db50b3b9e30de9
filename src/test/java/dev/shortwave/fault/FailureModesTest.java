package dev.shortwave.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shortwave.fixture.ServiceBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The document that says what proves what: all that it names is there. */
class FailureModesTest {

    private static final Pattern TEST = Pattern.compile("`(\\w+(?:Test|IT))#(\\w+)`");
    private static final Pattern SCRIPT = Pattern.compile("`(scripts/[\\w-]+\\.sh)`");

    private final Path root = ServiceBuilder.root();

    @Test
    void whatItNamesIsThere() throws IOException {
        String document = Files.readString(root.resolve("docs/failure-modes.md"));
        assertThat(TEST.matcher(document).results())
                .hasSizeGreaterThan(20)
                .allSatisfy(found -> assertThat(sourceOf(found.group(1))).contains("void " + found.group(2) + "("));
        assertThat(SCRIPT.matcher(document).results())
                .allSatisfy(found -> assertThat(root.resolve(found.group(1))).isExecutable());
    }

    private String sourceOf(String test) throws IOException {
        List<Path> found;
        try (var files = Files.walk(root.resolve("src/test/java"))) {
            found = files.filter(file -> file.endsWith(test + ".java")).toList();
        }
        assertThat(found).as(test).hasSize(1);
        return Files.readString(found.get(0));
    }
}
