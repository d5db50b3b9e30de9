package dev.shortwave.http.web;

import dev.shortwave.config.BuildInfo;
import dev.shortwave.error.Problem;
import dev.shortwave.http.api.ApiResponse;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** The few files of the pages and the OpenAPI document, read from the class path once, before the server starts. */
public final class Assets {

    private static final String SWAGGER_UI = "/META-INF/resources/webjars/swagger-ui/";

    private static final String CONTENT_SECURITY_POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline';"
            + " img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    private final Map<String, ApiResponse> pathToAnswer = new LinkedHashMap<>();
    private final Map<String, ApiResponse> slugToProblem = new HashMap<>();

    private Assets() {}

    /** Reads all of them. Blocking: call it on a worker. */
    public static Assets load(BuildInfo release) {
        Assets assets = new Assets();
        assets.add("/", "/web/index.html", "text/html;charset=utf-8");
        assets.add("/docs", "/web/docs.html", "text/html;charset=utf-8");
        assets.add("/openapi.yaml", "/openapi.yaml", "application/yaml");
        for (String style : new String[] {"site", "home", "docs"}) {
            assets.add("/assets/" + style + ".css", "/web/" + style + ".css", "text/css;charset=utf-8");
        }
        for (String script : new String[] {"home", "docs"}) {
            assets.add("/assets/" + script + ".js", "/web/" + script + ".js", "text/javascript;charset=utf-8");
        }
        assets.add("/assets/icon.svg", "/web/icon.svg", "image/svg+xml");
        String swaggerUi = SWAGGER_UI + release.swaggerUiVersion() + "/";
        assets.add("/assets/swagger-ui/swagger-ui.css", swaggerUi + "swagger-ui.css", "text/css;charset=utf-8");
        assets.add(
                "/assets/swagger-ui/swagger-ui-bundle.js",
                swaggerUi + "swagger-ui-bundle.js",
                "text/javascript;charset=utf-8");
        assets.addProblems();
        return assets;
    }

    private void add(String path, String resource, String contentType) {
        ApiResponse answer = answer(contentType, read(resource));
        pathToAnswer.put(path, path.equals("/") ? answer.with(HttpHeaders.VARY, HttpHeaders.ACCEPT) : answer);
    }

    private static Buffer read(String resource) {
        try (InputStream stream = Assets.class.getResourceAsStream(resource)) {
            if (stream == null) {
                throw new IllegalStateException(resource + " is not on the class path");
            }
            return Buffer.buffer(stream.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ApiResponse answer(String contentType, Buffer body) {
        return ApiResponse.of(200, contentType, body)
                .with(HttpHeaders.CACHE_CONTROL, "max-age=300")
                .with(HttpHeaders.createOptimized("content-security-policy"), CONTENT_SECURITY_POLICY)
                .with(HttpHeaders.createOptimized("x-content-type-options"), "nosniff")
                .with(HttpHeaders.createOptimized("referrer-policy"), "no-referrer");
    }

    /** One page for each kind of problem, filled in from the same template. The texts have no characters that HTML takes. */
    private void addProblems() {
        String template = read("/web/problem.html").toString();
        for (Problem.Kind kind : Problem.Kind.values()) {
            String page = template.replace("{{title}}", kind.phrase())
                    .replace("{{status}}", Integer.toString(kind.status()))
                    .replace("{{type}}", kind.type())
                    .replace("{{meaning}}", kind.meaning().replaceAll("`([^`]+)`", "<code>$1</code>"));
            slugToProblem.put(
                    kind.slug(),
                    answer("text/html;charset=utf-8", Buffer.buffer(page)).with(HttpHeaders.VARY, HttpHeaders.ACCEPT));
        }
    }

    /** The asset at a path that {@link #paths} lists. */
    ApiResponse at(String path) {
        ApiResponse answer = pathToAnswer.get(path);
        if (answer == null) {
            throw new IllegalArgumentException(path);
        }
        return answer;
    }

    /** The page of a kind of problem. */
    ApiResponse problem(String slug) {
        ApiResponse answer = slugToProblem.get(slug);
        if (answer == null) {
            throw new IllegalArgumentException(slug);
        }
        return answer;
    }

    Iterable<String> paths() {
        return pathToAnswer.keySet();
    }
}
