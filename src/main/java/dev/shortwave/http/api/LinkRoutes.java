package dev.shortwave.http.api;

import dev.shortwave.bus.Bus;
import dev.shortwave.bus.CreateLink;
import dev.shortwave.bus.DeleteLink;
import dev.shortwave.bus.FindLink;
import dev.shortwave.bus.LinkFilter;
import dev.shortwave.bus.ListLinks;
import dev.shortwave.bus.PageRequest;
import dev.shortwave.bus.UpdateLink;
import dev.shortwave.config.Config;
import dev.shortwave.error.Problem;
import dev.shortwave.error.ProblemException;
import dev.shortwave.link.Codes;
import dev.shortwave.link.Destinations;
import dev.shortwave.link.Link;
import dev.shortwave.link.Titles;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code /urls} and {@code /shorten}. */
public final class LinkRoutes {

    private static final String USER_ID = "user_id";
    private static final String TITLE = "title";
    private static final String IS_ACTIVE = "is_active";
    private static final String SHORT_CODE = "short_code";
    private static final String ORIGINAL_URL = "original_url";

    private final Bus bus;
    private final Destinations destinations;
    private final @Nullable URI publicUrl;

    public LinkRoutes(Bus bus, Destinations destinations, Config.Http config) {
        this.bus = bus;
        this.destinations = destinations;
        this.publicUrl = config.publicUrl();
    }

    public void mount(Routes routes) {
        routes.get("/urls", this::list);
        routes.withBody(HttpMethod.POST, "/urls", this::create);
        routes.get("/urls/:id", this::find);
        routes.withBody(HttpMethod.PUT, "/urls/:id", this::update);
        routes.withBody(HttpMethod.PATCH, "/urls/:id", this::update);
        routes.withoutBody(HttpMethod.DELETE, "/urls/:id", this::delete);
        routes.withBody(HttpMethod.POST, "/shorten", this::shorten);
    }

    private Future<ApiResponse> list(ApiRequest call) {
        PageRequest slice = Paging.pageRequest(call);
        LinkFilter filter = new LinkFilter(
                call.queryId(USER_ID), call.queryFlag(IS_ACTIVE), call.query(SHORT_CODE), call.query("q"));
        return bus.request(new ListLinks(filter, slice))
                .map(rows -> Paging.answer(call, slice, rows, JsonViews::link, Link::id));
    }

    private Future<ApiResponse> find(ApiRequest call) {
        return bus.request(new FindLink(call.pathId("id", Problem::linkNotFound)))
                .map(link -> ApiResponse.json(200, JsonViews.link(link)));
    }

    private Future<ApiResponse> create(ApiRequest call) {
        JsonBody fields = call.body();
        long userId = fields.id(USER_ID);
        String destination = destinations.validate(ORIGINAL_URL, fields.uncheckedText(ORIGINAL_URL), call.host());
        return create(
                        new CreateLink(userId, destination, title(fields), code(fields, SHORT_CODE), active(fields)),
                        SHORT_CODE)
                .map(link -> created(link, JsonViews.link(link)));
    }

    private Future<ApiResponse> shorten(ApiRequest call) {
        JsonBody fields = call.body();
        String urlField = firstOf(fields, List.of("url", ORIGINAL_URL, "long_url"));
        String codeField = firstOf(fields, List.of("custom_code", SHORT_CODE));
        String destination = destinations.validate(urlField, fields.uncheckedText(urlField), call.host());
        CreateLink request = new CreateLink(
                fields.optionalId(USER_ID), destination, title(fields), code(fields, codeField), active(fields));
        return create(request, codeField)
                .map(link -> created(link, JsonViews.link(link).put("short_url", shortUrl(call, link))));
    }

    /** Names the field of a code that is taken as the caller named it. */
    private Future<Link> create(CreateLink request, String codeField) {
        return bus.request(request)
                .recover(failure -> Future.failedFuture(
                        failure instanceof ProblemException e
                                        && SHORT_CODE.equals(e.problem().field())
                                ? new Problem(e.problem().kind(), e.problem().detail(), codeField).asException()
                                : failure));
    }

    private Future<ApiResponse> update(ApiRequest call) {
        long id = call.pathId("id", Problem::linkNotFound);
        JsonBody fields = call.body();
        if (!fields.has(TITLE) && !fields.has(IS_ACTIVE) && !fields.has(ORIGINAL_URL)) {
            throw Problem.badRequest("the body must have at least one of title, is_active, original_url")
                    .asException();
        }
        Boolean active = fields.has(IS_ACTIVE) ? fields.flag(IS_ACTIVE) : null;
        String destination = fields.has(ORIGINAL_URL)
                ? destinations.validate(ORIGINAL_URL, fields.uncheckedText(ORIGINAL_URL), call.host())
                : null;
        return bus.request(new UpdateLink(id, fields.has(TITLE), title(fields), active, destination))
                .map(link -> ApiResponse.json(200, JsonViews.link(link)));
    }

    private Future<ApiResponse> delete(ApiRequest call) {
        return bus.request(new DeleteLink(call.pathId("id", Problem::linkNotFound)))
                .map(deleted -> ApiResponse.noContent());
    }

    private static ApiResponse created(Link link, JsonObject json) {
        return ApiResponse.json(201, json).with(HttpHeaders.LOCATION, "/urls/" + link.id());
    }

    private static @Nullable String title(JsonBody fields) {
        String title = fields.optionalText(TITLE);
        return title == null ? null : Titles.checked(title);
    }

    private static boolean active(JsonBody fields) {
        return !fields.has(IS_ACTIVE) || fields.flag(IS_ACTIVE);
    }

    private static @Nullable String code(JsonBody fields, String field) {
        String code = fields.optionalText(field);
        return code == null ? null : Codes.custom(field, code);
    }

    /** The first of the names that the body has; the first of all if it has none, for the words of the problem. */
    private static String firstOf(JsonBody fields, List<String> names) {
        return names.stream().filter(fields::has).findFirst().orElse(names.get(0));
    }

    private String shortUrl(ApiRequest call, Link link) {
        if (publicUrl != null) {
            String base = publicUrl.toString();
            return (base.endsWith("/") ? base : base + "/") + link.code();
        }
        String scheme = call.isSecure() ? "https" : "http";
        String host = call.host();
        return (host == null ? "" : scheme + "://" + host) + "/" + link.code();
    }
}
