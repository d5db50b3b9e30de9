package dev.shortwave.http;

import dev.shortwave.bus.BeginImport;
import dev.shortwave.bus.Bus;
import dev.shortwave.bus.CreateUser;
import dev.shortwave.bus.DeleteUser;
import dev.shortwave.bus.FindUser;
import dev.shortwave.bus.ListUsers;
import dev.shortwave.bus.Slice;
import dev.shortwave.bus.UpdateUser;
import dev.shortwave.problem.Problem;
import dev.shortwave.user.User;
import dev.shortwave.user.UserRules;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;

/** {@code /users}. */
final class UserRoutes {

    private static final String USERNAME = "username";
    private static final String EMAIL = "email";

    private final Bus bus;
    private final Uploads uploads;

    UserRoutes(Bus bus, Uploads uploads) {
        this.bus = bus;
        this.uploads = uploads;
    }

    void mount(Routes routes) {
        routes.withoutBody(HttpMethod.POST, "/users/bulk", this::upload);
        routes.get("/users", this::list);
        routes.withBody(HttpMethod.POST, "/users", this::create);
        routes.get("/users/:id", this::find);
        routes.withBody(HttpMethod.PUT, "/users/:id", this::update);
        routes.withBody(HttpMethod.PATCH, "/users/:id", this::update);
        routes.withoutBody(HttpMethod.DELETE, "/users/:id", this::delete);
    }

    private Future<Answer> upload(Call call) {
        return uploads.receive(call.request(), "file", BeginImport.Kind.USERS)
                .map(imported -> Answer.json(
                        201, new JsonObject().put("count", imported.rows()).put("imported", imported.rows())));
    }

    private Future<Answer> list(Call call) {
        Slice slice = Paging.slice(call);
        return bus.ask(new ListUsers(slice)).map(rows -> Paging.answer(call, slice, rows, Resources::user, User::id));
    }

    private Future<Answer> find(Call call) {
        return bus.ask(new FindUser(call.pathId("id", Problem::userNotFound)))
                .map(user -> Answer.json(200, Resources.user(user)));
    }

    private Future<Answer> create(Call call) {
        Fields fields = call.fields();
        String username = UserRules.username(fields.text(USERNAME));
        String email = UserRules.email(fields.text(EMAIL));
        return bus.ask(new CreateUser(username, email))
                .map(user -> Answer.json(201, Resources.user(user)).with(HttpHeaders.LOCATION, "/users/" + user.id()));
    }

    private Future<Answer> update(Call call) {
        long id = call.pathId("id", Problem::userNotFound);
        Fields fields = call.fields();
        if (!fields.has(USERNAME) && !fields.has(EMAIL)) {
            throw Problem.badRequest("the body must have at least one of username, email")
                    .asException();
        }
        String username = fields.has(USERNAME) ? UserRules.username(fields.text(USERNAME)) : null;
        String email = fields.has(EMAIL) ? UserRules.email(fields.text(EMAIL)) : null;
        return bus.ask(new UpdateUser(id, username, email)).map(user -> Answer.json(200, Resources.user(user)));
    }

    private Future<Answer> delete(Call call) {
        return bus.ask(new DeleteUser(call.pathId("id", Problem::userNotFound))).map(deleted -> Answer.noContent());
    }
}
