package dev.shortwave.http.redirect;

import dev.shortwave.cache.CacheEntry;
import dev.shortwave.cache.CacheLease;
import dev.shortwave.cache.LinkResolver;
import dev.shortwave.click.ClickAppenders;
import dev.shortwave.error.Problem;
import dev.shortwave.error.ProblemMapper;
import dev.shortwave.http.api.AccessLog;
import dev.shortwave.http.api.ApiResponse;
import dev.shortwave.http.api.RequestIds;
import dev.shortwave.http.api.Routes;
import dev.shortwave.link.Codes;
import dev.shortwave.link.LinkTarget;
import dev.shortwave.metrics.RedirectMeter;
import dev.shortwave.runtime.InFlight;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.time.Clock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Answers {@code GET} and {@code HEAD} of {@code /{code}}, in front of the router, which gets everything else. One for
 * each verticle instance, on its event loop. A cache that fails is a miss; only PostgreSQL says that a code is unknown.
 */
public final class RedirectHandler implements Handler<HttpServerRequest> {

    public static final CharSequence X_CACHE = HttpHeaders.createOptimized("x-cache");
    private static final String ROUTE = "/:code";

    /** Around the code in the longer path. */
    private static final String URLS_PREFIX = "/urls/";

    private static final String REDIRECT_SUFFIX = "/redirect";
    private static final CharSequence HIT = HttpHeaders.createOptimized("HIT");
    private static final CharSequence MISS = HttpHeaders.createOptimized("MISS");
    private static final CharSequence ZERO = HttpHeaders.createOptimized("0");

    /** A kept redirect would hide later clicks, edits and deletions. */
    public static final CharSequence NO_STORE = HttpHeaders.createOptimized("private, no-store");

    private final LinkResolver links;
    private final ClickAppenders.ClickAppender clicks;
    private final CacheLease lease;
    private final Supplier<Future<Void>> ownBooked;
    private final RequestIds requestIds;
    private final RedirectMeter meter;
    private final AccessLog access;
    private final InFlight inFlight;
    private final Clock clock;
    private final boolean traced;
    private final Routes routes;
    private final Handler<HttpServerRequest> apiHandler;

    /**
     * @param ownBooked completes when the clicks of this JVM are booked
     * @param traced whether requests have spans
     * @param routes of all other requests
     */
    public RedirectHandler(
            LinkResolver links,
            ClickAppenders.ClickAppender clicks,
            CacheLease trust,
            Supplier<Future<Void>> ownBooked,
            RequestIds requestIds,
            RedirectMeter meter,
            AccessLog access,
            InFlight inHand,
            Clock clock,
            boolean traced,
            Routes routes) {
        this.links = links;
        this.clicks = clicks;
        this.lease = trust;
        this.ownBooked = ownBooked;
        this.requestIds = requestIds;
        this.meter = meter;
        this.access = access;
        this.inFlight = inHand;
        this.clock = clock;
        this.traced = traced;
        this.routes = routes;
        this.apiHandler = routes.handler();
    }

    @Override
    public void handle(HttpServerRequest request) {
        String code = codeOf(request);
        if (code == null) {
            apiHandler.handle(request);
        } else {
            redirect(request, code);
        }
    }

    /**
     * The code that the request is for, or null if it is one for the router. A query means nothing here, broken or not,
     * while the router refuses it.
     */
    private static @Nullable String codeOf(HttpServerRequest request) {
        if (!request.method().equals(HttpMethod.GET) && !request.method().equals(HttpMethod.HEAD)) {
            return null;
        }
        String path = request.path();
        if (path == null || path.length() < 2 || path.charAt(0) != '/') {
            return null;
        }
        int end = path.charAt(path.length() - 1) == '/' ? path.length() - 1 : path.length();
        boolean isLong =
                path.startsWith(URLS_PREFIX) && path.startsWith(REDIRECT_SUFFIX, end - REDIRECT_SUFFIX.length());
        int from = isLong ? URLS_PREFIX.length() : 1;
        int to = isLong ? end - REDIRECT_SUFFIX.length() : end;
        if (!Codes.isCode(path, from, to)) {
            return null;
        }
        String code = path.substring(from, to);
        return !isLong && Codes.isReserved(code) ? null : code;
    }

    /** For the paths with a code that is percent-encoded: these the router knows. */
    public void redirect(RoutingContext context) {
        String code = context.pathParam("code");
        if (code != null && Codes.isCode(code)) {
            redirect(context.request(), code);
        } else if (context.request().path().startsWith(URLS_PREFIX)) {
            context.fail(Problem.of(Problem.Kind.LINK_NOT_FOUND, "there is no link with this code")
                    .asException());
        } else {
            context.fail(404);
        }
    }

    /** Whether there is something to redirect to. */
    public Future<Boolean> isActive(String code) {
        return Codes.isCode(code)
                ? links.resolve(code).map(found -> found.link().target().state() == LinkTarget.State.ACTIVE)
                : Future.succeededFuture(false);
    }

    private void redirect(HttpServerRequest request, String code) {
        long started = System.nanoTime();
        if (traced) {
            Routes.recordRoute(request, ROUTE);
        }
        CacheEntry warm = links.getIfCached(code, started);
        if (warm != null) {
            respond(request, warm, LinkResolver.Source.MEMORY, started);
            return;
        }
        inFlight.begin();
        links.resolve(code)
                .onComplete(
                        found -> respond(request, found.link(), found.source(), started),
                        failure -> sendFailure(request, failure, started))
                .onComplete(any -> inFlight.end());
    }

    private void respond(HttpServerRequest request, CacheEntry link, LinkResolver.Source source, long started) {
        LinkTarget target = link.target();
        if (target.state() != LinkTarget.State.ACTIVE) {
            sendNotFound(request, target, source, started);
        } else if (request.method().equals(HttpMethod.HEAD)) {
            sendRedirect(request, link, source, started);
        } else {
            clicks.append(
                    target,
                    clock.millis(),
                    request.getHeader(HttpHeaders.REFERER),
                    request.getHeader(HttpHeaders.USER_AGENT));
            if (lease.isValid(source == LinkResolver.Source.MEMORY ? started : System.nanoTime())) {
                sendRedirect(request, link, source, started);
            } else {
                // Readers ask all JVMs that can be heard to book first. One that can't be heard books before it
                // answers.
                ownBooked.get().onComplete(any -> sendRedirect(request, link, source, started));
            }
        }
    }

    private void sendNotFound(HttpServerRequest request, LinkTarget target, LinkResolver.Source source, long started) {
        Problem problem = noActiveLink(target.code());
        routes.send(
                request,
                requestIds.of(request),
                ApiResponse.problem(problem)
                        .with(X_CACHE, hitOrMiss(source))
                        .with(HttpHeaders.CACHE_CONTROL, NO_STORE));
        meter.recordNotFound(source.ordinal(), System.nanoTime() - started);
        access.log(request, ROUTE, started);
    }

    public static Problem noActiveLink(String code) {
        return Problem.of(Problem.Kind.LINK_NOT_FOUND, "there is no active link with the code " + code);
    }

    private void sendRedirect(HttpServerRequest request, CacheEntry link, LinkResolver.Source source, long started) {
        HttpServerResponse response = request.response();
        if (!response.closed() && !response.ended()) {
            response.setStatusCode(302);
            response.headers()
                    .add(HttpHeaders.LOCATION, link.location())
                    .add(X_CACHE, hitOrMiss(source))
                    .add(HttpHeaders.CACHE_CONTROL, NO_STORE)
                    .add(RequestIds.HEADER, requestIds.of(request))
                    .add(HttpHeaders.CONTENT_LENGTH, ZERO);
            response.end();
        }
        meter.recordRedirect(source.ordinal(), System.nanoTime() - started);
        access.log(request, ROUTE, started);
    }

    public static CharSequence hitOrMiss(LinkResolver.Source source) {
        return source == LinkResolver.Source.DATABASE ? MISS : HIT;
    }

    private void sendFailure(HttpServerRequest request, Throwable failure, long started) {
        meter.recordFailure(System.nanoTime() - started);
        CharSequence requestId = requestIds.of(request);
        routes.send(request, requestId, ApiResponse.problem(ProblemMapper.of(failure, requestId)));
        access.log(request, ROUTE, started);
    }
}
