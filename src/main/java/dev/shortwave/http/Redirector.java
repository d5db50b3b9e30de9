package dev.shortwave.http;

import dev.shortwave.cache.CachedLink;
import dev.shortwave.cache.LinkFinder;
import dev.shortwave.cache.Trust;
import dev.shortwave.click.ClickLog;
import dev.shortwave.link.Codes;
import dev.shortwave.link.Target;
import dev.shortwave.metrics.RedirectMeter;
import dev.shortwave.problem.Problem;
import dev.shortwave.verticle.InHand;
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
final class Redirector implements Handler<HttpServerRequest> {

    static final CharSequence X_CACHE = HttpHeaders.createOptimized("x-cache");
    private static final String ROUTE = "/:code";

    /** Around the code in the longer path. */
    private static final String BEFORE = "/urls/";

    private static final String BEHIND = "/redirect";
    private static final CharSequence HIT = HttpHeaders.createOptimized("HIT");
    private static final CharSequence MISS = HttpHeaders.createOptimized("MISS");
    private static final CharSequence ZERO = HttpHeaders.createOptimized("0");

    /** A kept redirect would hide later clicks, edits and deletions. */
    static final CharSequence NO_STORE = HttpHeaders.createOptimized("private, no-store");

    private final LinkFinder links;
    private final ClickLog.Appender clicks;
    private final Trust trust;
    private final Supplier<Future<Void>> ownBooked;
    private final RequestIds requestIds;
    private final RedirectMeter meter;
    private final AccessLog access;
    private final InHand inHand;
    private final Clock clock;
    private final boolean traced;
    private final Routes routes;
    private final Handler<HttpServerRequest> others;

    /**
     * @param ownBooked completes when the clicks of this JVM are booked
     * @param traced whether requests have spans
     * @param routes of all other requests
     */
    Redirector(
            LinkFinder links,
            ClickLog.Appender clicks,
            Trust trust,
            Supplier<Future<Void>> ownBooked,
            RequestIds requestIds,
            RedirectMeter meter,
            AccessLog access,
            InHand inHand,
            Clock clock,
            boolean traced,
            Routes routes) {
        this.links = links;
        this.clicks = clicks;
        this.trust = trust;
        this.ownBooked = ownBooked;
        this.requestIds = requestIds;
        this.meter = meter;
        this.access = access;
        this.inHand = inHand;
        this.clock = clock;
        this.traced = traced;
        this.routes = routes;
        this.others = routes.handler();
    }

    @Override
    public void handle(HttpServerRequest request) {
        String code = codeOf(request);
        if (code == null) {
            others.handle(request);
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
        boolean isLong = path.startsWith(BEFORE) && path.startsWith(BEHIND, end - BEHIND.length());
        int from = isLong ? BEFORE.length() : 1;
        int to = isLong ? end - BEHIND.length() : end;
        if (!Codes.isCode(path, from, to)) {
            return null;
        }
        String code = path.substring(from, to);
        return !isLong && Codes.isReserved(code) ? null : code;
    }

    /** For the paths with a code that is percent-encoded: these the router knows. */
    void redirect(RoutingContext context) {
        String code = context.pathParam("code");
        if (code != null && Codes.isCode(code)) {
            redirect(context.request(), code);
        } else if (context.request().path().startsWith(BEFORE)) {
            context.fail(Problem.of(Problem.Kind.LINK_NOT_FOUND, "there is no link with this code")
                    .asException());
        } else {
            context.fail(404);
        }
    }

    /** Whether there is something to redirect to. */
    Future<Boolean> isActive(String code) {
        return Codes.isCode(code)
                ? links.find(code).map(found -> found.link().target().state() == Target.State.ACTIVE)
                : Future.succeededFuture(false);
    }

    private void redirect(HttpServerRequest request, String code) {
        long started = System.nanoTime();
        if (traced) {
            Routes.tellTrace(request, ROUTE);
        }
        CachedLink warm = links.warm(code, started);
        if (warm != null) {
            answer(request, warm, LinkFinder.Source.MEMORY, started);
            return;
        }
        inHand.begin();
        links.find(code)
                .onComplete(
                        found -> answer(request, found.link(), found.source(), started),
                        failure -> fail(request, failure, started))
                .onComplete(any -> inHand.end());
    }

    private void answer(HttpServerRequest request, CachedLink link, LinkFinder.Source source, long started) {
        Target target = link.target();
        if (target.state() != Target.State.ACTIVE) {
            notFound(request, target, source, started);
        } else if (request.method().equals(HttpMethod.HEAD)) {
            found(request, link, source, started);
        } else {
            clicks.append(
                    target,
                    clock.millis(),
                    request.getHeader(HttpHeaders.REFERER),
                    request.getHeader(HttpHeaders.USER_AGENT));
            if (trust.holds(source == LinkFinder.Source.MEMORY ? started : System.nanoTime())) {
                found(request, link, source, started);
            } else {
                // Readers ask all JVMs that can be heard to book first. One that can't be heard books before it
                // answers.
                ownBooked.get().onComplete(any -> found(request, link, source, started));
            }
        }
    }

    private void notFound(HttpServerRequest request, Target target, LinkFinder.Source source, long started) {
        Problem problem = noActiveLink(target.code());
        routes.send(
                request,
                requestIds.of(request),
                Answer.problem(problem).with(X_CACHE, hitOrMiss(source)).with(HttpHeaders.CACHE_CONTROL, NO_STORE));
        meter.notFound(source.ordinal(), System.nanoTime() - started);
        access.answered(request, ROUTE, started);
    }

    static Problem noActiveLink(String code) {
        return Problem.of(Problem.Kind.LINK_NOT_FOUND, "there is no active link with the code " + code);
    }

    private void found(HttpServerRequest request, CachedLink link, LinkFinder.Source source, long started) {
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
        meter.found(source.ordinal(), System.nanoTime() - started);
        access.answered(request, ROUTE, started);
    }

    static CharSequence hitOrMiss(LinkFinder.Source source) {
        return source == LinkFinder.Source.DATABASE ? MISS : HIT;
    }

    private void fail(HttpServerRequest request, Throwable failure, long started) {
        meter.failed(System.nanoTime() - started);
        CharSequence requestId = requestIds.of(request);
        routes.send(request, requestId, Answer.problem(Problems.of(failure, requestId)));
        access.answered(request, ROUTE, started);
    }
}
