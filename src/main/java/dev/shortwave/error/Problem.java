package dev.shortwave.error;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What is wrong with a request, in the shape of RFC 9457.
 *
 * @param kind the kind of problem; decides status, type and phrase
 * @param detail what is wrong, in words for the caller; never a class name, never SQL
 * @param field the field of the request at fault, if one is
 */
public record Problem(Kind kind, String detail, @Nullable String field) {

    /**
     * The kinds of problem. Each has a stable type URI, made of its name, and a page there ({@code GET /problems}), which
     * is why kinds that only HAProxy answers are here too. docs/problems.md lists them all.
     */
    public enum Kind {
        BAD_REQUEST(
                400,
                "Bad request",
                "A field, a parameter or a file is missing or wrong, or the request cannot be read. `field` names what is wrong."),
        UNAUTHORIZED(401, "Unauthorized", "The management port expects its token as `Authorization: Bearer …`."),
        FORBIDDEN(
                403,
                "Forbidden",
                "The service does not take this request from where it comes, such as a page of another site."),
        NOT_FOUND(404, "Not found", "Nothing has this path."),
        USER_NOT_FOUND(404, "User not found", "No user has this id."),
        LINK_NOT_FOUND(404, "Url not found", "No link has this id or code, or the link is not active."),
        EVENT_NOT_FOUND(404, "Event not found", "No event has this id."),
        METHOD_NOT_ALLOWED(
                405,
                "Method not allowed",
                "The path exists, but not with this method. `Allow` lists the methods that it has."),
        REQUEST_TIMEOUT(
                408, "Request timeout", "The request took too long to arrive, or stopped arriving. Send it again."),
        CONFLICT(409, "Conflict", "The request does not go with what is under way at the moment. Send it again later."),
        USERNAME_TAKEN(409, "Username already taken", "Another user has this username."),
        EMAIL_TAKEN(409, "Email already taken", "Another user has this e-mail address, in any case of letters."),
        CODE_TAKEN(409, "Short code already taken", "Another link has this code, or had it before it was deleted."),
        CODE_RESERVED(409, "Short code reserved", "The code is the name of a route of the service."),
        BODY_TOO_LARGE(413, "Body too large", "The body or the file is larger than the service accepts."),
        URI_TOO_LONG(414, "URI too long", "The request line is longer than the service accepts."),
        UNSUPPORTED_MEDIA_TYPE(
                415, "Unsupported media type", "The body has a `Content-Encoding` that the service does not read."),
        MISDIRECTED_REQUEST(
                421,
                "Misdirected request",
                "The management port does not answer for this host. Ask it by a loopback name or by `management.host`."),
        TOO_MANY_REQUESTS(
                429,
                "Too many requests",
                "This address has sent too many requests, or has too many unanswered. `Retry-After` says when to send more."),
        HEADERS_TOO_LARGE(431, "Request headers too large", "The header fields are larger than the service accepts."),
        INTERNAL_SERVER_ERROR(
                500,
                "Internal server error",
                "The service failed. Its log has the cause under the id that the answer carries as `X-Request-Id`."),
        NOT_IMPLEMENTED(
                501, "Not implemented", "The service does not know the method or the transfer coding of the request."),
        BAD_GATEWAY(
                502,
                "Bad gateway",
                "The proxy got no complete answer from the service. What a write has done is not known."),
        SERVICE_UNAVAILABLE(
                503,
                "Service unavailable",
                "The database or the service cannot answer now. `Retry-After` says when to send the request again."),
        GATEWAY_TIMEOUT(
                504,
                "Gateway timeout",
                "The proxy got no answer from the service in time. What a write has done is not known."),
        HTTP_VERSION_NOT_SUPPORTED(
                505,
                "HTTP version not supported",
                "The service speaks HTTP/1.0 and HTTP/1.1, and through its proxy HTTP/2 over TLS.");

        private final int status;
        private final String phrase;
        private final String meaning;
        private final String slug;

        Kind(int status, String phrase, String meaning) {
            this.status = status;
            this.phrase = phrase;
            this.meaning = meaning;
            this.slug = name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        public int status() {
            return status;
        }

        /** A short phrase that programs may compare; never changes. */
        public String phrase() {
            return phrase;
        }

        /** What the problem means and what a caller can do, in Markdown. */
        public String meaning() {
            return meaning;
        }

        /** The last segment of the type URI. */
        public String slug() {
            return slug;
        }

        /** The type URI, relative to the service. */
        public String type() {
            return "/problems/" + slug;
        }
    }

    public static Problem of(Kind kind, String detail) {
        return new Problem(kind, detail, null);
    }

    public static Problem badRequest(String detail) {
        return of(Kind.BAD_REQUEST, detail);
    }

    public static Problem badField(String field, String detail) {
        return new Problem(Kind.BAD_REQUEST, detail, field);
    }

    public static Problem notFound(String detail) {
        return of(Kind.NOT_FOUND, detail);
    }

    public static Problem userNotFound(Object id) {
        return of(Kind.USER_NOT_FOUND, "there is no user with the id " + id);
    }

    public static Problem linkNotFound(Object id) {
        return of(Kind.LINK_NOT_FOUND, "there is no link with the id " + id);
    }

    public static Problem eventNotFound(Object id) {
        return of(Kind.EVENT_NOT_FOUND, "there is no event with the id " + id);
    }

    /** A problem of a kind with the status 409. */
    public static Problem conflict(Kind kind, String field, String detail) {
        return new Problem(kind, detail, field);
    }

    public static Problem unavailable(String detail) {
        return of(Kind.SERVICE_UNAVAILABLE, detail);
    }

    /** The contract's own key: the phrase of the kind, and for bad input, which has many reasons, the detail. */
    public String error() {
        return kind == Kind.BAD_REQUEST ? detail : kind.phrase();
    }

    public ProblemException asException() {
        return new ProblemException(this);
    }
}
