package dev.shortwave.http.api;

import dev.shortwave.bus.BeginImport;
import dev.shortwave.bus.Bus;
import dev.shortwave.bus.CreateUser;
import dev.shortwave.bus.DeleteUser;
import dev.shortwave.bus.FindUser;
import dev.shortwave.bus.ListUsers;
import dev.shortwave.bus.PageRequest;
import dev.shortwave.bus.UpdateUser;
import dev.shortwave.error.Problem;
import dev.shortwave.user.User;
import dev.shortwave.user.UserRules;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;

/** {@code /users}. */
public final class UserRoutes {

    private static final String USERNAME = "username";
    private static final String EMAIL = "email";

    private final Bus bus;
    private final MultipartUploads uploads;

    public UserRoutes(Bus bus, MultipartUploads uploads) {
        this.bus = bus;
        this.uploads = uploads;
    }

    public void mount(Routes routes) {
        routes.withoutBody(HttpMethod.POST, "/users/bulk", this::upload);
        routes.get("/users", this::list);
        routes.withBody(HttpMethod.POST, "/users", this::create);
        routes.get("/users/:id", this::find);
        routes.withBody(HttpMethod.PUT, "/users/:id", this::update);
        routes.withBody(HttpMethod.PATCH, "/users/:id", this::update);
        routes.withoutBody(HttpMethod.DELETE, "/users/:id", this::delete);
    }

    private Future<ApiResponse> upload(ApiRequest call) {
        return uploads.receive(call.request(), "file", BeginImport.Kind.USERS)
                .map(imported -> ApiResponse.json(
                        201, new JsonObject().put("count", imported.rows()).put("imported", imported.rows())));
    }

    private Future<ApiResponse> list(ApiRequest call) {
        PageRequest slice = Paging.pageRequest(call);
        return bus.request(new ListUsers(slice))
                .map(rows -> Paging.answer(call, slice, rows, JsonViews::user, User::id));
    }

    private Future<ApiResponse> find(ApiRequest call) {
        return bus.request(new FindUser(call.pathId("id", Problem::userNotFound)))
                .map(user -> ApiResponse.json(200, JsonViews.user(user)));
    }

    private Future<ApiResponse> create(ApiRequest call) {
        JsonBody fields = call.body();
        String username = UserRules.username(fields.text(USERNAME));
        String email = UserRules.email(fields.text(EMAIL));
        return bus.request(new CreateUser(username, email))
                .map(user ->
                        ApiResponse.json(201, JsonViews.user(user)).with(HttpHeaders.LOCATION, "/users/" + user.id()));
    }

    private Future<ApiResponse> update(ApiRequest call) {
        long id = call.pathId("id", Problem::userNotFound);
        JsonBody fields = call.body();
        if (!fields.has(USERNAME) && !fields.has(EMAIL)) {
            throw Problem.badRequest("the body must have at least one of username, email")
                    .asException();
        }
        String username = fields.has(USERNAME) ? UserRules.username(fields.text(USERNAME)) : null;
        String email = fields.has(EMAIL) ? UserRules.email(fields.text(EMAIL)) : null;
        return bus.request(new UpdateUser(id, username, email))
                .map(user -> ApiResponse.json(200, JsonViews.user(user)));
    }

    private Future<ApiResponse> delete(ApiRequest call) {
        return bus.request(new DeleteUser(call.pathId("id", Problem::userNotFound)))
                .map(deleted -> ApiResponse.noContent());
    }
}
