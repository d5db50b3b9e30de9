package dev.shortwave.config;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/**
 * What the build wrote into the jar about itself.
 *
 * @param commit that it was built from, or {@code unknown}; with the suffix {@code -dirty} if the sources were modified
 */
public record BuildInfo(String version, String commit, String vertxVersion, String swaggerUiVersion) {

    private static final String RESOURCE = "/shortwave.properties";

    public static BuildInfo current() {
        Properties properties = new Properties();
        try (InputStream resource = BuildInfo.class.getResourceAsStream(RESOURCE)) {
            if (resource == null) {
                throw new IllegalStateException(RESOURCE + " is not on the class path");
            }
            properties.load(resource);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new BuildInfo(
                properties.getProperty("version"),
                properties.getProperty("commit"),
                properties.getProperty("vertx.version"),
                properties.getProperty("swagger-ui.version"));
    }
}
