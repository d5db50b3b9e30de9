package dev.shortwave.problem;

import org.jspecify.annotations.Nullable;

/**
 * What is wrong with a request, in the shape of RFC 9457.
 *
 * @param kind what sort of problem; decides the status
 * @param detail what is wrong, in words for the caller; never a class name, never SQL
 * @param field the field of the request at fault, if one is
 */
public record Problem(Kind kind, String detail, @Nullable String field) {

    /** The sorts of problem that there are; the one place that ties them to a status. */
    public enum Kind {
        BAD_REQUEST(400, "Bad Request"),
        UNAUTHORIZED(401, "Unauthorized"),
        FORBIDDEN(403, "Forbidden"),
        NOT_FOUND(404, "Not Found"),
        METHOD_NOT_ALLOWED(405, "Method Not Allowed"),
        REQUEST_TIMEOUT(408, "Request Timeout"),
        CONFLICT(409, "Conflict"),
        BODY_TOO_LARGE(413, "Content Too Large"),
        URI_TOO_LONG(414, "URI Too Long"),
        UNSUPPORTED_MEDIA_TYPE(415, "Unsupported Media Type"),
        HEADERS_TOO_LARGE(431, "Request Header Fields Too Large"),
        INTERNAL(500, "Internal Server Error"),
        UNAVAILABLE(503, "Service Unavailable");

        private final int status;
        private final String title;

        Kind(int status, String title) {
            this.status = status;
            this.title = title;
        }

        public int status() {
            return status;
        }

        public String title() {
            return title;
        }
    }

    public static Problem badRequest(String detail) {
        return new Problem(Kind.BAD_REQUEST, detail, null);
    }

    public static Problem badField(String field, String detail) {
        return new Problem(Kind.BAD_REQUEST, detail, field);
    }

    public static Problem notFound(String detail) {
        return new Problem(Kind.NOT_FOUND, detail, null);
    }

    public static Problem conflict(String field, String detail) {
        return new Problem(Kind.CONFLICT, detail, field);
    }

    public static Problem unavailable(String detail) {
        return new Problem(Kind.UNAVAILABLE, detail, null);
    }

    public ProblemException asException() {
        return new ProblemException(this);
    }
}
