package dev.shortwave.storage;

import dev.shortwave.bus.CreateUser;
import dev.shortwave.bus.DeleteUser;
import dev.shortwave.bus.FindUser;
import dev.shortwave.bus.ListUsers;
import dev.shortwave.bus.Page;
import dev.shortwave.bus.UpdateUser;
import dev.shortwave.error.Problem;
import dev.shortwave.link.LinkInvalidations;
import dev.shortwave.link.LinkTarget;
import dev.shortwave.postgres.PgFailures;
import dev.shortwave.user.User;
import dev.shortwave.user.UserRules;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Users in PostgreSQL. On the event loop of its verticle. */
final class UserRepository {

    private static final String COLUMNS = "id, username, email, created_at";

    private static final String FIND = "SELECT " + COLUMNS + " FROM users WHERE id = $1::bigint";

    // The lookup sees imported rows, the unique columns decide between two concurrent requests. Case folding happens
    // here,
    // not in the database's locale; the lookup folds ASCII letters only.
    private static final String CREATE = """
            INSERT INTO users (username, email, claimed_username, claimed_email)
            SELECT $1::text, $2::text, $1::text, $3::text
            WHERE NOT EXISTS (SELECT FROM users WHERE username = $1::text)
              AND NOT EXISTS (SELECT FROM users WHERE lower(email COLLATE "C") = lower($2::text COLLATE "C"))
            ON CONFLICT DO NOTHING
            RETURNING\s""" + COLUMNS;

    // A user may keep its own name, even when an imported row repeats it.
    private static final String UPDATE = """
            UPDATE users AS u
            SET username = coalesce($2::text, u.username),
                email = coalesce($3::text, u.email),
                claimed_username = CASE WHEN $2::text <> u.username THEN $2::text ELSE u.claimed_username END,
                claimed_email = CASE WHEN lower($3::text COLLATE "C") <> lower(u.email COLLATE "C") THEN $4::text
                                     ELSE u.claimed_email END
            WHERE id = $1::bigint
              AND ($2::text IS NULL OR $2::text = u.username
                   OR NOT EXISTS (SELECT FROM users WHERE username = $2::text))
              AND ($3::text IS NULL OR lower($3::text COLLATE "C") = lower(u.email COLLATE "C")
                   OR NOT EXISTS (SELECT FROM users WHERE lower(email COLLATE "C") = lower($3::text COLLATE "C")))
            RETURNING\s""" + COLUMNS;

    private static final String TAKEN = """
            SELECT EXISTS (SELECT FROM users WHERE username = $1::text AND id <> $3::bigint),
                   EXISTS (SELECT FROM users WHERE lower(email COLLATE "C") = lower($2::text COLLATE "C") AND id <> $3::bigint)
                   OR EXISTS (SELECT FROM users WHERE claimed_email = $4::text AND id <> $3::bigint)""";

    private static final String DELETE = """
            WITH owner AS (
                SELECT id FROM users WHERE id = $1::bigint FOR UPDATE
            ), deleted_link AS (
                DELETE FROM urls WHERE user_id = (SELECT id FROM owner) RETURNING id, user_id, short_code, version
            ), event AS (
                INSERT INTO events (url_id, user_id, event_type, details)
                SELECT id, user_id, 'deleted', '{"reason": "user_deleted"}' FROM deleted_link ORDER BY id
            ), invalidation AS (
                INSERT INTO link_changes (short_code, version, deleted)
                SELECT short_code, version, true FROM deleted_link WHERE $2::boolean
            ), deleted_user AS (
                DELETE FROM users WHERE id = (SELECT id FROM owner) RETURNING id
            )
            SELECT deleted_link.short_code, deleted_link.version
            FROM deleted_user LEFT JOIN deleted_link ON true""";

    private static final int CREATE_ATTEMPTS = 4;

    private final SqlClient client;
    private final ReplicaReads lists;
    private final LinkInvalidations changes;

    UserRepository(SqlClient client, ReplicaReads lists, LinkInvalidations changes) {
        this.client = client;
        this.lists = lists;
        this.changes = changes;
    }

    Future<Page<User>> list(ListUsers request) {
        return lists.read(reader -> new PageQuery(COLUMNS, "users").run(reader, request.page(), UserRepository::user));
    }

    Future<User> find(FindUser request) {
        return client.preparedQuery(FIND)
                .execute(Tuple.of(request.id()))
                .compose(rows -> rows.size() == 0 ? noUser(request.id()) : Future.succeededFuture(first(rows)));
    }

    Future<User> create(CreateUser request) {
        return create(request, 1);
    }

    private Future<User> create(CreateUser request, int attempt) {
        return client.preparedQuery(CREATE)
                .execute(Tuple.of(request.username(), request.email(), UserRules.emailKey(request.email())))
                .compose(created -> created.size() == 0
                        ? taken(request.username(), request.email(), 0)
                                .compose(problem -> problem != null || attempt == CREATE_ATTEMPTS
                                        ? Future.failedFuture(
                                                (problem == null ? usernameTaken() : problem).asException())
                                        // An import has taken the id; the next one is free.
                                        : create(request, attempt + 1))
                        : Future.succeededFuture(first(created)));
    }

    Future<User> update(UpdateUser request) {
        return client.preparedQuery(UPDATE)
                .execute(Tuple.of(
                        request.id(),
                        request.username(),
                        request.email(),
                        request.email() == null ? null : UserRules.emailKey(request.email())))
                .compose(
                        changed -> changed.size() == 0
                                ? find(new FindUser(request.id()))
                                        .compose(existing -> taken(
                                                request.username() == null ? existing.username() : request.username(),
                                                request.email() == null ? existing.email() : request.email(),
                                                request.id()))
                                        .compose(problem -> Future.failedFuture(
                                                (problem == null ? usernameTaken() : problem).asException()))
                                : Future.succeededFuture(first(changed)),
                        failure -> PgFailures.isViolation(failure, PgFailures.UNIQUE_VIOLATION)
                                ? Future.failedFuture(
                                        (String.valueOf(failure.getMessage()).contains("claimed_email")
                                                        ? emailTaken()
                                                        : usernameTaken())
                                                .asException())
                                : Future.failedFuture(failure));
    }

    Future<Boolean> delete(DeleteUser request) {
        // A link created at the same time violates the foreign key; the next attempt sees it.
        return PgFailures.retrying(
                        () -> client.preparedQuery(DELETE).execute(Tuple.of(request.id(), changes.areShared())),
                        Set.of(PgFailures.FOREIGN_KEY_VIOLATION))
                .compose(deleted -> {
                    if (deleted.size() == 0) {
                        return noUser(request.id());
                    }
                    List<LinkTarget> tombstones = new ArrayList<>();
                    for (Row row : deleted) {
                        if (row.getString(0) != null) {
                            tombstones.add(LinkTarget.unknown(row.getString(0), row.getLong(1)));
                        }
                    }
                    return changes.publish(tombstones).map(true);
                });
    }

    /** The conflict of the names, or null if there is none any more. */
    private Future<@Nullable Problem> taken(String username, String email, long except) {
        return client.preparedQuery(TAKEN)
                .execute(Tuple.of(username, email, except, UserRules.emailKey(email)))
                .map(rows -> {
                    Row row = rows.iterator().next();
                    if (row.getBoolean(0)) {
                        return usernameTaken();
                    }
                    return row.getBoolean(1) ? emailTaken() : null;
                });
    }

    private static Problem usernameTaken() {
        return Problem.conflict(Problem.Kind.USERNAME_TAKEN, "username", "this username is taken");
    }

    private static Problem emailTaken() {
        return Problem.conflict(Problem.Kind.EMAIL_TAKEN, "email", "this email is taken");
    }

    private static <T> Future<T> noUser(long id) {
        return Future.failedFuture(Problem.userNotFound(id).asException());
    }

    private static User first(RowSet<Row> rows) {
        return user(rows.iterator().next());
    }

    private static User user(Row row) {
        return new User(row.getLong(0), row.getString(1), row.getString(2), row.getOffsetDateTime(3));
    }
}
