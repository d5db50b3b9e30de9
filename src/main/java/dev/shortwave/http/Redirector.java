package dev.shortwave.http;

import dev.shortwave.bus.Bus;
import dev.shortwave.bus.ResolveCode;
import dev.shortwave.click.Click;
import dev.shortwave.click.ClickLog;
import dev.shortwave.link.Codes;
import dev.shortwave.link.Destinations;
import dev.shortwave.link.LinkCache;
import dev.shortwave.link.Target;
import dev.shortwave.metrics.Metrics;
import dev.shortwave.problem.Problem;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Answers {@code GET} and {@code HEAD} of {@code /{code}}, in front of the router, which gets everything else. One for
 * each verticle instance, on its event loop. A cache that fails is a miss; only PostgreSQL says that a code is unknown.
 */
final class Redirector implements Handler<HttpServerRequest> {

    private static final CharSequence X_CACHE = HttpHeaders.createOptimized("x-cache");
    private static final CharSequence HIT = HttpHeaders.createOptimized("HIT");
    private static final CharSequence MISS = HttpHeaders.createOptimized("MISS");
    private static final CharSequence ZERO = HttpHeaders.createOptimized("0");

    /** A kept redirect would hide later clicks, edits and deletions. */
    private static final CharSequence NO_STORE = HttpHeaders.createOptimized("private, no-store");

    private final LinkCache cache;
    private final ClickLog.Appender clicks;
    private final Supplier<Future<Void>> beforeAnswer;
    private final Bus bus;
    private final RequestIds requestIds;
    private final Metrics metrics;
    private final Clock clock;
    private final Handler<HttpServerRequest> others;

    /** Look-ups under way: many requests for the same cold code ask PostgreSQL once. */
    private final Map<String, Future<Target>> codeToLookUp = new HashMap<>();

    /**
     * @param beforeAnswer what a redirect waits for after its click is in the log
     */
    Redirector(
            LinkCache cache,
            ClickLog.Appender clicks,
            Supplier<Future<Void>> beforeAnswer,
            Bus bus,
            RequestIds requestIds,
            Metrics metrics,
            Clock clock,
            Handler<HttpServerRequest> others) {
        this.cache = cache;
        this.clicks = clicks;
        this.beforeAnswer = beforeAnswer;
        this.bus = bus;
        this.requestIds = requestIds;
        this.metrics = metrics;
        this.clock = clock;
        this.others = others;
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

    /** The code that the request is for, or null if it is one for the router. */
    private static @Nullable String codeOf(HttpServerRequest request) {
        if (!request.method().equals(HttpMethod.GET) && !request.method().equals(HttpMethod.HEAD)) {
            return null;
        }
        String path = request.path();
        if (path == null || path.length() < 2 || path.charAt(0) != '/') {
            return null;
        }
        int end = path.charAt(path.length() - 1) == '/' ? path.length() - 1 : path.length();
        if (!Codes.isCode(path, 1, end)) {
            return null;
        }
        String code = path.substring(1, end);
        return Codes.isReserved(code) ? null : code;
    }

    /** For the paths with a code that the router knows: the longer one, and what was percent-encoded. */
    void redirect(RoutingContext context) {
        String code = context.pathParam("code");
        if (code != null && Codes.isCode(code)) {
            redirect(context.request(), code);
        } else {
            context.fail(404);
        }
    }

    private void redirect(HttpServerRequest request, String code) {
        long started = System.nanoTime();
        cache.get(code).onComplete(cached -> {
            Target known = cached.result();
            if (known != null) {
                answer(request, known, true, started);
            } else {
                lookUp(code)
                        .onComplete(
                                found -> answer(request, found, false, started),
                                failure -> fail(request, failure, started));
            }
        });
    }

    private Future<Target> lookUp(String code) {
        Future<Target> underWay = codeToLookUp.get(code);
        if (underWay != null) {
            return underWay;
        }
        Future<Target> begun = bus.ask(new ResolveCode(code));
        codeToLookUp.put(code, begun);
        return begun.onComplete(found -> {
            codeToLookUp.remove(code);
            if (found.succeeded()) {
                cache.fill(found.result());
            }
        });
    }

    private void answer(HttpServerRequest request, Target target, boolean hit, long started) {
        if (target.state() != Target.State.ACTIVE) {
            metrics.redirect(
                    hit ? Metrics.Redirect.NOT_FOUND_HIT : Metrics.Redirect.NOT_FOUND_MISS,
                    System.nanoTime() - started);
            Problem problem = Problem.notFound("there is no active link with the code " + target.code());
            Routes.send(
                    request,
                    requestIds.of(request),
                    Answer.problem(problem).with(X_CACHE, hit ? HIT : MISS).with(HttpHeaders.CACHE_CONTROL, NO_STORE));
        } else if (request.method().equals(HttpMethod.HEAD)) {
            found(request, target, hit, started);
        } else {
            clicks.append(Click.of(
                    target,
                    clock.millis(),
                    request.getHeader(HttpHeaders.REFERER),
                    request.getHeader(HttpHeaders.USER_AGENT)));
            beforeAnswer.get().onComplete(any -> found(request, target, hit, started));
        }
    }

    private void found(HttpServerRequest request, Target target, boolean hit, long started) {
        metrics.redirect(hit ? Metrics.Redirect.FOUND_HIT : Metrics.Redirect.FOUND_MISS, System.nanoTime() - started);
        HttpServerResponse response = request.response();
        if (response.closed() || response.ended()) {
            return;
        }
        response.setStatusCode(302);
        response.headers()
                .add(HttpHeaders.LOCATION, Destinations.location(target.destination()))
                .add(X_CACHE, hit ? HIT : MISS)
                .add(HttpHeaders.CACHE_CONTROL, NO_STORE)
                .add(RequestIds.HEADER, requestIds.of(request))
                .add(HttpHeaders.CONTENT_LENGTH, ZERO);
        response.end();
    }

    private void fail(HttpServerRequest request, Throwable failure, long started) {
        metrics.redirect(Metrics.Redirect.FAILED, System.nanoTime() - started);
        String requestId = requestIds.of(request);
        Routes.send(request, requestId, Answer.problem(Problems.of(failure, requestId)));
    }
}
