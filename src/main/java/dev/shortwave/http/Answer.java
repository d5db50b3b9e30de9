package dev.shortwave.http;

import dev.shortwave.problem.Problem;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** What a route answers: status, headers and body. */
public record Answer(int status, MultiMap headers, Buffer body) {

    private static final String JSON = "application/json";
    private static final String PROBLEM = "application/problem+json";
    private static final Buffer NOTHING = Buffer.buffer();

    /** Seconds after which a caller may try again what is unavailable now. */
    private static final String RETRY_AFTER_SECONDS = "1";

    public static Answer json(int status, JsonObject json) {
        return of(status, JSON, json.toBuffer());
    }

    public static Answer json(int status, JsonArray json) {
        return of(status, JSON, json.toBuffer());
    }

    public static Answer text(String text) {
        return of(200, "text/plain; charset=utf-8", Buffer.buffer(text));
    }

    public static Answer noContent() {
        return new Answer(204, HttpHeaders.headers(), NOTHING);
    }

    public static Answer of(int status, String contentType, Buffer body) {
        return new Answer(status, HttpHeaders.headers().add(HttpHeaders.CONTENT_TYPE, contentType), body);
    }

    /** The problem in the form of RFC 9457, with the contract's own key {@code error} beside it. */
    public static Answer problem(Problem problem) {
        JsonObject json = new JsonObject()
                .put("type", "about:blank")
                .put("title", problem.kind().title())
                .put("status", problem.kind().status())
                .put("detail", problem.detail())
                .put("error", problem.detail());
        if (problem.field() != null) {
            json.put("field", problem.field());
        }
        Answer answer = of(problem.kind().status(), PROBLEM, json.toBuffer());
        return problem.kind() == Problem.Kind.UNAVAILABLE
                ? answer.with(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS)
                : answer;
    }

    public Answer with(CharSequence header, CharSequence value) {
        headers.set(header, value);
        return this;
    }
}
