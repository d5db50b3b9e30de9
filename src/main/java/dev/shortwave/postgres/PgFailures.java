package dev.shortwave.postgres;

import dev.shortwave.error.Problem;
import dev.shortwave.error.ProblemException;
import io.vertx.core.Future;
import io.vertx.pgclient.PgException;
import java.time.DateTimeException;
import java.util.Set;
import java.util.function.Supplier;

/** Classifies failures of the PostgreSQL client: the server is unavailable, a race was lost, or the code has a defect. */
public final class PgFailures {

    public static final String UNIQUE_VIOLATION = "23505";
    public static final String FOREIGN_KEY_VIOLATION = "23503";

    private static final int MAX_ATTEMPTS = 4;

    /** Serialization failure and deadlock: the same statement may succeed the next time. */
    private static final Set<String> LOST_RACES = Set.of("40001", "40P01");

    /** Time-out of a statement or a lock; shutdown, crash and start of the server; a standby; no such database. */
    private static final Set<String> UNAVAILABLE =
            Set.of("57014", "55P03", "57P01", "57P02", "57P03", "57P05", "25006", "3D000");

    /** Time-out of a statement or a lock; shutdown, crash and start of the server. */
    private static final Set<String> TRANSIENT = Set.of("57014", "55P03", "57P01", "57P02", "57P03", "57P05");

    private PgFailures() {}

    /** Whether PostgreSQL refuses for the moment, because of another session or its own state. */
    static boolean isTransient(Throwable failure) {
        return failure instanceof PgException e
                && (TRANSIENT.contains(String.valueOf(e.getSqlState()))
                        || LOST_RACES.contains(String.valueOf(e.getSqlState())));
    }

    /** The failure for the API's response: 503 if PostgreSQL is unavailable, else unchanged. */
    public static Throwable asProblem(Throwable failure) {
        return failure instanceof ProblemException || !isUnavailable(failure)
                ? failure
                : Problem.unavailable("the database is not available, try again in a moment")
                        .asException();
    }

    /** Whether the cause lies in the connection or the state of the server, not in the statement. */
    public static boolean isUnavailable(Throwable failure) {
        if (failure instanceof PgException e) {
            String state = String.valueOf(e.getSqlState());
            // 08 connection, 28 log-in, 53 out of resources; 58 and XX: disk and internal errors of the server.
            return UNAVAILABLE.contains(state)
                    || LOST_RACES.contains(state)
                    || state.startsWith("08")
                    || state.startsWith("28")
                    || state.startsWith("53")
                    || state.startsWith("58");
        }
        // All other failures of the client are about the connection, its pool, or time-outs.
        return !(failure instanceof IllegalArgumentException
                || failure instanceof ArithmeticException
                || failure instanceof DateTimeException
                || failure instanceof NullPointerException
                || failure instanceof ClassCastException
                || failure instanceof Error);
    }

    public static boolean isViolation(Throwable failure, String state) {
        return failure instanceof PgException e && state.equals(e.getSqlState());
    }

    /** Retries a statement that lost a race. */
    public static <T> Future<T> retrying(Supplier<Future<T>> statement, Set<String> alsoRetry) {
        return attempt(statement, alsoRetry, 1);
    }

    private static <T> Future<T> attempt(Supplier<Future<T>> statement, Set<String> alsoRetry, int number) {
        return statement.get().recover(failure -> {
            boolean retry = number < MAX_ATTEMPTS
                    && failure instanceof PgException e
                    && (LOST_RACES.contains(String.valueOf(e.getSqlState()))
                            || alsoRetry.contains(String.valueOf(e.getSqlState())));
            return retry ? attempt(statement, alsoRetry, number + 1) : Future.failedFuture(failure);
        });
    }
}
