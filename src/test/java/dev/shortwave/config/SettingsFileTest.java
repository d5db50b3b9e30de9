package dev.shortwave.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.yaml.snakeyaml.Yaml;

/** The file that shows every setting, and the list in the code, are the same. */
class SettingsFileTest {

    private static final Path ROOT = Path.of(System.getProperty("shortwave.test.root", "."));
    private static final Path FILE = ROOT.resolve("conf").resolve("shortwave.yaml");
    private static final Pattern LINE = Pattern.compile("( *)([a-z][a-z-]*):(.*)");

    @Test
    void everySettingIsInTheFileAndNothingElseIs() throws IOException {
        assertThat(fromFile().keySet())
                .containsExactlyElementsOf(
                        Settings.all().stream().map(Setting::key).toList());
    }

    @TestFactory
    List<DynamicTest> theFileShowsTheDefaults() throws IOException {
        Map<String, String> keyToText = fromFile();
        return Settings.all().stream()
                .map(setting -> DynamicTest.dynamicTest(
                        setting.key(),
                        () -> assertThat(keyToText.get(setting.key())).isEqualTo(setting.defaultText())))
                .toList();
    }

    @TestFactory
    List<DynamicTest> everySettingHasACommentThatNamesItsOtherNames() throws IOException {
        Map<String, String> keyToComment = comments();
        return Settings.all().stream()
                .map(setting -> DynamicTest.dynamicTest(setting.key(), () -> {
                    String comment = keyToComment.get(setting.key());
                    assertThat(comment).as("comment above %s", setting.key()).isNotBlank();
                    setting.aliases().forEach(name -> assertThat(comment).contains(name));
                }))
                .toList();
    }

    @Test
    void theFileAloneIsValid() throws IOException {
        Path folder = Files.createTempDirectory("shortwave-config");
        Config config = new ConfigSources(folder).file(Files.readString(FILE)).read();
        assertThat(config.values())
                .hasSameSizeAs(Settings.all())
                .allSatisfy(value -> assertThat(value.origin()).endsWith("shortwave.yaml"));
        assertThat(config.database().server()).isNull();
        assertThat(config.redis().url()).isNull();
    }

    @Test
    void allDefaultsAreAllowedValues() {
        for (Setting<?> setting : Settings.all()) {
            assertThatCode(() -> setting.type().parse().apply(setting.defaultText()))
                    .as(setting.key())
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void allNamesAreUnique() {
        assertThat(Settings.all().stream().map(Setting::key)).doesNotHaveDuplicates();
        assertThat(Settings.all().stream().flatMap(setting -> setting.environmentNames().stream()))
                .doesNotHaveDuplicates();
    }

    private static Map<String, String> fromFile() throws IOException {
        Map<String, String> keyToText = new LinkedHashMap<>();
        Map<String, Object> root = new Yaml().load(Files.readString(FILE));
        flatten("", root, keyToText);
        return keyToText;
    }

    @SuppressWarnings("unchecked")
    private static void flatten(String prefix, Map<String, Object> section, Map<String, String> keyToText) {
        section.forEach((name, value) -> {
            if (value instanceof Map) {
                flatten(prefix + name + ".", (Map<String, Object>) value, keyToText);
            } else {
                keyToText.put(prefix + name, String.valueOf(value));
            }
        });
    }

    /** The lines of comment right above each setting, or above the section that it is the first of. */
    private static Map<String, String> comments() throws IOException {
        Map<String, String> keyToComment = new LinkedHashMap<>();
        List<String> path = new ArrayList<>();
        StringBuilder comment = new StringBuilder();
        for (String line : Files.readAllLines(FILE)) {
            Matcher matcher = LINE.matcher(line);
            if (line.strip().startsWith("#")) {
                comment.append(line.strip().substring(1)).append('\n');
            } else if (matcher.matches()) {
                int depth = matcher.group(1).length() / 2;
                path.subList(depth, path.size()).clear();
                path.add(matcher.group(2));
                if (!matcher.group(3).isBlank()) {
                    keyToComment.put(String.join(".", path), comment.toString());
                    comment.setLength(0);
                }
            } else {
                comment.setLength(0);
            }
        }
        return keyToComment;
    }
}
