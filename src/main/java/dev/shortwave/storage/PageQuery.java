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
 * One part of a list in the order of ids. Reads one row more than asked for, which tells whether there are further ones
 * without counting them.
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

    /** Adds a condition that has no parameter, if it shall hold. */
    PageQuery where(String condition, boolean wanted) {
        if (wanted) {
            sql.append(filtered ? " AND " : " WHERE ").append(condition);
            filtered = true;
        }
        return this;
    }

    <T> Future<Page<T>> run(SqlClient client, PageRequest slice, Function<Row, T> mapper) {
        where(slice.descending() ? "id < ?::bigint" : "id > ?::bigint", slice.after() < 0 ? null : slice.after());
        sql.append(" ORDER BY id").append(slice.descending() ? " DESC" : "");
        parameters.add(slice.limit() + 1L);
        sql.append(" LIMIT $").append(parameters.size()).append("::bigint");
        if (slice.offset() > 0) {
            parameters.add(slice.offset());
            sql.append(" OFFSET $").append(parameters.size()).append("::bigint");
        }
        return client.preparedQuery(sql.toString())
                .execute(Tuple.from(parameters))
                .map(found -> {
                    List<T> rows = new ArrayList<>(found.size());
                    for (Row row : found) {
                        if (rows.size() == slice.limit()) {
                            break;
                        }
                        rows.add(mapper.apply(row));
                    }
                    return new Page<>(rows, found.size() > slice.limit());
                });
    }
}
