package dev.shortwave.http.web;

import dev.shortwave.error.Problem;
import dev.shortwave.http.api.ApiRequest;
import dev.shortwave.http.api.ApiResponse;
import dev.shortwave.http.api.Routes;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.Map;

/** The pages behind the type URIs of problems: what each kind means, for a person or a program. */
public final class ProblemRoutes {

    private static final String PATH = "/problems";

    private final Map<String, ApiResponse> slugToJson = new HashMap<>();
    private final Assets assets;

    public ProblemRoutes(Assets assets) {
        this.assets = assets;
        for (Problem.Kind kind : Problem.Kind.values()) {
            slugToJson.put(kind.slug(), ApiResponse.json(200, json(kind)).with("vary", "accept"));
        }
    }

    public void mount(Routes routes) {
        routes.get(PATH, call -> Future.succeededFuture(list()));
        routes.get(PATH + "/:name", call -> Future.succeededFuture(page(call)));
    }

    private static ApiResponse list() {
        JsonArray kinds = new JsonArray();
        for (Problem.Kind kind : Problem.Kind.values()) {
            kinds.add(json(kind));
        }
        return ApiResponse.json(200, kinds);
    }

    private ApiResponse page(ApiRequest call) {
        String slug = call.pathParameter("name");
        ApiResponse json = slugToJson.get(slug);
        if (json == null) {
            throw Problem.notFound("there is no kind of problem with this name").asException();
        }
        return call.wantsHtml() ? assets.problem(slug) : json;
    }

    private static JsonObject json(Problem.Kind kind) {
        return new JsonObject()
                .put("type", kind.type())
                .put("title", kind.phrase())
                .put("status", kind.status())
                .put("meaning", kind.meaning());
    }
}
