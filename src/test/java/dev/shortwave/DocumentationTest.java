package dev.shortwave;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shortwave.fixture.ServiceBuilder;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds the documentation to its form: links that lead somewhere, pages of a readable length, a complete index. */
class DocumentationTest {

    private static final int MAX_LINES = 250;

    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern EXTERNAL = Pattern.compile("[a-z]+:.*");
    private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} (.+)$");
    private static final Pattern DECISION = Pattern.compile("\\A# (\\d+)\\. (.+)\n");
    private static final Pattern REFERENCE =
            Pattern.compile("\\[decision (\\d+)]\\((?:\\.\\./)?(?:docs/)?(?:decisions/)?(\\d{3})-");
    private static final Pattern CODE_BLOCK = Pattern.compile("(?ms)^```.*?^```$");

    private final Path root = ServiceBuilder.root();

    @Test
    void everyLinkLeadsToAFileAndAHeading() throws IOException {
        for (Path page : pages()) {
            String text = CODE_BLOCK.matcher(Files.readString(page)).replaceAll("");
            for (String link : LINK.matcher(text)
                    .results()
                    .map(found -> found.group(1))
                    .filter(found -> !EXTERNAL.matcher(found).matches())
                    .toList()) {
                String[] parts = link.split("#", 2);
                Path target = parts[0].isEmpty()
                        ? page
                        : page.resolveSibling(URLDecoder.decode(parts[0], StandardCharsets.UTF_8));
                assertThat(target).as("%s in %s", link, page).exists();
                if (parts.length > 1) {
                    assertThat(anchors(target)).as("%s in %s", link, page).contains(parts[1]);
                }
            }
        }
    }

    /** Figures of earlier runs are data, and may be long. */
    @Test
    void noPageIsTooLongToRead() throws IOException {
        assertThat(pages())
                .filteredOn(page -> !page.startsWith(root.resolve("docs/benchmarks")))
                .filteredOn(page -> !page.endsWith("CHANGELOG.md"))
                .allSatisfy(page -> assertThat(Files.readAllLines(page)).hasSizeLessThanOrEqualTo(MAX_LINES));
    }

    @Test
    void everyPageBeginsWithItsReadersAndIsInTheIndex() throws IOException {
        String index = Files.readString(root.resolve("docs/README.md"));
        try (Stream<Path> pages = Files.list(root.resolve("docs"))) {
            assertThat(pages.filter(page -> page.toString().endsWith(".md")).toList())
                    .hasSizeGreaterThan(5)
                    .allSatisfy(page -> {
                        assertThat(Files.readString(page)).matches("(?s)# [^\n]+\n\nFor .*");
                        if (!page.endsWith("README.md")) {
                            assertThat(index).contains("](" + page.getFileName() + ")");
                        }
                    });
        }
    }

    @Test
    void theReadmeHasTheTwoCommands() throws IOException {
        assertThat(Files.readString(root.resolve("README.md")))
                .contains("```sh\n./scripts/run.sh\n```", "```sh\n./mvnw verify\n```");
    }

    @Test
    void everyDecisionIsInItsIndexUnderItsNumberAndTitle() throws IOException {
        String index = Files.readString(root.resolve("docs/decisions/README.md"));
        for (Path decision : decisions()) {
            MatchResult heading = DECISION.matcher(Files.readString(decision))
                    .results()
                    .findFirst()
                    .orElseThrow(() -> new AssertionError(decision + " has no heading '# N. Title'"));
            assertThat(decision.getFileName().toString())
                    .startsWith(String.format(Locale.ROOT, "%03d-", Integer.parseInt(heading.group(1))));
            assertThat(index)
                    .contains(
                            "| %s | [%s](%s) |".formatted(heading.group(1), heading.group(2), decision.getFileName()));
        }
    }

    @Test
    void decisionsAreNumberedWithoutGaps() throws IOException {
        List<Integer> numbers = decisions().stream()
                .map(file -> Integer.valueOf(file.getFileName().toString().substring(0, 3)))
                .toList();
        assertThat(numbers)
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, numbers.size()).boxed().toList());
    }

    /** A reference has the number and the file of one decision: {@code [decision 9](decisions/009-leases.md)}. */
    @Test
    void referencesToDecisionsHaveTheNumberOfTheirFile() throws IOException {
        for (Path page : pages()) {
            assertThat(REFERENCE.matcher(Files.readString(page)).results())
                    .as("%s", page)
                    .allSatisfy(found ->
                            assertThat(Integer.parseInt(found.group(2))).isEqualTo(Integer.parseInt(found.group(1))));
        }
    }

    private List<Path> decisions() throws IOException {
        try (Stream<Path> files = Files.list(root.resolve("docs/decisions"))) {
            return files.filter(file -> !file.endsWith("README.md")).sorted().toList();
        }
    }

    private List<Path> pages() throws IOException {
        try (Stream<Path> top = Files.list(root);
                Stream<Path> docs = Files.walk(root.resolve("docs"))) {
            return Stream.concat(top, docs)
                    .filter(file -> file.toString().endsWith(".md"))
                    .toList();
        }
    }

    /** As GitHub makes them of headings. */
    private static Set<String> anchors(Path page) throws IOException {
        String text = CODE_BLOCK.matcher(Files.readString(page)).replaceAll("");
        return HEADING.matcher(text)
                .results()
                .map((MatchResult heading) -> heading.group(1)
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N} _-]", "")
                        .replace(' ', '-'))
                .collect(Collectors.toSet());
    }
}
