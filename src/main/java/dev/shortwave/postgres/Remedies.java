package dev.shortwave.postgres;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What an operator can do when PostgreSQL refuses something at the start, by SQLSTATE or message. */
public final class Remedies {

    private static final String RIGHTS =
            "Give the user the right (GRANT), make it the owner, or let an owner migrate and set database.migrate-at-start to false.";
    private static final String SCHEMA =
            "The search_path of the user must lead to the schema of the tables first; options in"
                    + " DATABASE_URL and ALTER ROLE … SET search_path change it.";
    private static final String LOCKS =
            "Another session holds a lock for long, or a time-out of this user is short; try again when it has ended.";
    private static final String OWN_DATABASE = "Use a database of Shortwave's own.";
    private static final String VERSION = "PostgreSQL 14 or later is needed, with what it brings.";
    static final String POOLER = "A pooler gives each transaction another session of the server: set"
            + " database.transaction-pooling to true, or pool_mode = session in PgBouncer.";

    private static final Map<String, String> CODE_TO_REMEDY = Map.ofEntries(
            Map.entry("0A000", VERSION),
            Map.entry(
                    "25006",
                    "Connect to the primary, and to one that is not read-only (default_transaction_read_only)."),
            Map.entry("26000", POOLER),
            Map.entry("3F000", SCHEMA),
            Map.entry("42501", RIGHTS),
            Map.entry("42704", VERSION),
            Map.entry("42883", VERSION),
            Map.entry("42P01", SCHEMA),
            Map.entry("42P05", POOLER),
            Map.entry("42P07", OWN_DATABASE),
            Map.entry("53100", "Make room on the server's disk."),
            Map.entry("53300", "Raise max_connections, or lower database.pool-size."),
            Map.entry("55P03", LOCKS),
            Map.entry("57014", LOCKS));

    private Remedies() {}

    /** A sentence, or null if there is no known remedy. */
    public static @Nullable String of(@Nullable String state, String message) {
        if (isUnknownParameter(message)) {
            return "A pooler does not take that parameter: take it out of DATABASE_URL (ALTER ROLE … SET sets it as well), or"
                    + " name it in PgBouncer's ignore_startup_parameters.";
        }
        return state == null ? null : CODE_TO_REMEDY.get(state);
    }

    /** Whether a pooler refuses a startup parameter. */
    public static boolean isUnknownParameter(String message) {
        return message.contains("unsupported startup parameter");
    }
}
