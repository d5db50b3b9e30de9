package dev.shortwave.http.api;

import dev.shortwave.error.Ids;
import dev.shortwave.error.Numbers;
import dev.shortwave.error.Problem;
import dev.shortwave.error.TextRules;
import dev.shortwave.link.Codes;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.MIMEHeader;
import io.vertx.ext.web.RoutingContext;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One request of the API, read with the contract's rules: what does not fit throws a problem. */
public final class ApiRequest {

    private static final Pattern PARAMETER = Pattern.compile(":(\\w+)");

    private final RoutingContext context;
    private final Forwarding forwarding;

    ApiRequest(RoutingContext context, Forwarding forwarding) {
        this.context = context;
        this.forwarding = forwarding;
    }

    public HttpServerRequest request() {
        return context.request();
    }

    /** The host that the caller asked, with a port if it named one; for links back to this service. */
    public @Nullable String host() {
        return forwarding.host(context.request());
    }

    /** Whether the caller came over TLS. */
    public boolean isSecure() {
        return forwarding.isSecure(context.request());
    }

    /** The path of the route with its parameters. What the caller wrote may be another spelling of it. */
    public String path() {
        return PARAMETER
                .matcher(String.valueOf(context.currentRoute().getPath()))
                .replaceAll(parameter -> Matcher.quoteReplacement(
                        URLEncoder.encode(context.pathParam(parameter.group(1)), StandardCharsets.UTF_8)));
    }

    /**
     * An id in the path; what can't be one is not found.
     *
     * @param notFound makes the problem for an id of this resource
     */
    public long pathId(String name, Function<Object, Problem> notFound) {
        String text = String.valueOf(context.pathParam(name));
        try {
            return Numbers.parseLong(text, 0, Ids.MAX);
        } catch (NumberFormatException e) {
            throw notFound.apply(abbreviate(text)).asException();
        }
    }

    /** Whether what stands in the path can be an id. */
    boolean hasPathId(String name) {
        return String.valueOf(context.pathParam(name)).matches("[0-9]{1,18}");
    }

    /** A code in the path; what can't be one is not found. */
    public String pathCode(String name) {
        String text = String.valueOf(context.pathParam(name));
        if (!Codes.isCode(text)) {
            throw Problem.of(Problem.Kind.LINK_NOT_FOUND, "there is no link with this code")
                    .asException();
        }
        return text;
    }

    /** A name in the path, as it stands there. */
    public String pathParameter(String name) {
        return String.valueOf(context.pathParam(name));
    }

    /** The body as an object of which at least something must fit. */
    public JsonBody body() {
        Buffer body = context.body() == null ? null : context.body().buffer();
        if (body == null || body.length() == 0) {
            throw Problem.badRequest("the body is missing").asException();
        }
        if (!context.request().headers().contains(HttpHeaders.CONTENT_TYPE)) {
            throw Routes.NOT_JSON.asException();
        }
        return JsonBodyReader.read(body);
    }

    /** Whether a content type is named, and is not JSON. */
    static boolean hasOtherThanJson(HttpServerRequest request) {
        String contentType = request.getHeader(HttpHeaders.CONTENT_TYPE);
        return contentType != null && !isJson(contentType);
    }

    /** Whether the body is compressed or encoded in another way. */
    static boolean isEncoded(HttpServerRequest request) {
        String encoding = request.getHeader(HttpHeaders.CONTENT_ENCODING);
        return encoding != null && !encoding.strip().equalsIgnoreCase("identity");
    }

    private static boolean isJson(String contentType) {
        int end = contentType.indexOf(';');
        String type =
                (end < 0 ? contentType : contentType.substring(0, end)).strip().toLowerCase(Locale.ROOT);
        return type.equals("application/json") || (type.startsWith("application/") && type.endsWith("+json"));
    }

    /** Those of the query alone, without those of the path. */
    MultiMap queryParameters() {
        try {
            return context.queryParams();
        } catch (RuntimeException e) {
            throw Problem.badRequest("the query is malformed").asException();
        }
    }

    /** A query parameter as text, or null if it is not there. */
    public @Nullable String query(String name) {
        List<String> values = queryParameters().getAll(name);
        if (values.isEmpty()) {
            return null;
        }
        if (values.size() > 1) {
            throw JsonBody.bad(name, "is given more than once");
        }
        String value = values.get(0);
        if (value.isEmpty()) {
            throw JsonBody.bad(name, "must not be empty");
        }
        String violation = TextRules.violation(value);
        if (violation != null) {
            throw JsonBody.bad(name, violation);
        }
        return value;
    }

    /** A query parameter that is an id, or null. There need be nothing with this id. */
    public @Nullable Long queryId(String name) {
        return queryNumber(name, 0, Ids.MAX);
    }

    /** A query parameter within bounds, or null. */
    public @Nullable Long queryNumber(String name, long least, long most) {
        String text = query(name);
        if (text == null) {
            return null;
        }
        try {
            return Numbers.parseLong(text, least, most);
        } catch (NumberFormatException e) {
            throw JsonBody.bad(name, "must be a whole number from " + least + " to " + most);
        }
    }

    /** A query parameter that is {@code true} or {@code false}, or null. */
    public @Nullable Boolean queryFlag(String name) {
        String text = query(name);
        if (text == null) {
            return null;
        }
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw JsonBody.bad(name, "must be true or false");
        };
    }

    /** Whether a person with a browser asks. */
    public boolean wantsHtml() {
        for (MIMEHeader accepted : context.parsedHeaders().accept()) {
            String type = accepted.component() + "/" + accepted.subComponent();
            if (type.equals("text/html") || type.equals("application/json")) {
                return type.equals("text/html") && accepted.weight() > 0;
            }
        }
        return false;
    }

    private static String abbreviate(String text) {
        return text.length() > 40 || !TextRules.isStorable(text) ? "given" : text;
    }
}
