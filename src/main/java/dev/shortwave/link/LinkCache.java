package dev.shortwave.link;

import io.vertx.core.Future;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Keeps targets by code. Never replaces a newer version by an older one, so fills and writes may race. Called on any
 * event loop; futures complete on the caller's.
 */
public interface LinkCache {

    /** What is known of the code, or null. A cache that can't be reached answers null: it is never an error. */
    Future<@Nullable Target> get(String code);

    /** Keeps the targets that are newer than what is there. Completes when every later {@link #get} sees them. */
    Future<Void> put(List<Target> targets);

    /**
     * Keeps what a reader found, if it is newer than what is there. Unlike a change, which a cache that is away must learn
     * of later, it is forgotten then: by that time it may be old.
     */
    default Future<Void> fill(Target target) {
        return put(List.of(target));
    }

    /** Whether it works: {@code ok}, {@code unavailable}, or {@code disabled} when there is no Redis. */
    String state();

    /** Gives up connections, if there are any. */
    default Future<Void> close() {
        return Future.succeededFuture();
    }
}
