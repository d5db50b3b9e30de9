package dev.shortwave.storage;

import dev.shortwave.bus.Page;
import dev.shortwave.bus.PageRequest;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One page of a list in the order of ids. Reads one row more than requested, to know whether there are further ones without
 * counting them.
 */
final class PageQuery {

    private final StringBuilder sql;
    private final List<@Nullable Object> parameters = new ArrayList<>();
    private boolean filtered;

    PageQuery(String columns, String table) {
        this.sql = new StringBuilder("SELECT ").append(columns).append(" FROM ").append(table);
    }

    /** Adds a condition with {@code ?} for its one parameter, unless the parameter is null. */
    PageQuery where(String condition, @Nullable Object parameter) {
        if (parameter != null) {
            parameters.add(parameter);
            where(condition.replace("?", "$" + parameters.size()), true);
        }
        return this;
    }

    /** Adds a condition without a parameter, if it applies. */
    PageQuery where(String condition, boolean applies) {
        if (applies) {
            sql.append(filtered ? " AND " : " WHERE ").append(condition);
            filtered = true;
        }
        return this;
    }

    <T> Future<Page<T>> run(SqlClient client, PageRequest page, Function<Row, T> mapper) {
        where(page.descending() ? "id < ?::bigint" : "id > ?::bigint", page.after() < 0 ? null : page.after());
        sql.append(" ORDER BY id").append(page.descending() ? " DESC" : "");
        parameters.add(page.limit() + 1L);
        sql.append(" LIMIT $").append(parameters.size()).append("::bigint");
        if (page.offset() > 0) {
            parameters.add(page.offset());
            sql.append(" OFFSET $").append(parameters.size()).append("::bigint");
        }
        return client.preparedQuery(sql.toString())
                .execute(Tuple.from(parameters))
                .map(result -> {
                    List<T> rows = new ArrayList<>(result.size());
                    for (Row row : result) {
                        if (rows.size() == page.limit()) {
                            break;
                        }
                        rows.add(mapper.apply(row));
                    }
                    return new Page<>(rows, result.size() > page.limit());
                });
    }
}
