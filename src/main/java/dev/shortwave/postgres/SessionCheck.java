package dev.shortwave.postgres;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Transaction;
import java.util.List;

/**
 * Detects a pooler that gives each transaction another session of the server. Two connections acquire sessions, release
 * them, and acquire them again in the other order: a pooler hands out the session that was released last, or first, and
 * either way one of the two rounds exchanges them.
 */
final class SessionCheck {

    private SessionCheck() {}

    /** Whether a connection has another session in a later transaction. */
    static Future<Boolean> isShared(Pool pool) {
        return pool.getConnection()
                .compose(first -> pool.getConnection()
                        .compose(second -> isShared(first, second).eventually(second::close))
                        .eventually(first::close));
    }

    private static Future<Boolean> isShared(SqlConnection first, SqlConnection second) {
        return sessions(first, second, first)
                .compose(before -> sessions(first, second, second)
                        .compose(between -> sessions(first, second, first)
                                .map(after -> !before.equals(between) || !between.equals(after))));
    }

    /**
     * The sessions of both while both are in a transaction.
     *
     * @param firstToEnd whose transaction ends first
     */
    private static Future<List<Integer>> sessions(SqlConnection first, SqlConnection second, SqlConnection firstToEnd) {
        return first.begin()
                .compose(one -> session(first)
                        .compose(a -> second.begin()
                                .compose(two -> session(second)
                                        .compose(b -> (firstToEnd == first ? end(one, two) : end(two, one))
                                                .map(List.of(a, b))))));
    }

    private static Future<Void> end(Transaction earlier, Transaction later) {
        return earlier.commit().compose(ended -> later.commit());
    }

    private static Future<Integer> session(SqlConnection connection) {
        return connection
                .query("SELECT pg_backend_pid()")
                .execute()
                .map(rows -> rows.iterator().next().getInteger(0));
    }
}
