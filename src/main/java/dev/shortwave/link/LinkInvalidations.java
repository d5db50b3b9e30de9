package dev.shortwave.link;

import io.vertx.core.Future;
import java.util.List;

/** Told of every changed link, after the commit and before the answer. Called on any event loop. */
public interface LinkInvalidations {

    /**
     * Whether other JVMs have these links in memory too: then the transaction that changes a link also notes its code in
     * {@code link_changes}, so that the news outlives this process.
     */
    boolean areShared();

    /**
     * Completes on the caller's event loop when no JVM answers an older state of these links any more. Never fails.
     *
     * @param changed the new states
     */
    Future<Void> publish(List<LinkTarget> changed);
}
