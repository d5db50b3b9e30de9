package dev.shortwave.error;

import io.vertx.core.http.HttpClosedException;
import io.vertx.ext.web.handler.HttpException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one place that says what a failure is to the caller. */
public final class ProblemMapper {

    private static final Logger LOG = LoggerFactory.getLogger(ProblemMapper.class);

    private ProblemMapper() {}

    /** The problem behind a failure; what nobody foresaw is a 500, logged under the id that the caller gets too. */
    public static Problem of(Throwable failure, CharSequence requestId) {
        if (failure instanceof ProblemException e) {
            return e.problem();
        }
        if (failure instanceof HttpException e) {
            return ofStatus(e.getStatusCode());
        }
        if (!(failure instanceof HttpClosedException)) {
            LOG.atError().addKeyValue("request_id", requestId).setCause(failure).log("Request {} failed", requestId);
        }
        return Problem.of(
                Problem.Kind.INTERNAL_SERVER_ERROR, "something went wrong here; the log has it under the request id");
    }

    /** The problem for a status that Vert.x chose by itself. */
    public static Problem ofStatus(int status) {
        return switch (status) {
            case 400 -> Problem.badRequest("the request is malformed");
            case 404 -> Problem.notFound("there is nothing at this path");
            case 408 -> Problem.of(Problem.Kind.REQUEST_TIMEOUT, "the request took too long to arrive");
            case 413 -> Problem.of(Problem.Kind.BODY_TOO_LARGE, "the body is too large");
            case 414 -> Problem.of(Problem.Kind.URI_TOO_LONG, "the URI is too long");
            case 415 -> Problem.of(Problem.Kind.UNSUPPORTED_MEDIA_TYPE, "the body must not have a content encoding");
            case 429 ->
                Problem.of(
                        Problem.Kind.TOO_MANY_REQUESTS,
                        "this address has too many unanswered requests, wait for their answers");
            case 431 -> Problem.of(Problem.Kind.HEADERS_TOO_LARGE, "the headers are too large");
            case 501 -> Problem.of(Problem.Kind.NOT_IMPLEMENTED, "the service does not know this method");
            case 503 -> Problem.unavailable("the service is busy, try again in a moment");
            default ->
                status < 500
                        ? Problem.badRequest("the request is malformed")
                        : Problem.of(Problem.Kind.INTERNAL_SERVER_ERROR, "something went wrong here");
        };
    }
}
