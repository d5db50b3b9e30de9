package dev.shortwave.storage;

import dev.shortwave.bus.CreateLink;
import dev.shortwave.bus.DeleteLink;
import dev.shortwave.bus.FindLink;
import dev.shortwave.bus.LinkFilter;
import dev.shortwave.bus.ListLinks;
import dev.shortwave.bus.Page;
import dev.shortwave.bus.ResolveCodes;
import dev.shortwave.bus.UpdateLink;
import dev.shortwave.config.Config;
import dev.shortwave.error.Problem;
import dev.shortwave.link.Codes;
import dev.shortwave.link.Link;
import dev.shortwave.link.LinkInvalidations;
import dev.shortwave.link.LinkTarget;
import dev.shortwave.postgres.PgFailures;
import dev.shortwave.storage.mapping.LinkRow;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Links in PostgreSQL. Each write is one statement with its events in it, and answers only after all JVMs have the new
 * version. On the event loop of its verticle.
 */
public final class LinkRepository {

    /** Position behind the columns of a link. */
    private static final int REASON = 9;

    private static final String FIND = "SELECT " + LinkRow.COLUMNS + " FROM urls WHERE id = $1::bigint";

    private static final String FIND_BY_CODES =
            "SELECT " + LinkRow.COLUMNS + " FROM urls WHERE short_code = ANY($1::text[])";

    // Refusals are decided first, so that a refused link takes no number from a sequence. A deletion retires its
    // code in the same transaction: each snapshot has the code either taken or retired.
    private static final String CREATE = """
            WITH refusal AS (
                SELECT CASE
                    WHEN $1::bigint IS NOT NULL AND NOT EXISTS (SELECT FROM users WHERE id = $1::bigint) THEN 'NO_OWNER'
                    WHEN EXISTS (SELECT FROM urls WHERE short_code = $4::text) THEN 'CODE_TAKEN'
                    WHEN EXISTS (
                        SELECT FROM retired_codes
                        WHERE short_code = $4::text
                          AND (NOT $7::boolean
                               OR (user_id = $1::bigint) IS NOT TRUE
                                  AND (was_generated OR retired_at > now() - $8::bigint * interval '1 millisecond'))
                    ) THEN 'CODE_RETIRED'
                END AS reason
            ), link AS (
                INSERT INTO urls (user_id, original_url, title, short_code, is_active, has_custom_code)
                SELECT $1::bigint, $2::text, $3::text, $4::text, $6::boolean, $7::boolean
                FROM refusal WHERE reason IS NULL
                ON CONFLICT (short_code) DO NOTHING
                RETURNING %1$s
            ), event AS (
                INSERT INTO events (url_id, user_id, event_type, details)
                SELECT id, user_id, 'created', jsonb_build_object('short_code', short_code, 'original_url', original_url)
                FROM link
            ), invalidation AS (
                INSERT INTO link_changes (short_code, version, deleted)
                SELECT short_code, version, false FROM link WHERE $5::boolean
            )
            SELECT %1$s, reason FROM refusal LEFT JOIN link ON true""".formatted(LinkRow.COLUMNS);

    /** Why no link was created. */
    private enum Refusal {
        NO_OWNER,
        CODE_TAKEN,
        CODE_RETIRED
    }

    /** A link, or why there is none. */
    private record Creation(@Nullable Link link, @Nullable Refusal refusal) {}

    private static final String UPDATE = """
            WITH before AS (
                SELECT * FROM urls WHERE id = $1::bigint FOR UPDATE
            ), link AS (
                UPDATE urls
                SET title = CASE WHEN $2::boolean THEN $3::text ELSE urls.title END,
                    is_active = coalesce($4::boolean, urls.is_active),
                    original_url = coalesce($5::text, urls.original_url),
                    updated_at = now(),
                    version = nextval('link_versions')
                FROM before
                WHERE urls.id = before.id
                RETURNING urls.*
            ), event AS (
                INSERT INTO events (url_id, user_id, event_type, details)
                SELECT link.id, link.user_id, 'updated',
                       jsonb_build_object('field', change.field, 'new_value', change.new_value)
                FROM before, link, LATERAL (VALUES
                    (1, 'title', to_jsonb(link.title), link.title IS DISTINCT FROM before.title),
                    (2, 'is_active', to_jsonb(link.is_active), link.is_active <> before.is_active),
                    (3, 'original_url', to_jsonb(link.original_url), link.original_url <> before.original_url)
                ) AS change (position, field, new_value, changed)
                WHERE change.changed
                ORDER BY change.position
            ), invalidation AS (
                INSERT INTO link_changes (short_code, version, deleted)
                SELECT short_code, version, false FROM link WHERE $6::boolean
            )
            SELECT %s FROM link""".formatted(LinkRow.COLUMNS);

    private static final String DELETE = """
            WITH deleted_link AS (
                DELETE FROM urls WHERE id = $1::bigint RETURNING id, user_id, short_code, version
            ), event AS (
                INSERT INTO events (url_id, user_id, event_type, details)
                SELECT id, user_id, 'deleted', '{"reason": "user_requested"}' FROM deleted_link
            ), invalidation AS (
                INSERT INTO link_changes (short_code, version, deleted)
                SELECT short_code, version, true FROM deleted_link WHERE $2::boolean
            )
            SELECT short_code, version FROM deleted_link""";

    private final SqlClient client;
    private final SqlClient lookups;
    private final ReplicaReads lists;
    private final LinkInvalidations changes;
    private final Config.Links config;
    private final Codes codes = new Codes();

    LinkRepository(
            SqlClient client, SqlClient lookups, ReplicaReads lists, LinkInvalidations changes, Config.Links config) {
        this.client = client;
        this.lookups = lookups;
        this.lists = lists;
        this.changes = changes;
        this.config = config;
    }

    Future<Page<Link>> list(ListLinks request) {
        return lists.read(reader -> list(reader, request));
    }

    private static Future<Page<Link>> list(SqlClient reader, ListLinks request) {
        LinkFilter filter = request.filter();
        return new PageQuery(LinkRow.COLUMNS, "urls")
                .where("user_id = ?::bigint", filter.userId())
                .where("is_active = ?::boolean", filter.active())
                .where("short_code = ?::text", filter.code())
                .where(
                        "(title ILIKE ?::text OR original_url ILIKE ?::text OR short_code ILIKE ?::text)",
                        filter.text() == null ? null : containing(filter.text()))
                .run(reader, request.page(), LinkRow::toLink);
    }

    Future<Link> find(FindLink request) {
        return client.preparedQuery(FIND)
                .execute(Tuple.of(request.id()))
                .compose(rows -> rows.size() == 0 ? noLink(request.id()) : Future.succeededFuture(first(rows)));
    }

    Future<Link> create(CreateLink request) {
        Future<Creation> creation =
                request.code() == null ? createWithRandomCode(request, 1) : insert(request, request.code(), true);
        return creation.compose(
                result -> result.link() == null
                        ? Future.failedFuture(problem(request, result.refusal()).asException())
                        : publish(result.link()),
                failure -> PgFailures.isViolation(failure, PgFailures.FOREIGN_KEY_VIOLATION)
                        ? Future.failedFuture(problem(request, Refusal.NO_OWNER).asException())
                        : Future.failedFuture(failure));
    }

    private static Problem problem(CreateLink request, @Nullable Refusal refusal) {
        if (refusal == Refusal.NO_OWNER) {
            return Problem.userNotFound(String.valueOf(request.userId()));
        }
        return Problem.conflict(
                Problem.Kind.CODE_TAKEN,
                "short_code",
                "the code " + request.code()
                        + (refusal == Refusal.CODE_RETIRED
                                ? " was the code of a link that is deleted, and is kept for its owner"
                                : " is taken"));
    }

    /** Inserts without a lookup, which would still race. Crowded codes get one character longer, up to the limit. */
    private Future<Creation> createWithRandomCode(CreateLink request, int attempt) {
        int length = Math.min(Codes.MAX_LENGTH, config.codeLength() + (attempt - 1) / config.maxCodeAttempts());
        return insert(request, codes.next(length), false).compose(creation -> {
            if (creation.link() != null || creation.refusal() == Refusal.NO_OWNER) {
                return Future.succeededFuture(creation);
            }
            return attempt < config.maxCodeAttempts() * 4
                    ? createWithRandomCode(request, attempt + 1)
                    : Future.failedFuture(new IllegalStateException("no free code in " + attempt + " attempts"));
        });
    }

    private Future<Creation> insert(CreateLink request, String code, boolean isCustom) {
        // A unique violation is one of the id, which an import has taken; the next one is free.
        return PgFailures.retrying(
                        () -> client.preparedQuery(CREATE)
                                .execute(Tuple.of(
                                        request.userId(),
                                        request.destination(),
                                        request.title(),
                                        code,
                                        changes.areShared(),
                                        request.active(),
                                        isCustom,
                                        config.retireCodes().toMillis())),
                        Set.of(PgFailures.UNIQUE_VIOLATION))
                .map(rows -> {
                    Row row = rows.iterator().next();
                    if (row.getLong(0) != null) {
                        return new Creation(LinkRow.toLink(row), null);
                    }
                    String reason = row.getString(REASON);
                    // No reason: another request took the code at the same time.
                    return new Creation(null, reason == null ? Refusal.CODE_TAKEN : Refusal.valueOf(reason));
                });
    }

    Future<Link> update(UpdateLink request) {
        return PgFailures.retrying(
                        () -> client.preparedQuery(UPDATE)
                                .execute(Tuple.of(
                                        request.id(),
                                        request.changesTitle(),
                                        request.title(),
                                        request.active(),
                                        request.destination(),
                                        changes.areShared())),
                        Set.of())
                .compose(changed -> changed.size() == 0 ? noLink(request.id()) : publish(first(changed)));
    }

    Future<Boolean> delete(DeleteLink request) {
        return client.preparedQuery(DELETE)
                .execute(Tuple.of(request.id(), changes.areShared()))
                .compose(deleted -> {
                    if (deleted.size() == 0) {
                        return noLink(request.id());
                    }
                    Row row = deleted.iterator().next();
                    return changes.publish(List.of(LinkTarget.unknown(row.getString(0), row.getLong(1))))
                            .map(true);
                });
    }

    Future<List<LinkTarget>> resolve(ResolveCodes request) {
        return lookups.preparedQuery(FIND_BY_CODES)
                .execute(Tuple.of(request.codes().toArray(String[]::new)))
                .map(rows -> {
                    Map<String, LinkTarget> codeToTarget = new HashMap<>();
                    request.codes()
                            .forEach(code -> codeToTarget.put(code, LinkTarget.unknown(code, LinkTarget.NEVER_SEEN)));
                    rows.forEach(row -> {
                        LinkTarget target = LinkRow.toLink(row).target();
                        codeToTarget.put(target.code(), target);
                    });
                    return List.copyOf(codeToTarget.values());
                });
    }

    private Future<Link> publish(Link link) {
        return changes.publish(List.of(link.target())).map(link);
    }

    private static String containing(String text) {
        return "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%";
    }

    private static <T> Future<T> noLink(long id) {
        return Future.failedFuture(Problem.linkNotFound(id).asException());
    }

    private static Link first(RowSet<Row> rows) {
        return LinkRow.toLink(rows.iterator().next());
    }
}
