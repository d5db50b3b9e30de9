package dev.shortwave.http.api;

import dev.shortwave.config.Config;
import dev.shortwave.error.Problem;
import dev.shortwave.error.ProblemException;
import dev.shortwave.error.ProblemMapper;
import dev.shortwave.http.connection.AddressLimit;
import dev.shortwave.metrics.Metrics;
import dev.shortwave.metrics.Rejection;
import dev.shortwave.runtime.InFlight;
import dev.shortwave.tracing.CurrentTrace;
import dev.shortwave.tracing.Trace;
import dev.shortwave.tracing.TraceParent;
import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.internal.http.HttpServerRequestInternal;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.net.URI;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The routes of one server, and what all of them share: HEAD wherever GET is, 405 with {@code Allow}, problems instead
 * of exceptions, request ids, metrics by template. On the event loop of its verticle.
 */
public final class Routes {

    private static final String STARTED = "started";
    private static final String REQUEST_ID = "request-id";
    private static final String SLOT = "slot";

    private static final CharSequence X_CONTENT_TYPE_OPTIONS = HttpHeaders.createOptimized("x-content-type-options");
    private static final CharSequence NOSNIFF = HttpHeaders.createOptimized("nosniff");
    private static final CharSequence NO_STORE = HttpHeaders.createOptimized("no-store");
    private static final CharSequence STRICT_TRANSPORT_SECURITY =
            HttpHeaders.createOptimized("strict-transport-security");

    /** As an element of {@code Accept}, with a weight above 0. */
    private static final Pattern PROBLEM_JSON = Pattern.compile(
            "(?:^|,)\\s*+application/problem\\+json(?![^,]*;\\s*+q=0(?:\\.0*+)?\\s*+(?:,|$))\\s*+(?:[;,]|$)",
            Pattern.CASE_INSENSITIVE);

    /** A 400, as all bad input; a 415 is for a content encoding. */
    static final Problem NOT_JSON = Problem.badRequest("the content type must be application/json");

    /** How long a caller that was refused may go on sending: closed at once, it might never read why. */
    private static final long CLOSE_DELAY_MILLISECONDS = 2_000;

    /** Those that HTTP defines and an origin server may be asked for; of others not even their syntax is known. */
    private static final Set<HttpMethod> METHODS = Set.of(
            HttpMethod.GET,
            HttpMethod.HEAD,
            HttpMethod.POST,
            HttpMethod.PUT,
            HttpMethod.PATCH,
            HttpMethod.DELETE,
            HttpMethod.OPTIONS,
            HttpMethod.TRACE);

    private final Router router;
    private final RequestIds requestIds;
    private final InFlight inFlight;
    private final Metrics metrics;
    private final AccessLog access;
    private final Forwarding forwarding;
    private final OriginPolicy origins;
    private final AddressLimit requestLimit;
    private final BodyHandler bodies;
    private final boolean isPublicUrlSecure;
    private final @Nullable CharSequence hsts;
    private final Map<String, List<Mount>> pathToMounts = new LinkedHashMap<>();
    private final Map<String, Function<ApiRequest, Future<Boolean>>> pathToCheck = new HashMap<>();

    /** A method of a path, and what it adds to its route. */
    private record Mount(HttpMethod method, Consumer<Route> handlers) {}

    /**
     * @param requestLimit of unanswered requests for each client
     */
    public Routes(
            Router router,
            RequestIds requestIds,
            InFlight inHand,
            Metrics metrics,
            AccessLog access,
            Forwarding forwarding,
            OriginPolicy origins,
            AddressLimit requestLimit,
            Config.Http config) {
        this.router = router;
        this.requestIds = requestIds;
        this.inFlight = inHand;
        this.metrics = metrics;
        this.access = access;
        this.forwarding = forwarding;
        this.origins = origins;
        this.requestLimit = requestLimit;
        this.bodies = BodyHandler.create(false).setBodyLimit(config.maxBodySize());
        URI publicUrl = config.publicUrl();
        this.isPublicUrlSecure = publicUrl != null && "https".equalsIgnoreCase(publicUrl.getScheme());
        long maxAge = config.hstsMaxAge().toSeconds();
        this.hsts = maxAge == 0 ? null : HttpHeaders.createOptimized("max-age=" + maxAge);
    }

    /** GET, and HEAD with it. */
    public void get(String path, Function<ApiRequest, Future<ApiResponse>> handler) {
        Consumer<Route> handlers = route -> route.handler(this::limit).handler(context -> run(context, handler));
        on(HttpMethod.GET, path, handlers);
        on(HttpMethod.HEAD, path, handlers);
    }

    /** A method that may have a JSON body. */
    public void withBody(HttpMethod method, String path, Function<ApiRequest, Future<ApiResponse>> handler) {
        on(
                method,
                path,
                route -> route.handler(this::limit).handler(this::readJson).handler(context -> run(context, handler)));
    }

    /** Reads no other body: forms would be taken apart, and broken ones fail there. */
    private void readJson(RoutingContext context) {
        if (ApiRequest.hasOtherThanJson(context.request())) {
            context.fail(NOT_JSON.asException());
        } else if (ApiRequest.isEncoded(context.request())) {
            context.fail(415);
        } else {
            bodies.handle(context);
        }
    }

    /** A method whose body, if any, is not read before the handler runs. */
    public void withoutBody(HttpMethod method, String path, Function<ApiRequest, Future<ApiResponse>> handler) {
        on(method, path, route -> route.handler(this::limit).handler(context -> run(context, handler)));
    }

    /** GET and HEAD of a route that answers by itself. */
    public void raw(String path, Handler<RoutingContext> handler) {
        on(HttpMethod.GET, path, route -> route.handler(handler));
        on(HttpMethod.HEAD, path, route -> route.handler(handler));
    }

    /**
     * Lets the other methods of a path that any word could be look first whether there is something: if not, it is a 404,
     * and no 405 that would name a route which the caller only misspelt.
     */
    public void checkOtherMethods(String path, Function<ApiRequest, Future<Boolean>> exists) {
        pathToCheck.put(path, exists);
    }

    private void on(HttpMethod method, String path, Consumer<Route> handlers) {
        pathToMounts.computeIfAbsent(path, first -> new ArrayList<>()).add(new Mount(method, handlers));
    }

    /**
     * Mounts them: 405 for the other methods of known paths, 404 for the rest, problems for every failure. Fixed paths
     * come before those with parameters, or {@code GET /shorten} would look for a link of that name.
     */
    public void finish() {
        router.route().handler(context -> {
            context.put(STARTED, System.nanoTime());
            CurrentTrace.begin(context.request().getHeader(TraceParent.HEADER));
            context.next();
        });
        pathToMounts.entrySet().stream()
                .sorted(Comparator.comparing(entry -> entry.getKey().contains(":")))
                .forEach(entry -> mount(entry.getKey(), entry.getValue()));
        router.route().handler(context -> send(context, "none", ApiResponse.problem(ProblemMapper.ofStatus(404))));
        router.route().failureHandler(context -> {
            Throwable failure = context.failure();
            boolean isOurs = failure instanceof ProblemException || context.statusCode() == 500;
            Problem problem = failure == null || !isOurs
                    ? ProblemMapper.ofStatus(context.statusCode())
                    : ProblemMapper.of(failure, requestId(context));
            send(context, "failed", ApiResponse.problem(problem));
        });
    }

    /** All of them as the handler of a server. */
    public Handler<HttpServerRequest> handler() {
        return request -> {
            if (!METHODS.contains(request.method())) {
                metrics.rejected(Rejection.UNKNOWN_METHOD);
                reject(request, "unknown-method", ApiResponse.problem(ProblemMapper.ofStatus(501)));
            } else if (!isWellFormed(request.uri())) {
                // The router itself would answer in a form of its own, and log each as a fault.
                Problem problem = Problem.badRequest("the path or the query has a broken percent-encoding");
                reject(request, "malformed", ApiResponse.problem(problem));
            } else if (origins.isForeignWrite(request)) {
                metrics.rejected(Rejection.FOREIGN_ORIGIN);
                reject(
                        request,
                        "foreign-origin",
                        ApiResponse.problem(Problem.of(
                                Problem.Kind.FORBIDDEN, "a page of another origin must not write to this service")));
            } else {
                router.handle(request);
            }
        };
    }

    /** Answers a request whose head could not be read: what is not HTTP, too long, or too slow. */
    public void refuseInvalid(HttpServerRequest request) {
        Throwable cause = request.decoderResult().cause();
        if (cause instanceof PrematureChannelClosureException) {
            return;
        }
        Problem problem;
        if (cause instanceof ProblemException e) {
            problem = e.problem();
        } else if (cause instanceof TooLongHttpLineException) {
            problem = ProblemMapper.ofStatus(414);
        } else if (cause instanceof TooLongHttpHeaderException) {
            problem = ProblemMapper.ofStatus(431);
        } else {
            problem = ProblemMapper.ofStatus(400);
        }
        metrics.rejected(
                problem.kind() == Problem.Kind.REQUEST_TIMEOUT ? Rejection.HEAD_TIMEOUT : Rejection.MALFORMED_HEAD);
        reject(request, "invalid", ApiResponse.problem(problem).with(HttpHeaders.CONNECTION, HttpHeaders.CLOSE));
    }

    private void reject(HttpServerRequest request, String route, ApiResponse answer) {
        send(request, requestIds.of(request), answer);
        access.log(request, route, System.nanoTime());
    }

    private static boolean isWellFormed(String uri) {
        for (int at = uri.indexOf('%'); at >= 0; at = uri.indexOf('%', at + 1)) {
            if (at + 2 >= uri.length() || !isHex(uri.charAt(at + 1)) || !isHex(uri.charAt(at + 2))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isHex(char c) {
        return c < 0x80 && Character.digit(c, 16) >= 0;
    }

    private void mount(String path, List<Mount> mounts) {
        mounts.forEach(mount -> mount.handlers().accept(router.route(mount.method(), path)));
        String allow = mounts.stream().map(mount -> mount.method().name()).collect(Collectors.joining(", "));
        ApiResponse refusal = ApiResponse.problem(
                        Problem.of(Problem.Kind.METHOD_NOT_ALLOWED, "this path allows " + allow))
                .with(HttpHeaders.ALLOW, allow);
        Function<ApiRequest, Future<Boolean>> exists = pathToCheck.get(path);
        if (exists == null && path.contains("/:id")) {
            // POST /users/bulkk is for no user: it was misspelt.
            exists = call -> Future.succeededFuture(call.hasPathId("id"));
        }
        if (exists == null) {
            router.route(path).handler(context -> send(context, path, refusal));
        } else {
            Function<ApiRequest, Future<Boolean>> check = exists;
            router.route(path)
                    .handler(context -> run(
                            context,
                            call -> check.apply(call)
                                    .map(there -> there ? refusal : ApiResponse.problem(ProblemMapper.ofStatus(404)))));
        }
    }

    /** All routes, as path template and methods: for the test that compares them with the OpenAPI document. */
    public Map<String, List<HttpMethod>> all() {
        Map<String, List<HttpMethod>> pathToMethods = new LinkedHashMap<>();
        pathToMounts.forEach((path, mounts) ->
                pathToMethods.put(path, mounts.stream().map(Mount::method).toList()));
        return pathToMethods;
    }

    /** Before a request of the API is read or handled; {@link #send} gives its slot back. */
    private void limit(RoutingContext context) {
        String client = forwarding.client(context.request());
        if (client == null || !requestLimit.applies(client)) {
            context.next();
            return;
        }
        AddressLimit.Slot slot = requestLimit.acquire(client);
        if (slot == null) {
            metrics.rejected(Rejection.REQUEST_LIMIT);
            context.fail(429);
        } else {
            context.put(SLOT, slot);
            context.next();
        }
    }

    private void run(RoutingContext context, Function<ApiRequest, Future<ApiResponse>> handler) {
        inFlight.begin();
        Future<ApiResponse> answer;
        try {
            answer = handler.apply(new ApiRequest(context, forwarding));
        } catch (RuntimeException e) {
            answer = Future.failedFuture(e);
        }
        String path = String.valueOf(context.currentRoute().getPath());
        answer.onComplete(
                        made -> send(context, path, made),
                        failure ->
                                send(context, path, ApiResponse.problem(ProblemMapper.of(failure, requestId(context)))))
                .onComplete(any -> inFlight.end());
    }

    /** Answers, and counts it for the route. */
    public void send(RoutingContext context, String path, ApiResponse answer) {
        AddressLimit.Slot slot = context.remove(SLOT);
        if (slot != null) {
            slot.release();
        }
        HttpServerRequest request = context.request();
        long now = System.nanoTime();
        Long begun = context.get(STARTED);
        long started = begun == null ? now : begun;
        metrics.request(request.method().name(), path, answer.status(), now - started);
        recordRoute(request, path);
        send(request, requestId(context), answer);
        access.log(request, path, started);
    }

    /** Before the answer, which ends what is told of the request. */
    public static void recordRoute(HttpServerRequest request, String path) {
        Trace trace = CurrentTrace.of(((HttpServerRequestInternal) request).context());
        if (trace != null) {
            trace.route(path);
        }
    }

    /** One id for the log and the answer. */
    private String requestId(RoutingContext context) {
        String known = context.get(REQUEST_ID);
        if (known != null) {
            return known;
        }
        String made = requestIds.of(context.request()).toString();
        context.put(REQUEST_ID, made);
        return made;
    }

    /** Writes an answer, unless the caller has gone. */
    public void send(HttpServerRequest request, CharSequence requestId, ApiResponse answer) {
        HttpServerResponse response = request.response();
        if (response.ended() || response.closed()) {
            return;
        }
        response.setStatusCode(answer.status());
        MultiMap headers = response.headers().addAll(answer.headers()).set(RequestIds.HEADER, requestId);
        headers.set(X_CONTENT_TYPE_OPTIONS, NOSNIFF);
        if (!headers.contains(HttpHeaders.CACHE_CONTROL)) {
            headers.set(HttpHeaders.CACHE_CONTROL, NO_STORE);
        }
        if (hsts != null && (isPublicUrlSecure || forwarding.isSecure(request))) {
            headers.set(STRICT_TRANSPORT_SECURITY, hsts);
        }
        if (answer.isProblem() && namesProblemJson(request)) {
            response.headers().set(HttpHeaders.CONTENT_TYPE, ApiResponse.PROBLEM_JSON);
        }
        if (answer.status() >= 400 && hasBody(request) && !request.isEnded()) {
            // Nobody wants the rest of the body; a closed connection tells the caller to stop sending.
            response.headers().set(HttpHeaders.CONNECTION, "close");
            closeSoon(request);
        }
        if (answer.status() == 204) {
            response.end();
        } else {
            // Said here, because Vert.x would leave it out of the answer to HEAD.
            response.headers()
                    .set(
                            HttpHeaders.CONTENT_LENGTH,
                            Integer.toString(answer.body().length()));
            response.end(answer.body());
        }
    }

    /** Whether the caller names the media type of problem documents. Wildcards don't: then it is that of JSON. */
    private static boolean namesProblemJson(HttpServerRequest request) {
        String accept = request.getHeader(HttpHeaders.ACCEPT);
        // Misses of redirects come here too, so what most programs send costs nothing.
        return accept != null
                && !accept.equals("*/*")
                && request.headers().getAll(HttpHeaders.ACCEPT).stream()
                        .anyMatch(line -> PROBLEM_JSON.matcher(line).find());
    }

    private static void closeSoon(HttpServerRequest request) {
        Context context = Vertx.currentContext();
        if (context != null) {
            context.owner()
                    .setTimer(
                            CLOSE_DELAY_MILLISECONDS,
                            late -> request.connection().close());
        }
    }

    private static boolean hasBody(HttpServerRequest request) {
        return request.headers().contains(HttpHeaders.TRANSFER_ENCODING)
                || request.headers().contains(HttpHeaders.CONTENT_LENGTH);
    }
}
