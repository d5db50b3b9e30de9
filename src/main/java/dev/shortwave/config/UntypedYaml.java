package dev.shortwave.config;

import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;

/** YAML whose values are all text: {@code 0123}, {@code yes} and {@code 12:30} are not converted. */
final class UntypedYaml {

    private UntypedYaml() {}

    /** Guesses no types. */
    private static final class TextOnly extends Resolver {

        @Override
        protected void addImplicitResolvers() {}
    }

    /**
     * Reads sections and settings: maps of maps, texts and lists of texts.
     *
     * @throws IllegalArgumentException if the text is something else; the message shows nothing of its content, which may
     *     be secret
     */
    static Map<?, ?> read(String text) {
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        // A structure that contains itself has no end.
        options.setMaxAliasesForCollections(0);
        DumperOptions dumper = new DumperOptions();
        Yaml yaml = new Yaml(new SafeConstructor(options), new Representer(dumper), dumper, options, new TextOnly());
        Object root;
        try {
            root = yaml.load(text);
        } catch (MarkedYAMLException e) {
            throw new IllegalArgumentException(
                    "not valid YAML in line " + (e.getProblemMark().getLine() + 1) + ": " + e.getProblem(), e);
        } catch (YAMLException | StackOverflowError e) {
            throw new IllegalArgumentException("not valid YAML, or too deeply nested", e);
        }
        if (root == null || root.equals("")) {
            return Map.of();
        }
        if (root instanceof Map<?, ?> settings) {
            return settings;
        }
        throw new IllegalArgumentException("not settings but "
                + (root instanceof List ? "a list" : "a single value")
                + "; write them as in \"http:\" and below it, indented, \"port: 8080\"");
    }
}
