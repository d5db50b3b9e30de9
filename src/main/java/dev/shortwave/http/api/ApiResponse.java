package dev.shortwave.http.api;

import dev.shortwave.error.Problem;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/**
 * What a route answers: status, headers and body.
 *
 * @param isProblem whether the body is a problem document, which has the media type {@link #PROBLEM_JSON} for callers
 *     that ask for it
 */
public record ApiResponse(int status, MultiMap headers, Buffer body, boolean isProblem) {

    static final CharSequence PROBLEM_JSON = HttpHeaders.createOptimized("application/problem+json");
    private static final CharSequence JSON = HttpHeaders.createOptimized("application/json");
    private static final Buffer NOTHING = Buffer.buffer();

    /** Seconds after which a caller may try again what is unavailable now. */
    private static final String RETRY_AFTER_SECONDS = "1";

    public static ApiResponse json(int status, JsonObject json) {
        return of(status, JSON, json.toBuffer());
    }

    public static ApiResponse json(int status, JsonArray json) {
        return of(status, JSON, json.toBuffer());
    }

    public static ApiResponse text(String text) {
        return of(200, "text/plain; charset=utf-8", Buffer.buffer(text));
    }

    public static ApiResponse noContent() {
        return new ApiResponse(204, HttpHeaders.headers(), NOTHING, false);
    }

    public static ApiResponse of(int status, CharSequence contentType, Buffer body) {
        return new ApiResponse(status, HttpHeaders.headers().add(HttpHeaders.CONTENT_TYPE, contentType), body, false);
    }

    /** The problem in the form of RFC 9457, with the contract's own key {@code error} beside it. */
    public static ApiResponse problem(Problem problem) {
        Problem.Kind kind = problem.kind();
        JsonObject json = new JsonObject()
                .put("type", kind.type())
                .put("title", kind.phrase())
                .put("status", kind.status())
                .put("detail", problem.detail())
                .put("error", problem.error());
        if (problem.field() != null) {
            json.put("field", problem.field());
        }
        MultiMap headers = HttpHeaders.headers().add(HttpHeaders.CONTENT_TYPE, JSON);
        ApiResponse answer = new ApiResponse(kind.status(), headers, json.toBuffer(), true);
        return kind == Problem.Kind.SERVICE_UNAVAILABLE || kind == Problem.Kind.TOO_MANY_REQUESTS
                ? answer.with(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS)
                : answer;
    }

    public ApiResponse with(CharSequence header, CharSequence value) {
        headers.set(header, value);
        return this;
    }
}
